#include "state/postgres/connection.hpp"

#include "base/redact.hpp"
#include "state/postgres/handles.hpp"
#include "state/postgres/settings.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <sstream>

namespace freshet {

namespace {

using namespace postgres;

constexpr const char* kSchema = "freshet_state";
/// Any constant will do; of all programs in this database only Freshet's migrations should take it: "FRSH".
constexpr int64_t kMigrationLock = 0x46525348;
/// Statements sent before their results are read. More could fill both sides' buffers, and each would wait for the
/// other.
constexpr size_t kPipelined = 256;
/// Types that leave the server as numbers, by their fixed object ids.
constexpr Oid kBool = 16, kInt8 = 20, kInt4 = 23, kFloat8 = 701;

/// Parameters in the form that libpq wants: texts, null pointers for NULL. The server infers the types.
class TextParameters {
public:
    explicit TextParameters(const Row& row) {
        for (const Value& value : row) {
            texts_.push_back(AsText(value));
        }
        for (size_t at = 0; at < row.size(); at++) {
            pointers_.push_back(IsNull(row[at]) ? nullptr : texts_[at].c_str());
        }
    }
    int Count() const { return static_cast<int>(pointers_.size()); }
    const char* const* Pointers() const { return pointers_.data(); }

private:
    std::vector<std::string> texts_;
    std::vector<const char*> pointers_;
};

Value ReadField(const PGresult* result, int row, int column) {
    if (PQgetisnull(result, row, column) != 0) {
        return {};
    }
    std::string text = PQgetvalue(result, row, column);
    switch (PQftype(result, column)) {
    case kBool:
        return text == "t";
    case kInt4:
    case kInt8:
        return static_cast<int64_t>(std::stoll(text));
    case kFloat8:
        return std::stod(text);
    default:
        return text;
    }
}

Rows ReadRows(const PGresult* result) {
    Rows rows;
    for (int row = 0; row < PQntuples(result); row++) {
        Row& values = rows.emplace_back();
        for (int column = 0; column < PQnfields(result); column++) {
            values.push_back(ReadField(result, row, column));
        }
    }
    return rows;
}

bool Succeeded(const PGresult* result) {
    ExecStatusType status = PQresultStatus(result);
    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC;
}

std::string SqlState(const PGresult* result) {
    const char* state = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_SQLSTATE);
    return state == nullptr ? "" : state;
}

/// Deadlock, lost serialization, server shutting down or starting.
bool IsTransient(const std::string& sql_state) {
    static const std::set<std::string> states = {"40001", "40P01", "57P01", "57P02", "57P03"};
    return states.contains(sql_state) || sql_state.starts_with("08");
}

/// libpq's messages have several lines; ours have one.
std::string OneLine(const std::string& text) {
    std::istringstream words(text);
    std::string line;
    for (std::string word; words >> word;) {
        line += (line.empty() ? "" : " ") + word;
    }
    return line;
}

class PostgresConnection : public SqlConnection {
public:
    PostgresConnection(const std::string& address, int lock_timeout_ms)
        : settings_(ParseSettings(address)), lock_timeout_ms_(lock_timeout_ms) {
        Connect();
    }

    bool HasTable(const std::string& name) override {
        return !Query("SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = $1 AND tablename = $2", {kSchema, name})
                    .empty();
    }
    void PrepareMigration() override;
    std::string NextTimeSql() const override {
        return "greatest((extract(epoch from clock_timestamp()) * 1000000)::bigint, high_water + 1)";
    }
    std::string TakingFreeRowsSql() const override { return " FOR UPDATE SKIP LOCKED"; }
    std::string Describe() const override { return postgres::Describe(settings_); }

protected:
    Rows Execute(const std::string& sql, const Row& parameters) override;
    void ExecuteMany(const std::string& sql, const Rows& parameters) override;
    void Begin() override;
    void Commit() override { Command("COMMIT"); }
    void Rollback() noexcept override {
        // One that fails is undone by the server when the connection closes.
        Result ignored(PQexec(connection_.get(), "ROLLBACK"));
    }
    void Recover() override {
        if (PQstatus(connection_.get()) != CONNECTION_OK) {
            Connect();
        }
    }

private:
    void Connect();
    void Command(const std::string& sql);
    void SendBatch(const std::string& sql, const Rows& parameters, size_t begin, size_t end);
    Result ReceiveBatch();
    [[noreturn]] void Fail(const PGresult* result);

