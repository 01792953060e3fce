#include "state/sqlite/connection.hpp"

#include "base/clock.hpp"
#include "base/redact.hpp"
#include "state/sqlite/handles.hpp"

#include <chrono>
#include <fmt/format.h>
#include <thread>
#include <unordered_map>

namespace freshet {

namespace {

using namespace sqlite;

/// Written into the file's header, so that another program's SQLite file is never taken for a store: "FRSH".
constexpr int64_t kApplicationId = 0x46525348;
/// Both databases then know the tables as freshet_state.x.
constexpr const char* kSchema = "freshet_state";
constexpr const char* kDerived = "delete it: everything in it but history and cost statistics comes back from the lake";

void ClockFunction(sqlite3_context* context, int, sqlite3_value**) {
    sqlite3_result_int64(context, Now());
}

void Bind(sqlite3_stmt* statement, int at, const Value& value) {
    if (const auto* text = std::get_if<std::string>(&value)) {
        sqlite3_bind_text64(statement, at, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
    } else if (const auto* number = std::get_if<double>(&value)) {
        sqlite3_bind_double(statement, at, *number);
    } else if (IsNull(value)) {
        sqlite3_bind_null(statement, at);
    } else {
        sqlite3_bind_int64(statement, at, AsInt(value));
    }
}

Value ReadColumn(sqlite3_stmt* statement, int column) {
    switch (sqlite3_column_type(statement, column)) {
    case SQLITE_NULL:
        return {};
    case SQLITE_INTEGER:
        return static_cast<int64_t>(sqlite3_column_int64(statement, column));
    case SQLITE_FLOAT:
        return sqlite3_column_double(statement, column);
    default: {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        return std::string(text, static_cast<size_t>(sqlite3_column_bytes(statement, column)));
    }
    }
}

class SqliteConnection : public SqlConnection {
public:
    SqliteConnection(std::filesystem::path file, bool create, int lock_timeout_ms);

    bool HasTable(const std::string& name) override {
        return !Execute("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = $1", {name}).empty();
    }
    void PrepareMigration() override { Execute(fmt::format("PRAGMA application_id = {}", kApplicationId), {}); }
    std::string NextTimeSql() const override { return "max(freshet_clock(), high_water + 1)"; }
    /// One transaction writes at a time, and it holds the lock since its beginning.
    std::string TakingFreeRowsSql() const override { return ""; }
    std::string Describe() const override { return "sqlite:" + file_.string(); }

protected:
    Rows Execute(const std::string& sql, const Row& parameters) override;
    void ExecuteMany(const std::string& sql, const Rows& parameters) override {
        for (const Row& row : parameters) {
            Execute(sql, row);
        }
    }
    // IMMEDIATE: a transaction that reads first and then finds another writer ahead of it could not go on.
    void Begin() override { Execute("BEGIN IMMEDIATE", {}); }
    void Commit() override { Execute("COMMIT", {}); }
    void Rollback() noexcept override {
        if (sqlite3_get_autocommit(database_.get()) == 0) {
            sqlite3_exec(database_.get(), "ROLLBACK", nullptr, nullptr, nullptr);
        }
    }
    void Recover() override {}

private:
    void Open(bool create);
    void Configure(int lock_timeout_ms);
    void UseWriteAheadLog(int lock_timeout_ms);
    void RefuseForeignFile();
    sqlite3_stmt* Prepared(const std::string& sql);
    Rows Fetch(sqlite3_stmt* statement);
    [[noreturn]] void Fail(int result);

    std::filesystem::path file_;
    Database database_;
    /// The store's statements are a fixed set, so this stays small.
    std::unordered_map<std::string, Statement> statements_;
};

SqliteConnection::SqliteConnection(std::filesystem::path file, bool create, int lock_timeout_ms)
    : file_(std::move(file)) {
    Open(create);
    Configure(lock_timeout_ms);
    RefuseForeignFile();
    UseWriteAheadLog(lock_timeout_ms);
}

void SqliteConnection::Open(bool create) {
    std::error_code problem;
    if (create && file_.has_parent_path()) {
        // A failure shows when the file is opened.
        std::filesystem::create_directories(file_.parent_path(), problem);
    } else if (!create && !std::filesystem::exists(file_, problem)) {
        throw Error(Code::StoreUnreachable, fmt::format("the state store {} does not exist", Describe()),
                    "commands that write to the lake create it");
    }
    sqlite3* opened = nullptr;
    int result =
        sqlite3_open_v2(file_.c_str(), &opened, SQLITE_OPEN_READWRITE | (create ? SQLITE_OPEN_CREATE : 0), nullptr);
    database_.reset(opened);
    if (result != SQLITE_OK) {
        Fail(result);
    }
}

void SqliteConnection::Configure(int lock_timeout_ms) {
    sqlite3* database = database_.get();
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_timeout(database, lock_timeout_ms);
    sqlite3_db_config(database, SQLITE_DBCONFIG_MAINDBNAME, kSchema);
    sqlite3_create_function(database, "freshet_clock", 0, SQLITE_UTF8, nullptr, ClockFunction, nullptr, nullptr);
    // Losing the last commits in a power cut is allowed, the lake has what counts; a damaged file is not, and WAL
    // prevents that at this level.
    Execute("PRAGMA synchronous = NORMAL", {});
}

void SqliteConnection::RefuseForeignFile() {
    bool ours = AsInt(Execute("PRAGMA application_id", {}).at(0).at(0)) == kApplicationId;
    if (!ours && !Execute("SELECT 1 FROM sqlite_schema LIMIT 1", {}).empty()) {
        throw Error(Code::StoreUnreachable,
                    fmt::format("{} is not a state store but another SQLite database", Describe()),
                    "name a file of its own in `state`");
    }
}

void SqliteConnection::UseWriteAheadLog(int lock_timeout_ms) {
    // SQLite doesn't wait for other processes here, whatever the busy timeout is.
    auto deadline = std::chrono::steady_clock::now() + std::chrono::milliseconds(lock_timeout_ms);
    while (AsText(Execute("PRAGMA journal_mode", {}).at(0).at(0)) != "wal") {
        int result = sqlite3_exec(database_.get(), "PRAGMA journal_mode = WAL", nullptr, nullptr, nullptr);
        if ((result & 0xFF) != SQLITE_BUSY) {
            // Where a file system has no shared memory the file works without it, only slower.
            return;
        }
        if (std::chrono::steady_clock::now() > deadline) {
            Fail(result);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
}

sqlite3_stmt* SqliteConnection::Prepared(const std::string& sql) {
    Statement& statement = statements_[sql];
    if (!statement) {
        sqlite3_stmt* prepared = nullptr;
        int result = sqlite3_prepare_v3(database_.get(), sql.c_str(), static_cast<int>(sql.size()) + 1,
                                        SQLITE_PREPARE_PERSISTENT, &prepared, nullptr);
        if (result != SQLITE_OK) {
            statements_.erase(sql);
            Fail(result);
        }
        statement.reset(prepared);
    }
    return statement.get();
}

Rows SqliteConnection::Execute(const std::string& sql, const Row& parameters) {
    sqlite3_stmt* statement = Prepared(sql);
    for (size_t number = 1; number <= parameters.size(); number++) {
        // To SQLite $1 is a name: its index is that of its first appearance.
        int at = sqlite3_bind_parameter_index(statement, fmt::format("${}", number).c_str());
        Bind(statement, at, parameters[number - 1]);
    }
    // Reset also when reading throws: an open statement would hold its locks.
    struct Reset {
        sqlite3_stmt* statement;
        ~Reset() {
            sqlite3_reset(statement);
            sqlite3_clear_bindings(statement);
        }
    } reset{statement};
    return Fetch(statement);
}

Rows SqliteConnection::Fetch(sqlite3_stmt* statement) {
    Rows rows;
    int result = sqlite3_step(statement);
    for (; result == SQLITE_ROW; result = sqlite3_step(statement)) {
        Row& row = rows.emplace_back();
        for (int column = 0; column < sqlite3_column_count(statement); column++) {
            row.push_back(ReadColumn(statement, column));
        }
    }
    if (result != SQLITE_DONE) {
        Fail(result);
    }
    return rows;
}

void SqliteConnection::Fail(int result) {
    int kind = result & 0xFF;
    if (kind == SQLITE_CORRUPT || kind == SQLITE_NOTADB) {
        throw Error(Code::StoreUnreachable,
                    fmt::format("the state store {} is damaged or not a SQLite file", Describe()), kDerived);
    }
    if (kind == SQLITE_BUSY || kind == SQLITE_LOCKED) {
        throw Error(Code::StoreUnreachable, fmt::format("the state store {} is locked by another process", Describe()),
                    "try again; something else may hold the file open in a transaction");
    }
    std::string cause = database_ ? sqlite3_errmsg(database_.get()) : sqlite3_errstr(result);
    throw Error(Code::StoreUnreachable, fmt::format("the state store {} failed: {}", Describe(), Redact(cause)));
}

} // namespace

std::unique_ptr<SqlConnection> OpenSqlite(const std::filesystem::path& file, bool create, int lock_timeout_ms) {
    return std::make_unique<SqliteConnection>(file, create, lock_timeout_ms);
}

} // namespace freshet
