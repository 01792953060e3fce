#include "service/sql_session.hpp"

#include "base/caseless.hpp"
#include "bind/definition.hpp"
#include "bind/session_scope.hpp"
#include "bind/write_targets.hpp"
#include "lake/inlined_schemas.hpp"
#include "refresh/settings.hpp"
#include "refresh/undisturbed.hpp"
#include "service/statements.hpp"
#include "service/write_guard.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <thread>

namespace freshet {

StatementResult LakeSqlSession::Execute(const Excerpt& statement, const Source& source) {
    auto ours = ParseStatement(statement, source);
    if (!ours) {
        return RunInEngine(statement, source);
    }
    if (session_->InTransaction()) {
        Error error(Code::InTransaction, "statements on dynamic tables can't run inside BEGIN ... COMMIT",
                    "they commit by themselves: COMMIT or ROLLBACK first");
        throw error.At(source.At(statement.offset, std::min<size_t>(statement.text.size(), 6)));
    }
    return RunStatement(operations_, *session_, *ours, source);
}

StatementResult LakeSqlSession::RunInEngine(const Excerpt& statement, const Source& source) {
    if (!IsTransactionStatement(statement)) {
        RefuseWrites(operations_, *session_, statement, source);
        relations_.Prepare(statement.text);
    }
    try {
        Table table = QueryPatiently(ForSessionAlone(statement, SettingNames()));
        return {std::move(table.columns), std::move(table.rows), {}};
    } catch (const EngineError& error) {
        if (NeedsRenewal(*session_, error)) {
            throw Error(error.GetCode(), error.Message(),
                        session_->IsOver() ? "an internal error has ended this session: begin a new one"
                                           : "rows that lie in the catalog can't be read, as where another client has "
                                             "moved them since: begin a new session");
        }
        relations_.CheckUnknown(error, statement, source);
        throw TranslateBindError(*session_, error, statement, source);
    }
}

namespace {

/// May DuckLake forget versions of the schema by it, or load other ones?
bool IsMaintenance(const std::string& sql) {
    std::string lower = Lower(sql);
    const auto words = {"expire_snapshots",   "flush_inlined_data", "merge_adjacent_files",
                        "rewrite_data_files", "checkpoint",         "execute"};
    return std::any_of(words.begin(), words.end(),
                       [&](const char* word) { return lower.find(word) != std::string::npos; });
}

} // namespace

/// For refreshes to come in this process. What hinders it is no fault of the user's statement.
void LakeSqlSession::LoadSchemas() {
    try {
        LoadInlinedSchemas(*session_);
    } catch (const EngineError& error) {
        if (error.GetCode() == Code::Interrupted) {
            throw;
        }
    }
}

/// A locked catalog is nothing that a user should have to handle; a statement outside a transaction can be redone.
Table LakeSqlSession::QueryPatiently(const std::string& sql) {
    constexpr int kAttempts = 50;
    for (int attempt = 1;; attempt++) {
        bool alone = !session_->InTransaction();
        try {
            if (alone) {
                LoadSchemas();
            }
            Table table = session_->Query(sql);
            if (IsMaintenance(sql)) {
                DoubtInlinedSchemas(*session_);
            }
            return table;
        } catch (const EngineError& error) {
            bool locked = error.Message().find("database is locked") != std::string::npos;
            if (!alone || !locked || attempt == kAttempts) {
                throw;
            }
            session_->Rollback();
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(std::min(5 * attempt, 100)));
    }
}

} // namespace freshet
