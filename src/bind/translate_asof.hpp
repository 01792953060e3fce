#pragma once

#include "bind/bound_expression.hpp"
#include "plan/node.hpp"

#include <duckdb/planner/operator/logical_comparison_join.hpp>

namespace freshet {

/// A condition of a join between a left input of `width` columns and a right one, over both; `scalar` translates
/// its sides.
plan::ExprPtr TranslateCondition(const duckdb::JoinCondition& condition, int width, const ScalarTranslation& scalar);

/// An ASOF join of two translated inputs. Throws Refused for kinds without a rule.
plan::NodePtr TranslateAsofJoin(const duckdb::LogicalComparisonJoin& join, const plan::NodePtr& left,
                                const plan::NodePtr& right, const ScalarTranslation& scalar);

} // namespace freshet