    Settings settings_;
    int lock_timeout_ms_;
    Connection connection_;
};

void PostgresConnection::Connect() {
    std::vector<const char*> keywords, values;
    for (const auto& [keyword, value] : settings_) {
        keywords.push_back(keyword.c_str());
        values.push_back(value.c_str());
    }
    keywords.push_back(nullptr);
    values.push_back(nullptr);
    connection_.reset(PQconnectdbParams(keywords.data(), values.data(), 0));
    if (PQstatus(connection_.get()) != CONNECTION_OK) {
        throw Error(Code::StoreUnreachable,
                    fmt::format("the state store {} can't be reached: {}", Describe(),
                                Redact(OneLine(PQerrorMessage(connection_.get())))),
                    "check that the server runs and that host, port, user, password and database in `state` fit");
    }
    PQsetNoticeProcessor(
        connection_.get(), [](void*, const char*) {}, nullptr);
}

void PostgresConnection::PrepareMigration() {
    Query("SELECT pg_advisory_xact_lock($1)", {kMigrationLock});
    // Asked first, since CREATE SCHEMA IF NOT EXISTS needs the right to create one even where it exists.
    if (Query("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = $1", {kSchema}).empty()) {
        Query(fmt::format("CREATE SCHEMA {}", kSchema));
    }
}

void PostgresConnection::Begin() {
    // One message. Losing the last commits in a crash of the server is allowed, the lake has what counts; waiting for
    // its disk at every refresh is not. SET LOCAL, since a pooler may share the session.
    Command(fmt::format("BEGIN; SET LOCAL synchronous_commit = off; SET LOCAL lock_timeout = {}; "
                        "SET LOCAL search_path = {}",
                        lock_timeout_ms_, kSchema));
}

void PostgresConnection::Command(const std::string& sql) {
    Result result(PQexec(connection_.get(), sql.c_str()));
    if (!Succeeded(result.get())) {
        Fail(result.get());
    }
}

Rows PostgresConnection::Execute(const std::string& sql, const Row& parameters) {
    TextParameters texts(parameters);
    Result result(
        PQexecParams(connection_.get(), sql.c_str(), texts.Count(), nullptr, texts.Pointers(), nullptr, nullptr, 0));
    if (!Succeeded(result.get())) {
        Fail(result.get());
    }
    return ReadRows(result.get());
}

void PostgresConnection::ExecuteMany(const std::string& sql, const Rows& parameters) {
    for (size_t begin = 0; begin < parameters.size(); begin += kPipelined) {
        SendBatch(sql, parameters, begin, std::min(parameters.size(), begin + kPipelined));
        Result failure = ReceiveBatch();
        if (failure) {
            Fail(failure.get());
        }
    }
}

void PostgresConnection::SendBatch(const std::string& sql, const Rows& parameters, size_t begin, size_t end) {
    PGconn* connection = connection_.get();
    bool sent = PQenterPipelineMode(connection) == 1 && PQsendPrepare(connection, "", sql.c_str(), 0, nullptr) == 1;
    for (size_t at = begin; sent && at < end; at++) {
        TextParameters texts(parameters[at]);
        sent = PQsendQueryPrepared(connection, "", texts.Count(), texts.Pointers(), nullptr, nullptr, 0) == 1;
    }
    if (!sent || PQpipelineSync(connection) != 1) {
        Fail(nullptr);
    }
}

/// Reads all results of a batch and returns the first that is a failure.
Result PostgresConnection::ReceiveBatch() {
    PGconn* connection = connection_.get();
    Result failure;
    // Each statement's results end with a null pointer; the batch ends with PIPELINE_SYNC.
    for (bool synced = false; !synced && PQstatus(connection) == CONNECTION_OK;) {
        Result result(PQgetResult(connection));
        synced = result && PQresultStatus(result.get()) == PGRES_PIPELINE_SYNC;
        if (result && !failure && !Succeeded(result.get())) {
            failure = std::move(result);
        }
    }
    if (PQstatus(connection) != CONNECTION_OK || PQexitPipelineMode(connection) != 1) {
        Fail(failure.get());
    }
    return failure;
}

void PostgresConnection::Fail(const PGresult* result) {
    std::string sql_state = SqlState(result);
    const char* primary = result == nullptr ? nullptr : PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    std::string cause = OneLine(primary != nullptr ? primary : PQerrorMessage(connection_.get()));
    std::string message = fmt::format("the state store {} failed: {}", Describe(), Redact(cause));
    if (PQstatus(connection_.get()) != CONNECTION_OK || IsTransient(sql_state)) {
        throw TransientFailure(Code::StoreUnreachable, message);
    }
    if (sql_state == "55P03") {
        throw Error(Code::StoreUnreachable, fmt::format("the state store {} is locked by another process", Describe()),
                    "try again");
    }
    throw Error(Code::StoreUnreachable, message);
}

} // namespace

std::unique_ptr<SqlConnection> OpenPostgres(const std::string& address, int lock_timeout_ms) {
    return std::make_unique<PostgresConnection>(address, lock_timeout_ms);
}

} // namespace freshet
