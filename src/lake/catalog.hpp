#pragma once

#include "base/identifier.hpp"
#include "base/value.hpp"
#include "lake/session.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// A DuckLake snapshot id. Ids are global to the lake.
using Snapshot = int64_t;

struct ColumnInfo {
    int64_t id = 0; ///< DuckLake's column_id: survives renames, changes when a column is dropped and added again
    std::string name;
    std::string type; ///< as DuckDB prints it, nested fields included
    /// Ids of the nested fields, depth first: a field of a STRUCT dropped and added again loses its values as a column
    /// does, while id and type stay.
    std::vector<int64_t> fields;

    bool operator==(const ColumnInfo&) const = default;
};

/// A table as DuckLake's metadata describes it at one snapshot (top-level columns only, in order).
struct TableInfo {
    int64_t id = 0;
    std::string uuid;
    TableName name;
    std::vector<ColumnInfo> columns;
    int64_t schema_id = 0;
    int64_t partition_id = 0;   ///< of its partitioning, where `bucketed` holds columns
    std::set<int64_t> bucketed; ///< ids of columns that it is partitioned by with bucket(n, column)
    std::set<int64_t> retyped;  ///< ids of columns that had another type before, nested fields included
};

/// What happened to tables in a window of snapshots, from ducklake_snapshot_changes: no data is read.
struct TableChanges {
    bool inserted = false; ///< rows inserted (inlined or not)
    bool deleted = false;  ///< rows deleted (inlined or not)
    bool altered = false;  ///< schema, comment or name changed
    bool dropped = false;
    bool rewritten = false; ///< rewrite_data_files: positions move, feed reports every live row
    bool merged = false;    ///< merge_adjacent_files: positions move
    bool flushed = false;   ///< flush of inlined data
    bool inlined = false;   ///< some of the deletes went to the catalog instead of delete files
    /// Snapshots of the window are expired, and what they did is forgotten: every flag but `dropped` is set.
    bool gaps = false;
    bool Any() const { return inserted || deleted || altered || dropped || rewritten || merged || flushed; }
    bool Data() const { return inserted || deleted; }
};

/// What this file reads, but for CurrentSnapshot() and CountRows(), comes from DuckLake's metadata tables. DuckLake
/// reads them on a connection of its own, so a transaction has two views of them, each fixed at its first use (A9).
/// Call CurrentSnapshot() first: then what is found here at a snapshot up to that one was there for DuckLake too, but
/// for deletes that were committed between the two uses: they may be stamped with older snapshots (A11). What is
/// counted by one view and read by the other needs ViewsAgree(). Changes of the own transaction are not seen.

/// The snapshot that this session's transaction sees (the newest one outside a transaction). 1 to 2 ms.
Snapshot CurrentSnapshot(Session& session);

/// Fixes both views of the open transaction: was nothing committed between? If not, begin another one.
bool ViewsAgree(Session& session);

/// Was the snapshot expired already that somebody committed right after this transaction's? Its number is free again
/// then: DuckLake, which checks a first try by that number alone, would commit this transaction under it, below what
/// was committed since, and no change log would tell any more of what the expired snapshot changed. On a SQLite catalog
/// such a commit fails by itself, and a DuckDB file belongs to one process.
bool WouldFillGap(Session& session);
bool SnapshotExists(Session& session, Snapshot snapshot);
/// Every one of first ... last, both included?
bool SnapshotsExist(Session& session, Snapshot first, Snapshot last);

/// DuckLake's schema version at a snapshot: the same number means the same tables, views and macros. Nothing if the
/// snapshot has expired.
std::optional<int64_t> SchemaVersion(Session& session, Snapshot at);

/// When a snapshot was committed, by the clock of who did: microseconds since 1970. Nothing if it has expired.
std::optional<int64_t> CommittedAt(Session& session, Snapshot at);

