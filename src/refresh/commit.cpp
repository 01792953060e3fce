#include "refresh/commit.hpp"

#include "refresh/compute.hpp"
#include "refresh/failure_point.hpp"
#include "refresh/inputs.hpp"
#include "refresh/lake_state.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

std::string ColumnDefinitions(const std::vector<Column>& columns) {
    std::string list;
    for (const auto& column : columns) {
        list += (list.empty() ? "" : ", ") + QuoteIdentifier(column.name) + " " + column.type;
    }
    return list;
}

/// The generation and the tables are those that the edit was computed from.
void CheckUntouched(Session& session, const Edit& edit, const ChangeLog& log) {
    if (edit.new_state) {
        return;
    }
    if (edit.target_id >= 0 && log.Of(edit.target_id, edit.read_at).Any()) {
        throw Overtaken(edit.table.name.Text() + " was written by another client during the refresh");
    }
    for (const auto& companion : edit.companions) {
        TableName name = CompanionTable(edit.table.id, companion.companion.operator_id);
        auto info = companion.create ? std::nullopt : FindTable(session, name, CurrentSnapshot(session));
        if (info && log.Of(info->id, edit.read_at).Any()) {
            throw Overtaken(name.Text() + " was written by another client during the refresh");
        }
    }
    if (ReadFrontier(session, edit.table.id).generation != edit.before.generation) {
        throw Overtaken(edit.table.name.Text() + " was refreshed by another process");
    }
}

/// Content of an older definition must not follow that of a newer one.
void CheckDefinitions(Session& session, const std::vector<Edit>& edits, const Registry& known) {
    Registry now = ReadRegistry(session); // remembered, unless somebody wrote to it
    for (const auto& edit : edits) {
        const DynamicTable* computed = known.FindById(edit.table.id);
        const DynamicTable* defined = now.FindById(edit.table.id);
        if (computed != nullptr && (defined == nullptr || !SameDefinition(*computed, *defined))) {
            throw StaleSnapshot(edit.table.name.Text() + " was altered or dropped during the refresh");
        }
    }
}

/// Columns that an existing table has in another, narrower type.
void WidenColumns(Session& session, const Edit& edit) {
    auto stored = FindTable(session, edit.table.name, CurrentSnapshot(session));
    for (size_t i = 0; stored && i < edit.columns.size() && i < stored->columns.size(); i++) {
        if (stored->columns[i].type != edit.columns[i].type) {
            session.Query(fmt::format("ALTER TABLE {} ALTER COLUMN {} SET DATA TYPE {}", edit.table.name.Sql(),
                                      QuoteIdentifier(edit.columns[i].name), edit.columns[i].type));
        }
    }
}

void ChangeTarget(Session& session, const Edit& edit) {
    std::string name = edit.table.name.Sql();
    switch (edit.target) {
    case TargetChange::Keep:
        return;
    case TargetChange::Widen:
        return WidenColumns(session, edit);
    case TargetChange::Recreate:
        session.Query("DROP TABLE " + name);
        break;
    case TargetChange::Create:
        break;
    }
    session.Query(fmt::format("CREATE TABLE {} ({})", name, ColumnDefinitions(edit.columns)));
    SetLayout(session, edit.table);
}

void CheckCount(const TableName& table, int64_t done, int64_t wanted, const char* verb) {
    if (done != wanted) {
        throw Error(Code::InvariantBroken,
                    fmt::format("{} of {} rows were {} in {}; nothing was written", done, wanted, verb, table.Text()),
                    "refresh again with FULL; if it persists, please report it");
    }
}

/// Deletes `wanted` of a table's `stored` rows: where these are all, its files end, and no positions need be written.
void DeleteLocated(Session& session, const TableName& table, const std::string& out, const std::string& is_out,
                   int64_t wanted, int64_t stored) {
    std::string located = fmt::format(" AS t USING {} AS o WHERE {}", out, is_out);
    int64_t done = AsInt(session.QueryValue("DELETE FROM " + table.Sql() + (wanted == stored ? "" : located)));
    CheckCount(table, done, wanted, "deleted");
}

