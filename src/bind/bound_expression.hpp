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

/// Casts around arguments of DECIMAL arithmetic: those that the binder put there would widen the result when they are
/// written out and bound again, and nothing tells them from the user's but the proof.
enum class DecimalCasts {
    Kept,
    WithoutWidest, ///< those to the width of the result are left out: the binder's have it
    Without,       ///< all are left out
};

/// A bound scalar expression as an expression of the plan. Column references are positions in the input
/// (BoundReferenceExpression, as ExtractPlan leaves them). Throws Refused.
plan::ExprPtr TranslateExpression(const duckdb::Expression& expression, DecimalCasts casts = DecimalCasts::Kept,
                                  const Restoration& restore = nullptr);

/// "=", "<>", "IS DISTINCT FROM" ...
std::string ComparisonText(duckdb::ExpressionType type);

/// Without the function that binding puts around intervals and times with a zone wherever they are compared or are
/// keys: binding puts it there again.
const duckdb::Expression& Written(const duckdb::Expression& compared);

/// Do both expressions compute the same, as far as structure shows? Constants are compared by value, so that a folded
/// cast equals the cast of a constant.
bool SameBound(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b);

} // namespace freshet
