#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

/// Brings a plan into the form that the delta rules expect, keeping its result as a bag:
///  1. predicates are split into conjuncts and stand as low as they may; those over several inputs of an inner join
///     are the join's own; cross product + filter is thereby a join;
///  2. inner joins are flat: no inner join (or projection over one) is an input of an inner join;
///  3. a mark join under a filter on its mark is a semi or anti join;
///  4. projections over projections are one.
/// Column positions of the node's output stay; names may change. Shared nodes stay shared.
NodePtr Normalize(const NodePtr& node);

/// Drops columns that nothing above reads. The root's columns stay as they are.
NodePtr DropUnusedColumns(const NodePtr& root);

/// Keeps of each source only the columns that some scan reads.
Query DropUnusedSourceColumns(const Query& query);

} // namespace freshet::plan
