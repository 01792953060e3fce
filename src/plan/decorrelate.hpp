#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

/// A join whose right side depends on values of the left side (a correlated subquery, LATERAL), as DuckDB's binder
/// leaves it: the right side holds Domain leaves that stand for the distinct values of `domain_columns` of the left.
struct DependentJoin {
    JoinKind kind;
    NodePtr left;
    NodePtr right;                   ///< normalized
    std::vector<ExprPtr> predicates; ///< over left ++ right
    bool null_aware = false;
    int domain = -1;
    std::vector<ExprPtr> domain_columns; ///< over left
};

/// The same rows without Domain leaves. Three ways, tried in order:
///  1. the domain is one input of the right side's topmost inner join (EXISTS, IN, LATERAL over own columns): its
///     predicates become the join's own, with the left's columns in place of the domain's;
///  2. every domain column equals a column of the subquery (Neumann & Kemper, "Unnesting Arbitrary Queries", 2015,
///     section 3.4: substitution of the domain by attributes equivalent to it): the domain is dropped;
///  3. else the domain is computed: the distinct values of the left side's columns.
/// Output columns are left ++ right (left ++ mark for Mark, left for Semi and Anti).
NodePtr Decorrelate(const DependentJoin& join);

/// `value` where at most one row matched (count <= 1), else DuckDB's own error of a scalar subquery.
ExprPtr OneRowOrError(const ExprPtr& value, const ExprPtr& count);

/// One row: min(value) and count(*) over the input; the value is the row's own where the count is 1.
NodePtr GuardedValue(const NodePtr& input, const ExprPtr& value);

} // namespace freshet::plan
