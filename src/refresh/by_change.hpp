#pragma once

#include "delta/compiler.hpp"
#include "lake/change_feed.hpp"
#include "lake/written_files.hpp"
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
    WrittenInWindows written;                   ///< what was asked of the metadata
};

/// Reads the changes of the plan's sources in the open read transaction. `pin` is the transaction's snapshot, `written`
/// what was asked of its metadata before.
InputChanges ReadInputChanges(Session& session, const Pass& pass, const plan::Query& query, const Frontier& before,
                              const Inputs& inputs, Snapshot pin, const std::string& prefix, WrittenInWindows written);

/// Turns changed inputs into the table's edit: applies the delta rules, locates the rows that leave, and the rows of
/// companions.
void ComputeByChange(Session& session, const delta::Analysis& analysis, const InputChanges& changes, Edit& edit);

} // namespace freshet
