#pragma once

#include "plan/node.hpp"

#include <map>

namespace freshet::delta {

/// Does any input row decide about every output row, so that a change has no reach? ORDER BY ... LIMIT, windows without
/// PARTITION BY, and aggregates without GROUP BY that can't be kept as accumulators.
bool NeedsWholeInput(const plan::Node& node);

/// A plan in which such operators read maintained state.
struct MaintainedPlan {
    plan::NodePtr root;
    /// Operators that stand for a copy of another one's rows -> the aggregate that keeps it, whose input is that other.
    std::map<const plan::Node*, plan::NodePtr> copies;
};

/// Gives every operator whose change can't be traced to rows of a source (NeedsWholeInput(), and those whose groups or
/// partitions get lost on the way down) an input that is kept: as it is where it is an aggregate kept as accumulators,
/// with projections and filters above; else a copy, which is an aggregate by all columns that counts equal rows.
/// Throws Refusal where the input can't be kept exactly.
MaintainedPlan MaintainInputs(const plan::NodePtr& root);

} // namespace freshet::delta
