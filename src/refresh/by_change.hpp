#pragma once

#include "delta/compiler.hpp"
#include "lake/change_feed.hpp"
#include "refresh/edit.hpp"
#include "refresh/inputs.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// The changes of all inputs between a frontier and a pass's snapshot, read into TEMP tables.
struct InputChanges {
    bool usable = true;
    std::string problem; ///< fit for a refresh's reason: which table's feed can't be built on, and why
    std::vector<delta::SourceInterval> sources; ///< parallel to the plan's sources
    std::string summary;                        ///< "main.orders +10 -2 (feed)", for the reason
    int64_t rows = 0;                           ///< changed rows after netting, of all inputs
    std::set<std::string> tables;               ///< TEMP tables that only this refresh reads, quoted
};

/// Reads the changes of the plan's sources in the open read transaction. `pin` is the transaction's snapshot.
InputChanges ReadInputChanges(Session& session, const Pass& pass, const plan::Query& query, const Frontier& before,
                              const Inputs& inputs, Snapshot pin, const std::string& prefix);

/// Turns changed inputs into the table's edit: applies the delta rules, locates the rows that leave, and the rows of
/// companions.
void ComputeByChange(Session& session, const delta::Analysis& analysis, const InputChanges& changes, Edit& edit);

/// Accumulators pay where they are far fewer than the rows that would have to be passed over to find those of a few
/// groups.
bool AreFewGroups(int64_t groups, int64_t source_rows);

/// The plan's sources as they are after the edit, without companions: what the result can be had from.
delta::Contents NewContents(const delta::Analysis& analysis, const Inputs& inputs, const Edit& edit);

/// Companions to be filled with the table's content: made in TEMP now, written by the commit. An optional one is kept
/// only where its groups hold so many rows that folding a change is cheaper than reading them. Gives what was filled,
/// kept or not, from which the result can be had without reading the sources again.
delta::Contents FillCompanions(Session& session, const delta::Analysis& analysis, const Inputs& inputs, Edit& edit);

} // namespace freshet