void DeleteRows(Session& session, const Edit& edit) {
    if (edit.delete_all && edit.rows.out_count > 0) {
        int64_t done = AsInt(session.QueryValue("DELETE FROM " + edit.table.name.Sql()));
        CheckCount(edit.table.name, done, edit.rows.out_count, "deleted");
    } else if (!edit.delete_all && edit.rows.out_count > 0) {
        DeleteLocated(session, edit.table.name, TempSql(edit.rows.out), edit.rows.is_out, edit.rows.out_count,
                      edit.before.row_count);
    }
    FailurePoint(failure::kAfterDelete);
}

/// Here the definition runs inside the commit, and may fail as it may elsewhere.
int64_t InsertQuery(Session& session, const DynamicTable& table, const std::string& sql) {
    try {
        return AsInt(session.QueryValue(sql));
    } catch (const EngineError& error) {
        if (error.IsConflict()) {
            throw;
        }
        throw EvaluationFailed(table, error);
    }
}

void InsertRows(Session& session, Edit& edit) {
    std::string insert = fmt::format("INSERT INTO {} ({}) ", edit.table.name.Sql(), ColumnList(edit.columns));
    if (!edit.insert_sql.empty()) {
        edit.rows.in_count = InsertQuery(session, edit.table, insert + edit.insert_sql);
    } else if (edit.rows.in_count > 0) {
        int64_t done = AsInt(session.QueryValue(
            fmt::format("{}SELECT {} FROM {}", insert, ColumnList(edit.columns), TempSql(edit.rows.in))));
        CheckCount(edit.table.name, done, edit.rows.in_count, "inserted");
    }
    FailurePoint(failure::kAfterInsert);
}

int64_t StoredRows(const Edit& edit, int operator_id) {
    for (const auto& companion : edit.before.companions) {
        if (companion.operator_id == operator_id) {
            return companion.rows;
        }
    }
    return 0;
}

void WriteCompanion(Session& session, const Edit& edit, CompanionWrite& write) {
    TableName table = CompanionTable(edit.table.id, write.companion.operator_id);
    std::string columns = ColumnList(write.companion.columns);
    if (write.create) {
        session.Query(
            fmt::format("CREATE OR REPLACE TABLE {} ({})", table.Sql(), ColumnDefinitions(write.companion.columns)));
    } else if (write.replace) {
        session.Query("DELETE FROM " + table.Sql());
    } else if (write.out_count > 0) {
        DeleteLocated(session, table, write.out, kSamePlace, write.out_count,
                      StoredRows(edit, write.companion.operator_id));
    }
    if (write.in_count > 0) {
        session.Query(fmt::format("INSERT INTO {} ({}) SELECT {} FROM {}", table.Sql(), columns, columns, write.rows));
    }
}

void DropUnneededCompanions(Session& session, const Edit& edit) {
    for (const auto& known : edit.before.companions) {
        const auto& kept = edit.after.companions;
        if (std::none_of(kept.begin(), kept.end(),
                         [&](const auto& companion) { return companion.table == known.table; })) {
            session.Query("DROP TABLE IF EXISTS " + TableName{kOwnSchema, known.table}.Sql());
        }
    }
}

void WriteState(Session& session, Edit& edit) {
    edit.after.generation = edit.before.generation + 1;
    int64_t kept = edit.target == TargetChange::Keep || edit.target == TargetChange::Widen ? edit.before.row_count : 0;
    edit.after.row_count = edit.delete_all ? edit.rows.in_count : kept + edit.rows.in_count - edit.rows.out_count;
    if (edit.new_state || edit.before.damaged) {
        CreateState(session, edit.table.id, edit.after);
    } else {
        UpdateState(session, edit.table.id, edit.after, edit.before.generation);
    }
    FailurePoint(failure::kAfterState);
}

void WriteEdit(Session& session, Edit& edit) {
    ChangeTarget(session, edit);
    DeleteRows(session, edit);
    InsertRows(session, edit);
    for (auto& companion : edit.companions) {
        WriteCompanion(session, edit, companion);
    }
    DropUnneededCompanions(session, edit);
    WriteState(session, edit);
}

