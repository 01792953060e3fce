#pragma once

#include "base/error.hpp"
#include "base/value.hpp"
#include "lake/engine_memory.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace duckdb {
class Connection;
class DuckDB;
class ErrorData;
class QueryResult;
} // namespace duckdb

namespace freshet {

class SpillFolder;

/// What kind of catalog database a lake has.
enum class CatalogKind { DuckDbFile, Sqlite, Postgres };

/// Where a lake is and how its engine is set up. Paths are absolute.
struct LakeOptions {
    CatalogKind kind = CatalogKind::Sqlite;
    std::string catalog;                 ///< file path, or libpq connection string without password
    std::string password;                ///< of a PostgreSQL catalog; SQL shows the connection string, but not this
    std::string data_path;               ///< folder or s3://bucket/prefix/
    int threads = 0;                     ///< 0: DuckDB's default
    std::string memory_limit;            ///< "4GB"; empty: DuckDB's default
    std::string temp_directory;          ///< each instance spills into a folder of its own in it; empty: the system's
    std::vector<std::string> extensions; ///< loaded besides ducklake, json, icu and the catalog's scanner
    std::vector<std::string> setup;      ///< SQL run once after loading extensions (CREATE SECRET, ATTACH ...)
    bool create = false;                 ///< create the lake if it doesn't exist, else LakeMissing
    bool read_only = false;
    bool tell_progress = false; ///< statements can be asked how far they are
};

/// How far a running statement is, as far as the engine can tell.
struct StatementProgress {
    double percent = -1; ///< negative: not known
    int64_t rows = 0;    ///< of `all_rows`, which are those that it will read, about; 0: not known
    int64_t all_rows = 0;
};

/// An engine failure with what upper layers need to decide. Message is redacted. `position` is the byte offset in
/// the statement given to Query(), where DuckDB knows it.
class EngineError : public Error {
public:
    EngineError(Code code, std::string type, std::string message, std::optional<size_t> position,
                std::string shown = "");

    /// DuckDB's exception class: "Binder", "Catalog", "Parser", "Transaction Context", "Conversion" ...
    const std::string& Type() const { return type_; }
    std::optional<size_t> Position() const { return position_; }
    /// The part of the statement with a caret below it that DuckDB appends to messages; empty where it doesn't.
    const std::string& Shown() const { return shown_; }
    /// Lost a race: transaction conflict, collision of snapshot ids, locked SQLite file. Roll back and redo.
    bool IsConflict() const;

private:
    std::string type_;
    std::optional<size_t> position_;
    std::string shown_;
};

/// A DuckDB instance with the lake attached, and what is remembered about the lake in it.
struct EngineInstance {
    std::shared_ptr<SpillFolder> spill; ///< outlives the database
    std::shared_ptr<duckdb::DuckDB> database;
    std::shared_ptr<EngineMemory> memory;
};

/// One connection to the engine with the lake attached as `lake` and current. Not thread-safe; Interrupt() and
/// Progress() may come from any thread.
class Session {
public:
    /// Gives an instance that is another one than `old`.
    using NextInstance = std::function<EngineInstance(const EngineInstance& old)>;

    Session(EngineInstance instance, CatalogKind kind, bool tell_progress, NextInstance next);
    ~Session();
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    /// Runs one or more statements and returns the last one's rows. Throws EngineError.
    Table Query(const std::string& sql);
    /// Query() whose single value is wanted; NULL if no row.
    Value QueryValue(const std::string& sql);
    /// A value from a connection of its own in the same instance, which sees what others have committed since this
    /// session's transaction began. Not for what is in the lake itself: in the databases beside it. Throws EngineError.
    Value QueryValueAside(const std::string& sql);
    /// The next statement reads about so many rows, which its plan can't tell (of a change feed it tells those of the
    /// whole table): threads slow down what reads few.
    void Expect(int64_t rows);

    bool InTransaction() const;
    /// Tells transactions of the engine apart; only in one.
    uint64_t TransactionId() const;
    void Begin();
    void Commit();
    /// Never throws; does nothing outside a transaction.
    void Rollback() noexcept;
    /// How many transactions were rolled back by now: what they made in TEMP is gone.
    int64_t RolledBack() const { return rolled_back_; }
    void Interrupt();
    /// Of the statement that runs, or ran last. Needs LakeOptions::tell_progress.
    StatementProgress Progress() const;
    /// Rolls back and goes on in another instance, which knows nothing of what this one remembers of the lake's
    /// catalog: what was made in TEMP and set is gone, as is all that Memory() gave. Throws as Engine::Open() does.
    void Renew();
    /// Not of a DuckDB file, which one instance may have open.
    bool CanRenew() const { return kind_ != CatalogKind::DuckDbFile; }