/// Metadata of a table at a snapshot; nothing if no such table (views don't count).
std::optional<TableInfo> FindTable(Session& session, const TableName& name, Snapshot at);
/// All tables at a snapshot, Freshet's own included.
std::vector<TableInfo> ListTables(Session& session, Snapshot at);
/// Names of all views and schemas at a snapshot.
std::vector<TableName> ListViews(Session& session, Snapshot at);
std::vector<std::string> ListSchemas(Session& session, Snapshot at);

/// One thing that a commit did, from ducklake_snapshot_changes.
struct ChangeEntry {
    std::string kind;      ///< inserted_into_table, deleted_from_table, altered_table, inlined_insert ...
    int64_t table_id = -1; ///< -1 where the entry is not about a table that exists after it
    std::string subject;   ///< the id as text, or the quoted name for created_table, created_view ...
};

/// A snapshot with what its commit did.
struct SnapshotChanges {
    Snapshot id = 0;
    int64_t schema_version = 0; ///< DuckLake raises it with every DDL
    int64_t committed_at = 0;   ///< by the clock of who committed: microseconds since 1970
    std::vector<ChangeEntry> entries;
};

/// Shared by all who ask for it: what a commit did never changes.
using KnownSnapshot = std::shared_ptr<const SnapshotChanges>;

/// Reads the snapshots of (after, until] that exist.
std::vector<KnownSnapshot> ReadSnapshots(Session& session, Snapshot after, Snapshot until);

/// The change log of (after, until], read once and asked per table. Schema-level and view-level DDL is kept apart:
/// it changes what a name means without touching a table.
class ChangeLog {
public:
    /// Reads the window inside the session's transaction. after >= until gives an empty log.
    static ChangeLog Read(Session& session, Snapshot after, Snapshot until);
    /// The same from what the engine remembers: snapshots that have expired since they were read leave no gap. Tells
    /// what happened, not what can still be read.
    static ChangeLog Remembered(Session& session, Snapshot after, Snapshot until);

    TableChanges Of(int64_t table_id) const;
    /// Like Of(), for snapshots > `after` only: one log serves tables with different frontiers.
    TableChanges Of(int64_t table_id, Snapshot after) const;
    /// Was any view, macro, schema or table outside Freshet's own schema created, dropped, renamed or altered? Yes if
    /// in doubt (gaps).
    bool AnyDefinitionChange(Session& session) const;
    /// Was any view or macro created, dropped, renamed or altered? Yes if in doubt (gaps).
    bool AnyViewOrMacroChange() const;
    /// Snapshots of the window that are missing: they expired.
    bool HasGaps(Snapshot after) const;

private:
    ChangeLog(Snapshot after, Snapshot until, std::vector<KnownSnapshot> snapshots);

    Snapshot after_ = 0;
    Snapshot until_ = 0;
    std::vector<KnownSnapshot> snapshots_; ///< ascending
};

/// count(*) of a table's version by a scan. 4 to 20 ms on 10 million rows.
int64_t CountRows(Session& session, const TableName& name, Snapshot at);

/// Rows, bytes and files of a table at the newest snapshot by metadata alone, for cost estimates: inlined rows and
/// inlined deletes are not counted.
struct TableStatistics {
    int64_t rows = 0;
    int64_t bytes = 0;
    int64_t files = 0;
};
TableStatistics Statistics(Session& session, int64_t table_id);

/// DuckLake's metadata table of that name, for generated SQL.
std::string MetadataTable(const std::string& name);
/// Condition on one metadata table's rows: valid at a snapshot.
std::string ValidAt(Snapshot at);
/// DuckLake makes its tables of inlined data when it first needs them.
bool MetadataTableExists(Session& session, const std::string& name);
/// Names of the metadata tables that hold a table's inlined rows, one for each schema that it had.
std::vector<std::string> InlinedDataTables(Session& session, int64_t table_id);

/// "lake"."s"."t" AT (VERSION => n)
std::string AtVersion(const TableName& name, Snapshot version);

} // namespace freshet
