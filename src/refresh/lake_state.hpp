#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

#include <optional>
#include <string>

namespace freshet {

/// Freshet's own tables in the lake, schema __freshet:
///   format                one row: the version of this layout
///   dynamic_tables        a row per dynamic table: what the user said of it
///   state_<id>            one row: the frontier, as JSON. A table each, since DuckLake's conflicts are per table
///   acc_<id>_<operator>   hidden accumulators of one aggregate
inline constexpr int kLakeFormat = 2;

TableName StateTable(const std::string& id);
TableName CompanionTable(const std::string& id, int operator_id);

/// Id of the dynamic table that a CompanionTable() belongs to; anything for other names.
std::string OwnerOfCompanion(const TableName& name);

/// Is it one of StateTable()?
bool IsStateTable(const TableName& name);

bool OwnSchemaExists(Session& session);
/// Makes schema, format and registry where they are missing, each in a transaction of its own: the inlining option
/// can't be set on a schema of the same transaction. Safe beside other processes that do the same.
/// Throws StoreVersion if the lake was written by a Freshet with another layout.
void EnsureOwnSchema(Session& session);

/// Throws StoreVersion if the lake was written by a Freshet with another layout.
void CheckLakeFormat(Session& session);

/// Empty where there is no __freshet.
Registry ReadRegistry(Session& session);

/// What a dynamic table was called at an older snapshot; nothing where there was none of that id.
std::optional<TableName> NameAt(Session& session, const std::string& id, Snapshot at);

/// At the session's snapshot, or at an older one. Generation 0 if the table has no state row there.
Frontier ReadFrontier(Session& session, const std::string& id, std::optional<Snapshot> at = {});
/// What this process committed needs no reading: `frontier` is the state row since snapshot `frontier.committed`.
void RememberFrontier(Session& session, const std::string& id, Frontier frontier);

/// Columns of the registry, the id first, for SQL; and what a row of just these means.
std::string RegistryColumns();
DynamicTable RegistryRow(const std::vector<Value>& row);
/// Makes a table of Freshet's own with the registry's columns and more ones behind them, where it is missing. Safe
/// beside other processes that do the same.
void EnsureRegistryTable(Session& session, const TableName& name, const std::vector<std::string>& more_columns);

/// Every table's creation leaves a small file of the registry, and each process opens them all: merges them where
/// `tables`, of which the newest was just created, have left many. A commit of its own, outside a transaction. Best
/// effort: what other processes or the engine have against it is left to the next one.
void MergeRegistry(Session& session, size_t tables);

// The following write inside the caller's transaction. Each of them hits exactly one row or throws a conflict, so that
// the caller starts again from what is there now.
void InsertRegistryRow(Session& session, const DynamicTable& table);
/// Succeeds only while the stored definition_version is `expected`.
void UpdateRegistryRow(Session& session, const DynamicTable& table, int64_t expected);
void DeleteRegistryRow(Session& session, const std::string& id, int64_t expected);
void CreateState(Session& session, const std::string& id, const Frontier& frontier);
/// The compare-and-set: succeeds only while the stored generation is `expected`.
void UpdateState(Session& session, const std::string& id, const Frontier& frontier, int64_t expected);

/// Writes the table's state row anew, in the caller's transaction, with the same frontier: whoever computed a refresh
/// from the row as it was loses its commit. Foreign writes are looked for from the row's snapshot on, so those up to
/// now are noted in it.
void MoveState(Session& session, const DynamicTable& table);

/// Somebody else changed what this transaction is based on.
class Overtaken : public Error {
public:
    explicit Overtaken(const std::string& what)
        : Error(Code::LakeConflict, what, "try again when the lake is less busy") {}
};

} // namespace freshet
