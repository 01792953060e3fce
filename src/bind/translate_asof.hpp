#pragma once

#include "plan/node.hpp"

#include <duckdb/planner/operator/logical_comparison_join.hpp>

namespace freshet {

/// A condition of a join between a left input of `width` columns and a right one, over both.
plan::ExprPtr TranslateCondition(const duckdb::JoinCondition& condition, int width);

/// An ASOF join of two translated inputs. Throws Refused for kinds without a rule.
plan::NodePtr TranslateAsofJoin(const duckdb::LogicalComparisonJoin& join, const plan::NodePtr& left,
                                const plan::NodePtr& right);

} // namespace freshet
