#pragma once

#include "plan/expression.hpp"

#include <duckdb.hpp>
#include <duckdb/planner/expression.hpp>
#include <functional>
#include <stdexcept>

namespace freshet {

/// Thrown inside the translation when a clause has no counterpart in the algebra; becomes Translation::refusal.
struct Refused : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// A bound scalar expression, as one of the plan.
using ScalarTranslation = std::function<plan::ExprPtr(const duckdb::Expression&)>;

/// A function call, with the arguments that binding took away where they are known.
using Restoration = std::function<plan::ExprPtr(const duckdb::Expression& call, const plan::ExprPtr& translated)>;

/// A bound scalar expression as an expression of the plan. Column references are positions in the input
/// (BoundReferenceExpression, as ExtractPlan leaves them). Throws Refused.
plan::ExprPtr TranslateExpression(const duckdb::Expression& expression, duckdb::Connection& connection,
                                  const Restoration& restore);

/// Why an expression is refused that is not proved.
Refused Unproved(const duckdb::Expression& expression);

/// "=", "<>", "IS DISTINCT FROM" ...
std::string ComparisonText(duckdb::ExpressionType type);

/// Without the function that binding puts around intervals and times with a zone wherever they are compared or are
/// keys: binding puts it there again.
const duckdb::Expression& Written(const duckdb::Expression& compared);

/// Do both expressions compute the same, as far as structure shows? Constants are compared by value, so that a folded
/// cast equals the cast of a constant.
bool SameBound(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b);

} // namespace freshet