/// What the rules say must be what is stored: if it isn't, they can't be relied upon here.
void WriteChecked(Session& session, Edit& edit) {
    try {
        WriteEdit(session, edit);
    } catch (const EngineError& error) {
        bool may_be_values = edit.rows.LeavesByKey() && error.GetCode() != Code::Interrupted;
        if (error.IsConflict() || !may_be_values) {
            throw;
        }
        throw ByChangeFailed(edit.table.id, error); // not every value of a key bears to filter a scan
    } catch (const Error& error) {
        if (error.GetCode() == Code::InvariantBroken && edit.action == "INCREMENTAL") {
            throw ByChangeFailed(edit.table.id, error);
        }
        throw;
    }
}

/// For audit only: the state rows are the truth, since expiry deletes messages.
void SetMessage(Session& session, const std::vector<Edit>& edits, const std::string& run_id) {
    nlohmann::json tables = nlohmann::json::array();
    std::string names;
    for (const auto& edit : edits) {
        if (edit.Writes()) {
            names += (names.empty() ? "" : ", ") + edit.table.name.Text();
            tables.push_back({{"table", edit.table.name.Text()},
                              {"action", edit.action},
                              {"data_snapshot", edit.after.data_snapshot},
                              {"generation", edit.after.generation}});
        }
    }
    nlohmann::json info = {{"run", run_id}, {"tables", tables}};
    session.Query(fmt::format("CALL {}.set_commit_message('freshet', {}, extra_info => {})", QuoteIdentifier(kLake),
                              QuoteLiteral("refresh " + names), QuoteLiteral(info.dump())));
}

Snapshot FirstRead(const std::vector<Edit>& edits) {
    Snapshot first = edits.front().read_at;
    for (const auto& edit : edits) {
        first = std::min(first, edit.read_at);
    }
    return first;
}

} // namespace

void SetLayout(Session& session, const DynamicTable& table) {
    const auto& options = table.options;
    if (options.partitioned_by && !options.partitioned_by->empty()) {
        session.Query(fmt::format("ALTER TABLE {} SET PARTITIONED BY ({})", table.name.Sql(), *options.partitioned_by));
    }
    if (options.sorted_by && !options.sorted_by->empty()) {
        session.Query(fmt::format("ALTER TABLE {} SET SORTED BY ({})", table.name.Sql(), *options.sorted_by));
    }
}

Snapshot CommitEdits(Session& session, std::vector<Edit>& edits, const std::function<void()>& definition_change,
                     const Registry& known, const std::string& run_id, std::string* writing) {
    std::string unnoted;
    std::string& current = writing != nullptr ? *writing : unnoted;
    current.clear();
    Transaction transaction(session, Transaction::Start::InOpenOne);
    ChangeLog log = ChangeLog::Remembered(session, FirstRead(edits), CurrentSnapshot(session));
    for (const auto& edit : edits) {
        CheckUntouched(session, edit, log);
    }
    CheckDefinitions(session, edits, known);
    for (auto& edit : edits) {
        if (edit.Writes()) {
            current = edit.table.id;
            WriteChecked(session, edit);
        }
    }
    current.clear();
    if (definition_change) {
        definition_change();
    }
    SetMessage(session, edits, run_id);
    FailurePoint(failure::kBeforeCommit);
    if (WouldFillGap(session)) {
        throw Overtaken("snapshots were committed and expired meanwhile");
    }
    transaction.Commit();
    FailurePoint(failure::kAfterCommit);
    // Qualified, so that the engine doesn't look for the function in the lake, which would ask its catalog.
    Snapshot committed = AsInt(
        session.QueryValue(fmt::format("FROM system.main.ducklake_last_committed_snapshot({})", QuoteLiteral(kLake))));
    for (auto& edit : edits) {
        edit.after.committed = committed;
        if (edit.Writes() && !edit.new_state) {
            RememberFrontier(session, edit.table.id, edit.after);
        }
    }
    return committed;
}

} // namespace freshet
