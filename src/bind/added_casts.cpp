#include "bind/added_casts.hpp"

#include "bind/proof.hpp"

#include <duckdb/planner/expression/list.hpp>

namespace freshet {

namespace {

using duckdb::ExpressionClass;
using plan::ExprKind;
using plan::ExprPtr;

bool IsDecimalArithmetic(const duckdb::BoundFunctionExpression& call) {
    const auto& name = call.function.name;
    return call.return_type.id() == duckdb::LogicalTypeId::DECIMAL && (name == "+" || name == "-" || name == "*");
}

/// Bit i is set where argument i is a cast.
size_t CastsAmong(const duckdb::BoundFunctionExpression& call) {
    size_t casts = 0;
    for (size_t i = 0; i < call.children.size(); i++) {
        const auto& child = *call.children[i];
        bool cast = child.GetExpressionClass() == ExpressionClass::BOUND_CAST &&
                    !child.Cast<duckdb::BoundCastExpression>().try_cast;
        casts |= cast ? size_t{1} << i : 0;
    }
    return casts;
}

bool IsAmong(size_t casts, size_t argument) {
    return (casts >> argument & 1U) != 0;
}

/// A call whose arguments are columns, constants, and casts of them: what casts do to it doesn't depend on what the
/// arguments are computed from.
struct CallOverColumns {
    duckdb::unique_ptr<duckdb::Expression> bound;
    std::vector<ExprPtr> args;
};

/// `bound` becomes the column with this number, unless it is a constant; gives how that is written.
ExprPtr AsColumn(duckdb::unique_ptr<duckdb::Expression>& bound, const ExprPtr& translated, size_t number) {
    if (bound->GetExpressionClass() == ExpressionClass::BOUND_CONSTANT) {
        return translated;
    }
    auto type = bound->return_type;
    bound = duckdb::make_uniq<duckdb::BoundReferenceExpression>(type, number);
    return plan::ColumnRef(static_cast<int>(number), type.ToString());
}

CallOverColumns OverColumns(const duckdb::BoundFunctionExpression& call, const std::vector<ExprPtr>& args,
                            size_t casts) {
    CallOverColumns over{call.Copy(), {}};
    auto& children = over.bound->Cast<duckdb::BoundFunctionExpression>().children;
    for (size_t i = 0; i < args.size(); i++) {
        if (IsAmong(casts, i)) {
            auto& cast = children[i]->Cast<duckdb::BoundCastExpression>();
            auto column = AsColumn(cast.child, args[i]->args[0], i);
            over.args.push_back(plan::Call(ExprKind::Cast, args[i]->type, {column}));
        } else {
            over.args.push_back(AsColumn(children[i], args[i], i));
        }
    }
    return over;
}

std::vector<ExprPtr> WithoutCasts(std::vector<ExprPtr> args, size_t casts) {
    for (size_t i = 0; i < args.size(); i++) {
        args[i] = IsAmong(casts, i) ? args[i]->args[0] : args[i];
    }
    return args;
}

} // namespace

std::vector<ExprPtr> WithoutAddedCasts(duckdb::Connection& connection, const duckdb::BoundFunctionExpression& call,
                                       std::vector<ExprPtr> args) {
    size_t casts = IsDecimalArithmetic(call) ? CastsAmong(call) : 0;
    if (casts == 0) {
        return args;
    }
    CallOverColumns over = OverColumns(call, args, casts);
    for (size_t chosen = casts; chosen > 0; chosen = (chosen - 1) & casts) {
        auto candidate = plan::Call(ExprKind::Function, call.return_type.ToString(), WithoutCasts(over.args, chosen),
                                    call.function.name);
        if (IsProved(connection, *over.bound, candidate)) {
            return WithoutCasts(args, chosen);
        }
    }
    return args;
}

} // namespace freshet