    /// For work outside a transaction that looks something up in the lake's catalog. DuckLake 1.5.5 frees the schema
    /// that a transaction goes on using where two sessions load one at once (docs/explanation/ducklake.md): one at a
    /// time does; transactions load theirs as they begin.
    std::unique_lock<std::recursive_mutex> LoadsSchemaAlone();

    /// Has DuckLake remember the lake's catalog of the schema version that this snapshot has.
    void LoadSchemaAt(int64_t snapshot);

    /// From now on, in the whole instance, scans are not filtered by the keys of a join. DuckDB 1.5 carries such
    /// filters down below LIMIT and DISTINCT ON, where they change which rows are chosen (its issue 22924); queries
    /// that hold one of these inside run without.
    void AvoidJoinFilters();
    bool AvoidsJoinFilters();

    /// Did any statement fail? TEMP tables and settings may not be what is thought.
    bool Failed() const { return failed_; }
    /// Has an internal error ended the engine's instance? Nothing runs here any more.
    bool IsOver() const;
    /// The settings that were last applied here, as text: they need not be applied again.
    std::string& AppliedSettings() { return applied_settings_; }
    /// What a transaction found out that holds until its end; of one that is over it means nothing.
    struct Pinned {
        uint64_t transaction = 0;
        int64_t snapshot = 0;
    };
    std::optional<Pinned>& PinnedSnapshot() { return pinned_; }
    CatalogKind Kind() const { return kind_; }
    /// The engine's memory of that type.
    template <class Part>
    Part& Memory() {
        return instance_.memory->Get<Part>();
    }
    /// For lake/ and bind/ only.
    duckdb::Connection& Raw() { return *connection_; }

private:
    std::unique_ptr<duckdb::Connection> Connect(const EngineInstance& instance) const;
    void EndTransaction() noexcept;

    EngineInstance instance_;             ///< outlives the connection, which uses it
    mutable std::mutex connection_mutex_; ///< against Renew() while another thread interrupts
    std::unique_ptr<duckdb::Connection> connection_;
    CatalogKind kind_;
    bool tell_progress_;
    NextInstance next_;
    std::string applied_settings_;
    std::optional<Pinned> pinned_;
    int64_t rolled_back_ = 0;
    bool failed_ = false;
};

/// BEGIN at construction, ROLLBACK at destruction unless Commit() was called.
class Transaction {
public:
    enum class Start { Anew, InOpenOne }; ///< InOpenOne: goes on in the session's transaction, where one is open
    explicit Transaction(Session& session, Start start = Start::Anew) : session_(session) {
        if (start == Start::Anew || !session_.InTransaction()) {
            session_.Begin();
        }
    }
    ~Transaction() { session_.Rollback(); }
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;
    void Commit() { session_.Commit(); }

private:
    Session& session_;
};

/// Bytes that queries and their results hold in the whole engine just now, caches that can be given up left out; and
/// how many they may.
struct MemoryUse {
    int64_t used = 0;
    int64_t limit = 0;
};

/// One in-memory DuckDB instance with the extensions loaded and the lake attached as `lake`.
/// Sessions have TimeZone UTC; optimizers that give wrong answers are off for the whole instance (kAvoidedOptimizers);
/// inlining is off (DATA_INLINING_ROW_LIMIT 0). Thread-safe.
class Engine {
public:
    /// Throws Error: LakeMissing, LakeUnreachable, LakeReadOnly, EngineMismatch.
    static std::unique_ptr<Engine> Open(const LakeOptions& options);
    ~Engine();

    /// Where an internal error has invalidated the instance, in which DuckDB then runs no statement any more, a new one
    /// takes its place; sessions of the old one go on failing. Throws as Open() does.
    std::unique_ptr<Session> NewSession();
    /// Of the instance in which new sessions run. Thread-safe.
    MemoryUse ReadMemoryUse();
    CatalogKind Kind() const { return options_.kind; }
    const LakeOptions& Options() const { return options_; }

    /// Version of libduckdb and of the ducklake extension, for `version` and `doctor`.
    static std::string LibraryVersion();

private:
    explicit Engine(LakeOptions options);
    void Launch();
    void Attach(duckdb::Connection& connection);
    EngineInstance Next(const EngineInstance& old);

    LakeOptions options_;
    std::mutex mutex_;
    EngineInstance instance_;
};

/// Turns an engine's error into ours: redacted, without the class prefix, coded where the message is known.
EngineError TranslateError(const duckdb::ErrorData& error);

} // namespace freshet
