#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/identifier.hpp"
#include "base/table_options.hpp"
#include "base/value.hpp"
#include "delta/change.hpp"
#include "refresh/extent.hpp"
#include "state/model.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What one statement gives. Columns are empty where there is no result.
struct StatementResult {
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;
    std::vector<std::string> warnings;
};

/// One table's part in a refresh: an entry of `refresh --json` and a row of ALTER ... REFRESH.
struct RefreshEntry {
    TableName table;
    std::string action; ///< NO_DATA, INCREMENTAL, FULL, REINITIALIZE; empty (JSON null) with `error`
    std::string strategy;
    std::string reason;
    int64_t rows_inserted = 0;
    int64_t rows_deleted = 0;
    RefreshExtent extent;
    double duration_ms = 0;
    int64_t snapshot = kNoSnapshot; ///< the data snapshot
    std::optional<Error> error;     ///< failed, or skipped because a parent failed
};

struct RefreshRequest {
    std::vector<std::string> names; ///< [schema.]name, globs allowed
    bool all = false;               ///< all but suspended ones
    bool full = false;              ///< of the named tables only
    bool atomic = false;            ///< one lake commit
    bool dry_run = false;           ///< say what would be done, write nothing
};

struct VerifyRequest {
    std::vector<std::string> names;
    bool all = false;
    bool current = false;           ///< refresh first
    std::optional<int64_t> version; ///< verify the content that the table had at this lake snapshot
};

struct VerifyEntry {
    TableName table;
    int64_t missing = 0; ///< rows that the definition gives and the table doesn't have
    int64_t extra = 0;   ///< rows that the table has and the definition doesn't give
    int64_t snapshot = kNoSnapshot;
    std::optional<Error> error; ///< NotVerifiable and the like
    bool Good() const { return !error && missing == 0 && extra == 0; }
};

/// A row of SHOW DYNAMIC TABLES, in its order.
struct ListEntry {
    TableName table;
    std::string id;
    std::string target_lag;
    std::string refresh_mode;              ///< AUTO, INCREMENTAL, FULL
    std::string mode;                      ///< INCREMENTAL or FULL: what the definition allows
    std::string state;                     ///< ACTIVE, SUSPENDED, SUSPENDED BY CASCADE, NOT FILLED, FAILED
    Timestamp data_timestamp = 0;          ///< 0: never filled
    std::optional<double> lag_seconds;     ///< nothing if never filled
    std::optional<int64_t> target_seconds; ///< the lag that holds for it: its own, or that of a consumer
    /// When that is exceeded, or, after failures, the next attempt; nothing if suspended or DOWNSTREAM without
    /// scheduled consumer.
    std::optional<Timestamp> next_due;
    std::string last_action;
    std::string last_error;
    std::string comment;
};

struct ColumnReport {
    Column column;
    bool inexact = false;      ///< depends on an order-sensitive floating aggregate
    bool undetermined = false; ///< the input bag doesn't determine it
};

struct TableReport {
    ListEntry entry;
    std::string definition;
    std::string search_path;
    std::string mode_reason;
    std::vector<ColumnReport> columns;
    std::vector<TableOptions::Shown> options;
    std::vector<TableName> inputs;    ///< tables that it reads
    std::vector<TableName> consumers; ///< dynamic tables that read it
    int64_t data_snapshot = kNoSnapshot;
    int64_t row_count = 0;
    std::vector<std::string> warnings;
};

/// What CREATE did, or (validate) would do.
struct CreateReport {
    TableName table;
    bool created = false; ///< false: IF NOT EXISTS found it, or validate
    std::string mode;
    std::string mode_reason;
    std::vector<ColumnReport> columns;
    std::vector<RefreshEntry> refreshes; ///< its first fill, parents before it
    std::vector<std::string> warnings;
};

/// The newest refresh at which the ways were weighed.
struct LastChoice {
    std::string action;
    std::string candidates; ///< JSON: the ways with their costs, as in the history
    double estimated_ms = 0;
    double measured_ms = 0;
    double Error() const { return estimated_ms > 0 ? measured_ms / estimated_ms - 1 : 0; } ///< relative
};

struct ExplainReport {
    TableName table;
    std::string mode; ///< INCREMENTAL or FULL
    std::string reason;
    std::vector<delta::OperatorReport> operators;
    std::string plan;                                  ///< the bound plan as text; empty where there is none
    std::string advice;                                ///< what would make it incremental; empty where it is
    std::vector<std::string> sql;                      ///< the statements of a refresh, readable
    std::vector<std::pair<std::string, double>> costs; ///< way, its estimated cost in milliseconds
    std::optional<LastChoice> last_choice;
};

struct ColumnName {
    TableName table;
    std::string column;
    auto operator<=>(const ColumnName&) const = default;
};

/// A column and, where its table is dynamic, the columns that its value is computed from.
struct LineageNode {
    ColumnName name;
    bool dynamic = false;
    bool repeated = false;           ///< followed already, further up in the report
    std::vector<LineageNode> inputs; ///< none for a constant or a count of rows
    /// What filters, joins, groupings, orders and windows of its definition read: it decides which rows take part.
    std::vector<ColumnName> decided_by;
    std::string unknown; ///< why it isn't known column by column; `inputs` then holds all that the definition reads
};

struct LineageReport {
    TableName table;
    std::vector<LineageNode> columns;
};

struct GraphNode {
    TableName table;
    bool dynamic = false;
    std::string state;                 ///< of dynamic tables
    std::string target_lag;            ///< of dynamic tables
    std::optional<double> lag_seconds; ///< of dynamic tables that were filled
};

struct GraphEdge {
    TableName from; ///< is read by
    TableName to;
};

/// Tables and what reads them; nodes in dependency order, then by name.
struct GraphReport {
    std::vector<GraphNode> nodes;
    std::vector<GraphEdge> edges;
};

struct MaintainRequest {
    bool dry_run = false;          ///< say what would be done, change nothing
    bool all_tables = false;       ///< compact source tables too
    int64_t retention_seconds = 0; ///< snapshots younger than that are kept
};

/// What one step of maintenance did, or would do.
struct MaintainEntry {
    std::string step;               ///< flush, rewrite, merge, advance, expire, clean up, orphans
    std::optional<TableName> table; ///< nothing: the whole lake
    std::string detail;
    std::optional<int64_t> files_before;
    std::optional<int64_t> files_after; ///< nothing in a dry run, where only doing it would tell
    std::optional<int64_t> bytes_before;
    std::optional<int64_t> bytes_after;
    std::optional<int64_t> snapshots; ///< expired
    std::optional<Error> error;
};

struct DoctorCheck {
    std::string name;
    bool good = false;
    std::string detail;
    std::string hint; ///< what to do, where not good
};

/// The relations that SQL and `--json` show: SHOW DYNAMIC TABLES, freshet_refresh_history(), freshet_graph(),
/// ALTER ... REFRESH, VERIFY, and of `maintain`: where an entry has failed, the statement has. Times are text with time
/// zone.
Table ListTable(const std::vector<ListEntry>& entries);
Table HistoryTable(const std::vector<RefreshRecord>& records);
Table GraphTable(const GraphReport& graph);
Table RefreshTable(const std::vector<RefreshEntry>& entries);
Table VerifyTable(const std::vector<VerifyEntry>& entries);
Table DescribeTable(const TableReport& report); ///< property, value
Table ExplainTable(const ExplainReport& report);
Table MaintainTable(const std::vector<MaintainEntry>& entries);

} // namespace freshet
