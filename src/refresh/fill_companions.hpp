#pragma once

#include "delta/compiler.hpp"
#include "refresh/edit.hpp"
#include "refresh/inputs.hpp"

namespace freshet {

/// Accumulators pay where they are far fewer than the rows that would have to be passed over to find those of a few
/// groups.
bool AreFewGroups(int64_t groups, int64_t source_rows);

/// The plan's sources as they are after the edit, without companions: what the result can be had from.
delta::Contents NewContents(Session& session, const delta::Analysis& analysis, const Inputs& inputs, const Edit& edit);

/// Companions to be filled with the table's content: made in TEMP now, written by the commit. An optional one is kept
/// only where its groups hold so many rows that folding a change is cheaper than reading them. Gives what was filled,
/// kept or not, from which the result can be had without reading the sources again.
delta::Contents FillCompanions(Session& session, const delta::Analysis& analysis, const Inputs& inputs, Edit& edit);

} // namespace freshet
