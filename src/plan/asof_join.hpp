#pragma once

#include "plan/node.hpp"

namespace freshet::plan {

/// ASOF JOIN (Inner) or ASOF LEFT JOIN (Left): each left row with the nearest of the right rows for which
/// `left_time op right_time` is true (>=, >, <=, <) among those for which all `equalities` are, as a join with
/// intervals: each right row is valid up to the next one of its keys, which a window function tells. Of right rows with
/// one time and the same keys one is taken, always the same. Positions as in a join's predicates; `right_keys` and
/// `right_time` over the right input alone.
struct AsofJoin {
    JoinKind kind = JoinKind::Inner;
    NodePtr left;
    NodePtr right;
    std::vector<ExprPtr> equalities;
    std::vector<ExprPtr> right_keys; ///< the right sides of the equalities
    ExprPtr left_time;
    std::string op;
    ExprPtr right_time;
};
NodePtr MakeAsofJoin(const AsofJoin& join);

} // namespace freshet::plan
