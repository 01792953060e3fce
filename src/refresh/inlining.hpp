#pragma once

#include "base/identifier.hpp"
#include "lake/session.hpp"

#include <vector>

namespace freshet {

/// Inlining off for writers that don't come through Freshet, since inlined deletes are lost when compaction runs beside
/// them (measured). Can't be part of the transaction that creates the table.
void TurnInliningOff(Session& session, const TableName& table);

/// The same for those of the result tables that exist, and for Freshet's own, where it is not off: a process was killed
/// before it could, or another client set the option. One query of the metadata where all is well. Outside a
/// transaction.
void KeepInliningOff(Session& session, const std::vector<TableName>& tables);

} // namespace freshet
