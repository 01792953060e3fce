#pragma once

#include "base/identifier.hpp"
#include "lake/catalog.hpp"

#include <set>
#include <string>
#include <vector>

namespace freshet {

/// Inlining off for writers that don't come through Freshet, since inlined deletes are lost when compaction runs beside
/// them (measured). Can't be part of the transaction that creates the table.
void TurnInliningOff(Session& session, const TableName& table);

/// Where it is not off, of those of the result tables that exist and of Freshet's own: a process was killed before it
/// could, or another client set the option. One query of the metadata, in a transaction that has called
/// CurrentSnapshot().
std::vector<std::string> InliningScopes(Session& session, const std::vector<TableName>& tables);

/// Ids of tables where an option of the table or its schema turns inlining off, for every client.
std::set<int64_t> TablesWithoutInlining(Session& session, const std::vector<TableInfo>& tables);

/// Turns it off there, outside a transaction.
void TurnInliningOff(Session& session, const std::vector<std::string>& scopes);

} // namespace freshet
