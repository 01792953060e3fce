#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

/// Aggregates over a left join of what is grouped by the left side's columns are computed in two steps: first per join
/// key of the right side, which is joined then, and summed up:
///
///   G[l.*; count(r.x), sum(r.y)] (L LEFT JOIN R ON l.k = r.k)
///     = G[l.*; sum(coalesce(c, 0)), sum(s)] (L LEFT JOIN G[k; c: count(x), s: sum(y)] (R) ON l.k = k)
///
/// A changed right row then meets the kept sums of its key instead of all right rows with that key. Yan & Larson,
/// "Eager Aggregation and Lazy Aggregation", VLDB 1995. Column positions of the node's output stay; shared nodes stay
/// shared.
NodePtr AggregateEarly(const NodePtr& node);

} // namespace freshet::plan
