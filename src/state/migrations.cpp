#include "state/migrations.hpp"

#include "base/clock.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

constexpr const char* kMigrationTable = "CREATE TABLE IF NOT EXISTS migration ("
                                        "version BIGINT PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// Names of tables are not unique here, since SWAP passes through a state where two agree.
constexpr const char* kDynamicTable = R"(CREATE TABLE dynamic_table (
    id TEXT PRIMARY KEY,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    definition TEXT NOT NULL,
    options TEXT NOT NULL,
    search_path TEXT NOT NULL,
    suspended TEXT NOT NULL,
    definition_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    mode TEXT NOT NULL,
    mode_reason TEXT NOT NULL,
    data_snapshot BIGINT NOT NULL,
    data_timestamp BIGINT NOT NULL,
    unchanged_until BIGINT NOT NULL,
    last_action TEXT NOT NULL,
    last_error TEXT NOT NULL))";

constexpr const char* kDependency = R"(CREATE TABLE dependency (
    table_id TEXT NOT NULL,
    place BIGINT NOT NULL,
    input_schema TEXT NOT NULL,
    input_name TEXT NOT NULL,
    input_id TEXT NOT NULL,
    PRIMARY KEY (table_id, place)))";

/// History outlives its table, so it names it and refers to nothing.
constexpr const char* kRefreshHistory = R"(CREATE TABLE refresh_history (
    refresh_id TEXT PRIMARY KEY,
    run_id TEXT NOT NULL,
    table_id TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    started_at BIGINT NOT NULL,
    finished_at BIGINT NOT NULL,
    started_by TEXT NOT NULL,
    action TEXT NOT NULL,
    strategy TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    rows_inserted BIGINT NOT NULL,
    rows_deleted BIGINT NOT NULL,
    duration_ms DOUBLE PRECISION NOT NULL,
    data_snapshot BIGINT NOT NULL,
    commit_snapshot BIGINT NOT NULL,
    estimated_cost DOUBLE PRECISION,
    measured_cost DOUBLE PRECISION,
    candidates TEXT NOT NULL,
    error_code TEXT NOT NULL,
    error_message TEXT NOT NULL))";

/// `lake` and `clock` hold one row each: updating it is what serialises those who change what it says.
Migration FirstTables() {
    return {1,
            "tables, dependencies, history, clock",
            {kDynamicTable, kDependency, kRefreshHistory,
             "CREATE INDEX refresh_history_of_table ON refresh_history (table_id, started_at)",
             "CREATE INDEX refresh_history_by_time ON refresh_history (started_at)",
             "CREATE TABLE lake (lake_uuid TEXT NOT NULL, reconciled_snapshot BIGINT NOT NULL)",
             "INSERT INTO lake VALUES ('', -1)", "CREATE TABLE clock (high_water BIGINT NOT NULL)",
             "INSERT INTO clock VALUES (0)"}};
}

/// A worker's life is one row, so that a heartbeat renews all of its claims at once. Claims of nobody stay, for their
/// generations.
Migration Workers() {
    return {2,
            "workers, claims, failures",
            {R"(CREATE TABLE worker (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    host TEXT NOT NULL,
    process BIGINT NOT NULL,
    process_started BIGINT NOT NULL,
    started_at BIGINT NOT NULL,
    heartbeat_at BIGINT NOT NULL,
    heartbeat_every BIGINT NOT NULL,
    expires_after BIGINT NOT NULL))",
             R"(CREATE TABLE claim (
    table_id TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    worker_id TEXT NOT NULL,
    run_id TEXT NOT NULL,
    taken_at BIGINT NOT NULL))",
             "CREATE INDEX claim_of_worker ON claim (worker_id)", R"(CREATE TABLE failure (
    table_id TEXT PRIMARY KEY,
    definition_version BIGINT NOT NULL,
    failures BIGINT NOT NULL,
    retries BIGINT NOT NULL,
    noted_at BIGINT NOT NULL,
    retry_at BIGINT NOT NULL))"}};
}

Migration Steps() {
    return {3,
            "what workers are at",
            {"ALTER TABLE claim ADD COLUMN step TEXT NOT NULL DEFAULT ''",
             "ALTER TABLE claim ADD COLUMN step_since BIGINT NOT NULL DEFAULT 0"}};
}

Migration Shares() {
    return {4,
            "how many tables a worker has refreshed",
            {"ALTER TABLE worker ADD COLUMN refreshed BIGINT NOT NULL DEFAULT 0"}};
}

/// True if nothing is to be done.
bool IsCurrent(SqlConnection& connection, int64_t stored, int64_t newest) {
    if (stored > newest) {
        throw Error(Code::StoreVersion,
                    fmt::format("the state store {} has version {}, this program knows versions up to {}",
                                connection.Describe(), stored, newest),
                    "use the newer Freshet that wrote it, or name another store in `state`");
    }
    return stored == newest;
}

void Apply(SqlConnection& connection, const std::vector<Migration>& steps) {
    connection.PrepareMigration();
    // Read again under the lock: another process may have done it meanwhile.
    int64_t stored = StoredVersion(connection);
    if (IsCurrent(connection, stored, steps.back().version)) {
        return;
    }
    connection.Query(kMigrationTable);
    for (const Migration& step : steps) {
        if (step.version <= stored) {
            continue;
        }
        for (const std::string& statement : step.statements) {
            connection.Query(statement);
        }
        connection.Query("INSERT INTO freshet_state.migration VALUES ($1, $2, $3)", {step.version, step.name, Now()});
    }
}

} // namespace

const std::vector<Migration>& Migrations() {
    static const std::vector<Migration> steps = {FirstTables(), Workers(), Steps(), Shares()};
    return steps;
}

int64_t StoredVersion(SqlConnection& connection) {
    if (!connection.HasTable("migration")) {
        return 0;
    }
    Rows rows = connection.Query("SELECT max(version) FROM freshet_state.migration");
    return AsInt(rows.at(0).at(0));
}

void Migrate(SqlConnection& connection, const std::vector<Migration>& steps, bool create) {
    int64_t stored = StoredVersion(connection);
    if (IsCurrent(connection, stored, steps.back().version)) {
        return;
    }
    if (stored == 0 && !create) {
        throw Error(Code::StoreUnreachable, fmt::format("there is no state store in {}", connection.Describe()),
                    "commands that write to the lake create it");
    }
    connection.InTransaction([&] { Apply(connection, steps); });
}

} // namespace freshet
