#pragma once

#include "state/model.hpp"
#include "state/sql_connection.hpp"

#include <string>

namespace freshet {

/// How the structs of the model stand in rows: for each the column names, in the order in which both directions use
/// them.
inline constexpr const char* kTableColumns =
    "id, schema_name, table_name, definition, options, search_path, suspended, definition_version, created_at, mode, "
    "mode_reason, data_snapshot, data_timestamp, unchanged_until, last_action, last_error";
Row ToRow(const StoredTable& table);
StoredTable ToTable(const Row& row);

/// Written with the place of the dependency in its list as one more column.
inline constexpr const char* kDependencyColumns = "table_id, input_schema, input_name, input_id";
Row ToRow(const Dependency& dependency);
Dependency ToDependency(const Row& row);

inline constexpr const char* kRecordColumns =
    "refresh_id, run_id, table_id, schema_name, table_name, started_at, finished_at, started_by, action, strategy, "
    "reason, status, rows_inserted, rows_deleted, duration_ms, data_snapshot, commit_snapshot, estimated_cost, "
    "measured_cost, candidates, error_code, error_message";
Row ToRow(const RefreshRecord& record);
RefreshRecord ToRecord(const Row& row);

} // namespace freshet
