#pragma once

#include "base/clock.hpp"
#include "base/identifier.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// "No snapshot": the table was never filled, or nothing was committed.
inline constexpr int64_t kNoSnapshot = -1;

enum class Suspension {
    None,
    ByUser,     ///< SUSPEND named this table; only RESUME on it ends that
    ByCascade,  ///< a table that it reads was suspended; RESUME there ends it
    ByFailures, ///< its scheduled refreshes failed too often in a row; RESUME ends that
};

/// How far a dynamic table has come, as this store knows it. A copy for lists, lag and cost: the frontier in the lake
/// decides.
struct Progress {
    int64_t data_snapshot = kNoSnapshot;
    Timestamp data_timestamp = 0;          ///< 0: never filled. The store never lets it go back
    int64_t unchanged_until = kNoSnapshot; ///< highest lake version known to hold no change for it, a hint
    std::string last_action;               ///< NO_DATA, INCREMENTAL ...; empty: never refreshed, or the last one failed
    std::string last_error;                ///< of the last refresh; empty: it succeeded

    bool operator==(const Progress&) const = default;
};

/// A dynamic table: what `__freshet` in the lake says of it, and its progress.
struct StoredTable {
    std::string id; ///< stable: survives RENAME, SWAP and ALTER ... AS
    TableName name;
    std::string definition;     ///< the query behind AS, byte for byte
    std::string options = "{}"; ///< JSON
    std::string search_path;    ///< in which unqualified names of the definition are looked up
    Suspension suspended = Suspension::None;
    int64_t definition_version = 1; ///< raised by every DDL on the table: the store ignores an older one
    Timestamp created_at = 0;
    std::string mode; ///< INCREMENTAL or FULL: what the definition allows
    std::string mode_reason;
    Progress progress;

    bool operator==(const StoredTable&) const = default;
};

/// One table or view that a dynamic table reads.
struct Dependency {
    std::string table_id;
    TableName input;
    std::string input_id; ///< id of the input if it is a dynamic table, else empty

    bool operator==(const Dependency&) const = default;
};

enum class Trigger { Manual, Create, Scheduled };

enum class RefreshStatus {
    Succeeded,
    Failed,
    Skipped,        ///< not tried: suspended, or overtaken by another refresh
    UpstreamFailed, ///< not tried: a table that it reads failed
};

/// The words kept in the store and shown to people: BY_CASCADE, MANUAL, UPSTREAM_FAILED ...
std::string Text(Suspension suspension);
std::string Text(Trigger trigger);
std::string Text(RefreshStatus status);

/// One refresh, or one that was not tried and why: a line of the history.
struct RefreshRecord {
    std::string refresh_id; ///< unique over all time: recording it twice keeps one
    std::string run_id;     ///< common to the refreshes of one command or pass
    std::string table_id;
    TableName table; ///< its name at that time
    Timestamp started_at = 0;
    Timestamp finished_at = 0;
    Trigger trigger = Trigger::Manual;
    std::string action; ///< empty where nothing was done
    std::string strategy;
    std::string reason;
    RefreshStatus status = RefreshStatus::Succeeded;
    int64_t rows_inserted = 0;
    int64_t rows_deleted = 0;
    double duration_ms = 0;
    int64_t data_snapshot = kNoSnapshot;
    int64_t commit_snapshot = kNoSnapshot; ///< none for NO_DATA
    std::optional<double> estimated_cost;  ///< in the unit of the cost model
    std::optional<double> measured_cost;
    std::string candidates = "[]"; ///< JSON: every way considered, its cost, why it was or wasn't taken
    std::string error_code;        ///< FRS-4001
    std::string error_message;

    bool operator==(const RefreshRecord&) const = default;
};

/// A finished refresh and what it makes of the table's progress (nothing where that stays).
struct RefreshOutcome {
    RefreshRecord record;
    std::optional<Progress> progress;
};

/// Which part of the history is wanted: all conditions given must hold.
struct HistoryQuery {
    std::optional<std::string> table_id = {};
    std::optional<TableName> table = {}; ///< by the name that it had then: finds dropped tables too
    std::optional<std::string> action = {};
    std::optional<RefreshStatus> status = {};
    int64_t limit = 100; ///< 0: no limit
};

/// Which lake, up to which of its snapshots, the store reflects.
struct Reconciled {
    std::string lake_uuid; ///< empty: not yet of any lake
    int64_t snapshot = kNoSnapshot;

    bool operator==(const Reconciled&) const = default;
};

/// All of `__freshet` at one snapshot of the lake.
struct LakeView {
    Reconciled at;
    std::vector<StoredTable> tables;
    std::vector<Dependency> dependencies;
};

} // namespace freshet
