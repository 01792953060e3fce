#include "lake/session.hpp"

#include "base/identifier.hpp"
#include "base/redact.hpp"
#include "base/unquoted.hpp"
#include "lake/avoided_optimizers.hpp"
#include "lake/engine_functions.hpp"
#include "lake/query_threads.hpp"

#include <atomic>
#include <chrono>
#include <duckdb.hpp>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/entry_lookup_info.hpp>
#include <duckdb/main/valid_checker.hpp>
#include <duckdb/planner/tableref/bound_at_clause.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <thread>

namespace freshet {

namespace {

Value ToValue(const duckdb::Value& value) {
    if (value.IsNull()) {
        return std::monostate{};
    }
    switch (value.type().id()) {
    case duckdb::LogicalTypeId::BOOLEAN:
        return value.GetValue<bool>();
    case duckdb::LogicalTypeId::TINYINT:
    case duckdb::LogicalTypeId::SMALLINT:
    case duckdb::LogicalTypeId::INTEGER:
    case duckdb::LogicalTypeId::BIGINT:
        return value.GetValue<int64_t>();
    case duckdb::LogicalTypeId::UTINYINT:
    case duckdb::LogicalTypeId::USMALLINT:
    case duckdb::LogicalTypeId::UINTEGER:
    case duckdb::LogicalTypeId::UBIGINT:
        return value.GetValue<uint64_t>();
    case duckdb::LogicalTypeId::FLOAT:
    case duckdb::LogicalTypeId::DOUBLE: {
        double number = value.GetValue<double>();
        return std::isfinite(number) ? Value(number) : Value(value.ToString());
    }
    default:
        return value.ToString();
    }
}

/// None for a statement without a result, where DuckDB names a column all the same.
std::vector<Column> ColumnsOf(const duckdb::QueryResult& result) {
    std::vector<Column> columns;
    if (result.properties.return_type == duckdb::StatementReturnType::NOTHING) {
        return columns;
    }
    for (size_t i = 0; i < result.names.size(); i++) {
        columns.push_back({result.names[i], result.types[i].ToString()});
    }
    return columns;
}

void ForEachRow(duckdb::QueryResult& result, const std::function<void(std::vector<Value>)>& on_row) {
    while (auto chunk = result.Fetch()) {
        for (duckdb::idx_t row = 0; row < chunk->size(); row++) {
            std::vector<Value> values;
            values.reserve(chunk->ColumnCount());
            for (duckdb::idx_t column = 0; column < chunk->ColumnCount(); column++) {
                values.push_back(ToValue(chunk->GetValue(column, row)));
            }
            on_row(std::move(values));
        }
    }
}

bool Contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

/// How SQLite, PostgreSQL and DuckDB say that their database can't be written.
bool IsReadOnly(const std::string& message) {
    for (const char* part : {"attempt to write a readonly database", "in a read-only transaction",
                             "which is attached in read-only mode"}) {
        if (Contains(message, part)) {
            return true;
        }
    }
    return false;
}

/// DuckLake passes on what interrupted its own queries as text.
bool IsInterrupt(const duckdb::ErrorData& error) {
    return error.Type() == duckdb::ExceptionType::INTERRUPT || Contains(error.RawMessage(), "INTERRUPT Error");
}

Code CodeFor(const duckdb::ErrorData& error) {
    if (IsReadOnly(error.RawMessage())) {
        return Code::LakeReadOnly;
    }
    if (IsInterrupt(error)) {
        return Code::Interrupted;
    }
    switch (error.Type()) {
    case duckdb::ExceptionType::PARSER:
    case duckdb::ExceptionType::SYNTAX:
        return Code::Syntax;
    case duckdb::ExceptionType::BINDER:
    case duckdb::ExceptionType::CATALOG:
        return Code::Binding;
    default:
        return Code::QueryFailed;
    }
}

duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>> Parse(duckdb::Connection& connection, const std::string& sql) {
    try {
        return connection.ExtractStatements(sql);
    } catch (const std::exception& error) {
        throw TranslateError(duckdb::ErrorData(error));
    }
}

void Check(duckdb::BaseQueryResult& result) {
    if (result.HasError()) {
        throw TranslateError(result.GetErrorObject());
    }
}

struct SchemaLoads {
    std::recursive_mutex mutex; ///< of the whole instance; a statement may run others while it is bound
};

/// To the end. DuckDB's own loop sleeps for 20 ms when this thread has nothing to do while another one still works,
/// which is longer than most of our statements take.
duckdb::unique_ptr<duckdb::QueryResult> Execute(duckdb::PendingQueryResult& pending) {
    using State = duckdb::PendingExecutionResult;
    State state = State::RESULT_NOT_READY;
    while (!pending.HasError() && !duckdb::PendingQueryResult::IsResultReady(state)) {
        state = pending.ExecuteTask();
        if (state == State::BLOCKED || state == State::NO_TASKS_AVAILABLE) {
            std::this_thread::sleep_for(std::chrono::microseconds(50));
        }
    }
    Check(pending);
    return pending.Execute();
}

/// Of the transaction that has begun, where no snapshot is given: its later statements find the schema in DuckLake's
/// cache.
void LoadSchema(Session& session, std::optional<int64_t> snapshot) {
    std::lock_guard lock(session.Memory<SchemaLoads>().mutex);
    auto& context = *session.Raw().context;
    try {
        context.RunFunctionInTransaction([&] {
            std::string main = "main";
            duckdb::BoundAtClause at("version", duckdb::Value::BIGINT(snapshot.value_or(0)));
            duckdb::EntryLookupInfo schema(duckdb::CatalogType::SCHEMA_ENTRY, main, snapshot ? &at : nullptr,
                                           duckdb::QueryErrorContext());
            if (auto lake = duckdb::Catalog::GetCatalogEntry(context, kLake)) {
                lake->GetSchema(context, schema, duckdb::OnEntryNotFound::RETURN_NULL);
            }
        });
    } catch (const std::exception& problem) {
        throw TranslateError(duckdb::ErrorData(problem));
    }
}

duckdb::unique_ptr<duckdb::PendingQueryResult> Bind(Session& session,
                                                    duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    auto alone = session.LoadsSchemaAlone();
    return session.Raw().PendingQuery(std::move(statement));
}

duckdb::unique_ptr<duckdb::QueryResult> Run(Session& session, duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    bool outside = !session.InTransaction();
    auto result = Execute(*Bind(session, std::move(statement)));
    Check(*result);
    if (outside && session.InTransaction()) {
        try {
            LoadSchema(session, std::nullopt);
        } catch (...) {
            session.Rollback();
            throw;
        }
    }
    return result;
}

} // namespace

EngineError::EngineError(Code code, std::string type, std::string message, std::optional<size_t> position,
                         std::string shown)
    : Error(code, std::move(message)), type_(std::move(type)), position_(position), shown_(std::move(shown)) {}

bool EngineError::IsConflict() const {
    std::string text = Unquoted(Message());
    return Contains(text, "onflict") || Contains(text, "database is locked") ||
           Contains(text, "Exceeded the maximum retry count") || Contains(text, "could not serialize") ||
           Contains(text, "deadlock detected");
}

EngineError TranslateError(const duckdb::ErrorData& error) {
    std::optional<size_t> position;
    auto info = error.ExtraInfo().find("position");
    if (info != error.ExtraInfo().end()) {
        position = std::stoull(info->second);
    }
    std::string message = IsInterrupt(error) ? "interrupted; nothing was written" : error.RawMessage();
    // DuckDB appends "LINE 1: ..." with a caret of its own; ours shows the user's text instead.
    std::string shown;
    size_t line = message.find("\n\nLINE ");
    if (line != std::string::npos) {
        shown = message.substr(line);
        message.resize(line);
    }
    return {CodeFor(error), duckdb::Exception::ExceptionTypeToString(error.Type()), Redact(message), position,
            std::move(shown)};
}

Session::Session(EngineInstance instance, CatalogKind kind, bool tell_progress, NextInstance next)
    : instance_(std::move(instance)), kind_(kind), tell_progress_(tell_progress), next_(std::move(next)) {
    connection_ = Connect(instance_);
}

std::unique_ptr<duckdb::Connection> Session::Connect(const EngineInstance& instance) const {
    auto connection = std::make_unique<duckdb::Connection>(*instance.database);
    instance.memory->Get<QueryThreads>().Serve(*connection->context);
    if (tell_progress_) {
        auto& config = connection->context->config;
        config.enable_progress_bar = true; // without it nothing is measured
        config.print_progress_bar = false;
        config.wait_time = 0;
    }
    Check(*connection->Query("SET TimeZone = 'UTC'"));
    Check(*connection->Query(fmt::format("USE {}", kLake)));
    return connection;
}

/// DuckDB's own destructor lets an exception out, which ends the process, where an internal error has invalidated the
/// database while a transaction was open. ROLLBACK as a statement is refused then.
void Session::EndTransaction() noexcept {
    try {
        auto& transaction = connection_->context->transaction;
        if (transaction.HasActiveTransaction()) {
            transaction.Rollback(nullptr);
        }
    } catch (...) { // what can't be rolled back goes with the database
    }
}

Session::~Session() {
    EndTransaction();
}

void Session::Renew() {
    EngineInstance next = next_(instance_);
    auto connection = Connect(next);
    EndTransaction();
    {
        std::lock_guard lock(connection_mutex_);
        connection_.swap(connection);
    }
    connection.reset(); // before its instance
    instance_ = std::move(next);
    rolled_back_++;
    applied_settings_.clear();
    pinned_.reset();
}

void Session::Expect(int64_t rows) {
    QueryThreads::Expect(*connection_->context, rows);
}

Table Session::Query(const std::string& sql) try {
    Table table;
    for (auto& statement : Parse(*connection_, sql)) {
        auto result = Run(*this, std::move(statement));
        table = {ColumnsOf(*result), {}};
        ForEachRow(*result, [&](std::vector<Value> row) { table.rows.push_back(std::move(row)); });
    }
    return table;
} catch (const EngineError&) {
    failed_ = true;
    throw;
}

Value Session::QueryValue(const std::string& sql) {
    Table table = Query(sql);
    return table.rows.empty() || table.rows[0].empty() ? Value{} : table.rows[0][0];
}

std::unique_lock<std::recursive_mutex> Session::LoadsSchemaAlone() {
    std::unique_lock lock(Memory<SchemaLoads>().mutex, std::defer_lock);
    if (!InTransaction()) {
        lock.lock();
    }
    return lock;
}

Value Session::QueryValueAside(const std::string& sql) {
    duckdb::Connection aside(*instance_.database);
    auto result = aside.Query(sql);
    Check(*result);
    Value value;
    ForEachRow(*result, [&](const std::vector<Value>& row) { value = row.at(0); });
    return value;
}

void Session::LoadSchemaAt(int64_t snapshot) {
    LoadSchema(*this, snapshot);
}

bool Session::IsOver() const {
    return duckdb::ValidChecker::IsInvalidated(*connection_->context->db);
}

bool Session::InTransaction() const {
    return !connection_->IsAutoCommit();
}

uint64_t Session::TransactionId() const {
    return connection_->context->ActiveTransaction().global_transaction_id;
}

void Session::Begin() {
    Query("BEGIN");
}

void Session::Commit() {
    try {
        Query("COMMIT");
    } catch (...) { // the engine has left the transaction
        rolled_back_++;
        throw;
    }
}

void Session::Rollback() noexcept {
    try {
        if (InTransaction()) {
            rolled_back_++;
            connection_->Query("ROLLBACK");
        }
    } catch (...) { // a connection that can't roll back is discarded by its owner
    }
}

namespace {

/// Part of EngineMemory.
struct JoinFilters {
    std::atomic<bool> avoided = false;
};

} // namespace

bool Session::AvoidsJoinFilters() {
    return Memory<JoinFilters>().avoided;
}

void Session::AvoidJoinFilters() {
    auto& filters = Memory<JoinFilters>();
    if (!filters.avoided) {
        Query(fmt::format("SET GLOBAL disabled_optimizers = '{}'", kAvoidedBelowCuts));
        filters.avoided = true;
    }
}

void Session::Interrupt() {
    std::lock_guard lock(connection_mutex_);
    connection_->Interrupt();
}

StatementProgress Session::Progress() const {
    std::lock_guard lock(connection_mutex_);
    auto progress = connection_->context->GetQueryProgress();
    return {progress.GetPercentage(), static_cast<int64_t>(progress.GetRowsProcesseed()),
            static_cast<int64_t>(progress.GetTotalRowsToProcess())};
}

} // namespace freshet
