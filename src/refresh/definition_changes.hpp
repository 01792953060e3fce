#pragma once

#include "lake/session.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/dynamic_table.hpp"

#include <string>
#include <vector>

namespace freshet {

/// DDL that moves no data. Each is one lake transaction, redone where another process is faster; each returns the
/// tables that changed, as they are now.

/// Suspends the tables for that reason, and by cascade what reads them.
std::vector<DynamicTable> SuspendTables(Session& session, const std::vector<std::string>& ids,
                                        Suspension reason = Suspension::ByUser);
/// Resumes the tables, and those that the cascade stopped. Throws Suspended for a table that a suspended ancestor
/// stops.
std::vector<DynamicTable> ResumeTables(Session& session, const std::vector<std::string>& ids);

/// Writes changed options; the layout of the result table follows PARTITIONED BY and SORTED BY.
DynamicTable ChangeOptions(Session& session, const DynamicTable& table, const TableOptions& options);

/// What a drop does about dynamic tables that read the dropped ones. Those that stay fail, until something else of the
/// name is there.
enum class Readers { Refuse, GoToo, Stay };

/// The named tables and those that go with them; consumers first. Throws DependentsExist for Readers::Refuse.
std::vector<DynamicTable> TablesToDrop(Session& session, const Registry& registry, const std::vector<std::string>& ids,
                                       Readers readers);
/// Drops them; gives those that went. RestoreTable() can bring them back.
std::vector<DynamicTable> DropTables(Session& session, const std::vector<std::string>& ids, Readers readers,
                                     Timestamp now);

/// Raises the generations of these tables: refreshes that are being computed lose their commit, and begin again from
/// what is there then. Content and frontiers stay.
void OvertakeRefreshes(Session& session, const std::vector<std::string>& ids);

} // namespace freshet
