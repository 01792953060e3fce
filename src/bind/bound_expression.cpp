#include "bind/bound_expression.hpp"

#include "base/identifier.hpp"
#include "base/type_name.hpp"
#include "bind/added_casts.hpp"
#include "bind/moment.hpp"

#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/function/lambda_functions.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

using duckdb::ExpressionClass;
using duckdb::ExpressionType;
using plan::ExprKind;
using plan::ExprPtr;

std::string TypeOf(const duckdb::Expression& expression) {
    return expression.return_type.ToString();
}

/// A literal whose type is exact: NULL and text carry a cast, since a bare literal may bind to another type.
ExprPtr TranslateConstant(const duckdb::BoundConstantExpression& constant) {
    std::string type = TypeOf(constant);
    auto id = constant.return_type.id();
    std::string text = constant.value.ToSQLString();
    bool exact =
        !constant.value.IsNull() && (id == duckdb::LogicalTypeId::BOOLEAN || id == duckdb::LogicalTypeId::VARCHAR ||
                                     (id == duckdb::LogicalTypeId::INTEGER && constant.value.GetValue<int32_t>() >= 0));
    if (!exact) {
        text = fmt::format("CAST({} AS {})", constant.value.IsNull() ? "NULL" : text, type);
    }
    return plan::Literal(text, type);
}

/// The lambda of a list function; null for other functions.
const duckdb::ListLambdaBindData* LambdaOf(const duckdb::BoundFunctionExpression& call) {
    const auto* data = dynamic_cast<const duckdb::ListLambdaBindData*>(call.bind_info.get());
    return data && data->lambda_expr ? data : nullptr;
}

/// Stands for the data timestamp or its date (VersionedSql()).
bool GivesMoment(const duckdb::BoundFunctionExpression& call) {
    return call.function.name.starts_with(kMomentPrefix);
}

/// Translates one expression. References are columns of the operator's inputs; inside a lambda `scope` tells what each
/// of them stands for.
class ExpressionTranslator {
public:
    ExpressionTranslator(duckdb::Connection& connection, const Restoration& restore)
        : connection_(connection), restore_(restore) {}

    ExprPtr Translate(const duckdb::Expression& expression) {
        switch (expression.GetExpressionClass()) {
        case ExpressionClass::BOUND_REF: {
            auto index = expression.Cast<duckdb::BoundReferenceExpression>().index;
            return depth_ > 0 ? scope_.at(index) : plan::ColumnRef(static_cast<int>(index), TypeOf(expression));
        }
        case ExpressionClass::BOUND_CONSTANT:
            return TranslateConstant(expression.Cast<duckdb::BoundConstantExpression>());
        case ExpressionClass::BOUND_CAST:
            return TranslateCast(expression.Cast<duckdb::BoundCastExpression>());
        case ExpressionClass::BOUND_COMPARISON: {
            const auto& comparison = expression.Cast<duckdb::BoundComparisonExpression>();
            return plan::Compare(ComparisonText(comparison.GetExpressionType()), Translate(Written(*comparison.left)),
                                 Translate(Written(*comparison.right)));
        }
        case ExpressionClass::BOUND_CONJUNCTION: {
            const auto& conjunction = expression.Cast<duckdb::BoundConjunctionExpression>();
            bool is_and = conjunction.GetExpressionType() == ExpressionType::CONJUNCTION_AND;
            return plan::Call(is_and ? ExprKind::And : ExprKind::Or, "BOOLEAN", TranslateAll(conjunction.children));
        }
        case ExpressionClass::BOUND_OPERATOR:
            return TranslateOperator(expression.Cast<duckdb::BoundOperatorExpression>());
        case ExpressionClass::BOUND_CASE:
            return TranslateCase(expression.Cast<duckdb::BoundCaseExpression>());
        case ExpressionClass::BOUND_BETWEEN:
            return TranslateBetween(expression.Cast<duckdb::BoundBetweenExpression>());
        case ExpressionClass::BOUND_FUNCTION:
            return TranslateFunction(expression.Cast<duckdb::BoundFunctionExpression>());
        default:
            throw Refused("expression " + expression.ToString() + " has no rule");
        }
    }

private:
    std::vector<ExprPtr> TranslateAll(const duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& expressions) {
        std::vector<ExprPtr> out;
        for (const auto& expression : expressions) {
            out.push_back(Translate(*expression));
        }
        return out;
    }

    ExprPtr TranslateCast(const duckdb::BoundCastExpression& cast) {
        auto child = Translate(*cast.child);
        if (HasUnnamedStruct(TypeOf(cast))) {
            return child; // no text of that type parses: binding makes such a cast itself where rows are compared
        }
        plan::Expr node;
        node.kind = ExprKind::Cast;
        node.type = TypeOf(cast);
        node.try_cast = cast.try_cast;
        node.args = {child};
        return std::make_shared<const plan::Expr>(node);
    }

    ExprPtr TranslateOperator(const duckdb::BoundOperatorExpression& op) {
        auto args = TranslateAll(op.children);
        switch (op.GetExpressionType()) {
        case ExpressionType::OPERATOR_NOT:
            return plan::Call(ExprKind::Not, TypeOf(op), args);
        case ExpressionType::OPERATOR_IS_NULL:
            return plan::Call(ExprKind::IsNull, TypeOf(op), args);
        case ExpressionType::OPERATOR_IS_NOT_NULL:
            return plan::Call(ExprKind::IsNotNull, TypeOf(op), args);
        case ExpressionType::COMPARE_IN:
            return plan::Call(ExprKind::In, TypeOf(op), args);
        case ExpressionType::COMPARE_NOT_IN:
            return plan::Call(ExprKind::NotIn, TypeOf(op), args);
        case ExpressionType::OPERATOR_COALESCE:
            return plan::Call(ExprKind::Coalesce, TypeOf(op), args);
        case ExpressionType::OPERATOR_TRY:
            return plan::Call(ExprKind::Function, TypeOf(op), args, "try");
        default:
            throw Refused("operator " + duckdb::ExpressionTypeToString(op.GetExpressionType()) + " has no rule");
        }
    }

    ExprPtr TranslateCase(const duckdb::BoundCaseExpression& expression) {
        std::vector<ExprPtr> args;
        for (const auto& check : expression.case_checks) {
            args.push_back(Translate(*check.when_expr));
            args.push_back(Translate(*check.then_expr));
        }
        args.push_back(Translate(*expression.else_expr));
        return plan::Call(ExprKind::Case, TypeOf(expression), args);
    }

    ExprPtr TranslateBetween(const duckdb::BoundBetweenExpression& between) {
        auto input = Translate(Written(*between.input));
        auto lower = Translate(Written(*between.lower));
        auto upper = Translate(Written(*between.upper));
        if (between.lower_inclusive && between.upper_inclusive) {
            return plan::Call(ExprKind::Between, "BOOLEAN", {input, lower, upper});
        }
        return plan::Call(ExprKind::And, "BOOLEAN",
                          {plan::Compare(between.lower_inclusive ? ">=" : ">", input, lower),
                           plan::Compare(between.upper_inclusive ? "<=" : "<", input, upper)});
    }

    ExprPtr TranslateFunction(const duckdb::BoundFunctionExpression& call) {
        if (GivesMoment(call)) {
            return plan::Call(ExprKind::Moment, TypeOf(call), {}, call.function.name);
        }
        // error() is volatile only to keep the optimizer from raising it early.
        if (call.function.GetStability() != duckdb::FunctionStability::CONSISTENT && call.function.name != "error") {
            throw Refused(fmt::format("function {}() does not give the same result every time", call.function.name));
        }
        if (call.function.name == "alias") {
            throw Refused("alias() tells how the query is written");
        }
        auto args = TranslateAll(call.children);
        if (call.function.name == "array_slice") {
            LeaveOpen(call, args);
        }
        if (call.function.name == "date_part" && args.size() == 1) {
            args.insert(args.begin(), PartsOf(call.return_type));
        }
        if (const auto* lambda = LambdaOf(call)) {
            return TranslateListFunction(call, *lambda, args);
        }
        auto plain = plan::Call(ExprKind::Function, TypeOf(call), WithoutAddedCasts(connection_, call, std::move(args)),
                                call.function.name);
        if (!NamesFields(call)) {
            bool restorable = restore_ && depth_ == 0 && call.bind_info;
            return restorable ? restore_(call, plain) : plain;
        }
        plan::Expr named = *plain;
        named.arg_names = FieldNames(call);
        return std::make_shared<const plan::Expr>(std::move(named));
    }

    static bool NamesFields(const duckdb::BoundFunctionExpression& call) {
        const auto& name = call.function.name;
        return name == "struct_pack" || name == "struct_insert" || name == "struct_update";
    }

    /// Arguments that decorrelation replaced, as it does with count(), have lost their names: those of struct_pack and
    /// struct_insert are the last fields of the result.
    static std::vector<std::string> FieldNames(const duckdb::BoundFunctionExpression& call) {
        const auto& fields = duckdb::StructType::GetChildTypes(call.return_type);
        bool changes_struct = call.function.name != "struct_pack"; // the first argument
        std::vector<std::string> names(changes_struct ? 1 : 0);
        for (size_t i = names.size(); i < call.children.size(); i++) {
            bool replaces = call.function.name == "struct_update";
            names.push_back(replaces ? call.children[i]->GetAlias()
                                     : fields[fields.size() - call.children.size() + i].first);
        }
        return names;
    }

    /// l[2:]: binding knows an open end by an empty list in its place, which only this way of writing gives.
    static void LeaveOpen(const duckdb::BoundFunctionExpression& call, std::vector<ExprPtr>& args) {
        for (size_t i = 1; i < args.size(); i++) {
            if (call.children[i]->return_type.id() == duckdb::LogicalTypeId::LIST) {
                args[i] = plan::Literal("", args[i]->type);
            }
        }
    }

    /// date_part(['year', 'month'], x): binding took the list away, and gives a struct of these fields.
    static ExprPtr PartsOf(const duckdb::LogicalType& fields) {
        std::vector<ExprPtr> parts;
        for (const auto& field : duckdb::StructType::GetChildTypes(fields)) {
            parts.push_back(plan::Literal(duckdb::Value(field.first).ToSQLString(), "VARCHAR"));
        }
        return plan::Call(ExprKind::Function, "VARCHAR[]", parts, "list_value");
    }

    /// Binding made the lambda's body read a chunk of its own: the parameters in reverse order, then what the body
    /// reads from outside, which stands among the function's arguments behind the list and reduce's initial value.
    ExprPtr TranslateListFunction(const duckdb::BoundFunctionExpression& call, const duckdb::ListLambdaBindData& lambda,
                                  const std::vector<ExprPtr>& args) {
        const std::string& name = call.function.name;
        bool reduces = name == "list_reduce" || name == "array_reduce" || name == "reduce";
        size_t parameters = (reduces ? 2U : 1U) + (lambda.has_index ? 1U : 0U);
        size_t own = lambda.has_initial ? 2U : 1U;
        depth_++;
        std::vector<ExprPtr> scope;
        std::string names;
        for (size_t i = 0; i < parameters; i++) {
            std::string parameter = fmt::format("__x{}_{}", depth_, i);
            names += (i ? ", " : "") + parameter;
            scope.insert(scope.begin(), plan::Call(ExprKind::Parameter, "", {}, parameter));
        }
        scope.insert(scope.end(), args.begin() + static_cast<std::ptrdiff_t>(own), args.end());
        std::swap(scope, scope_);
        auto body = plan::Call(ExprKind::Lambda, "LAMBDA", {Translate(*lambda.lambda_expr)}, names);
        std::swap(scope, scope_);
        depth_--;
        std::vector<ExprPtr> written = {args[0], body};
        written.insert(written.end(), args.begin() + 1, args.begin() + static_cast<std::ptrdiff_t>(own));
        return plan::Call(ExprKind::Function, TypeOf(call), written, name);
    }

    duckdb::Connection& connection_;
    const Restoration& restore_; ///< may be empty
    int depth_ = 0;
    std::vector<ExprPtr> scope_;
};

} // namespace

Refused Unproved(const duckdb::Expression& expression) {
    std::string unnamed;
    std::function<void(const duckdb::Expression&)> look = [&](const duckdb::Expression& part) {
        bool column = part.GetExpressionClass() == ExpressionClass::BOUND_REF;
        unnamed = column && HasUnnamedStruct(TypeOf(part)) ? TypeOf(part) : unnamed;
        duckdb::ExpressionIterator::EnumerateChildren(part, look);
    };
    look(expression);
    std::string reason = unnamed.empty() ? "can't be written back exactly"
                                         : fmt::format("reads a value of type {}, whose fields have no names", unnamed);
    return Refused(fmt::format("expression {} {}", expression.ToString(), reason));
}

std::string ComparisonText(ExpressionType type) {
    switch (type) {
    case ExpressionType::COMPARE_EQUAL:
        return "=";
    case ExpressionType::COMPARE_NOTEQUAL:
        return "<>";
    case ExpressionType::COMPARE_DISTINCT_FROM:
        return "IS DISTINCT FROM";
    case ExpressionType::COMPARE_NOT_DISTINCT_FROM:
        return "IS NOT DISTINCT FROM";
    default:
        return duckdb::ExpressionTypeToOperator(type);
    }
}

const duckdb::Expression& Written(const duckdb::Expression& compared) {
    if (compared.GetExpressionClass() != ExpressionClass::BOUND_FUNCTION) {
        return compared;
    }
    const auto& call = compared.Cast<duckdb::BoundFunctionExpression>();
    bool added = call.function.name == "normalized_interval" || call.function.name == "timetz_byte_comparable";
    return added && call.children.size() == 1 ? *call.children[0] : compared;
}

ExprPtr TranslateExpression(const duckdb::Expression& expression, duckdb::Connection& connection,
                            const Restoration& restore) {
    return ExpressionTranslator(connection, restore).Translate(expression);
}

namespace {

bool SameValue(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    duckdb::Value left, right;
    return duckdb::ExpressionExecutor::TryEvaluateScalar(context, a, left) &&
           duckdb::ExpressionExecutor::TryEvaluateScalar(context, b, right) && left.type() == right.type() &&
           duckdb::Value::NotDistinctFrom(left, right);
}

bool SameData(duckdb::ClientContext& context, const duckdb::BoundFunctionExpression& left,
              const duckdb::BoundFunctionExpression& right) {
    const auto *a = LambdaOf(left), *b = LambdaOf(right);
    if (a && b) {
        return a->has_index == b->has_index && a->has_initial == b->has_initial && a->return_type == b->return_type &&
               SameBound(context, *a->lambda_expr, *b->lambda_expr);
    }
    const auto &left_data = left.bind_info, &right_data = right.bind_info;
    return (!left_data && !right_data) || (left_data && right_data && left_data->Equals(*right_data));
}

/// Children; those of a conjunction inside a like one count as the outer one's (a AND (b AND c) binds as a AND b AND
/// c).
void CollectChildren(const duckdb::Expression& expression, std::vector<const duckdb::Expression*>& into) {
    duckdb::ExpressionIterator::EnumerateChildren(expression, [&](const duckdb::Expression& child) {
        bool nested = child.GetExpressionClass() == ExpressionClass::BOUND_CONJUNCTION &&
                      child.GetExpressionType() == expression.GetExpressionType();
        if (nested) {
            CollectChildren(child, into);
        } else {
            into.push_back(&child);
        }
    });
}

bool SameLowered(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b);

bool SameChildren(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    std::vector<const duckdb::Expression*> left, right;
    CollectChildren(a, left);
    CollectChildren(b, right);
    if (left.size() != right.size()) {
        return false;
    }
    for (size_t i = 0; i < left.size(); i++) {
        if (!SameLowered(context, *left[i], *right[i])) {
            return false;
        }
    }
    return true;
}

/// With BETWEEN as two comparisons. Binding writes it so, but not over a subquery, which is a column once it is
/// planned.
duckdb::unique_ptr<duckdb::Expression> Lowered(duckdb::unique_ptr<duckdb::Expression> expression) {
    duckdb::ExpressionIterator::EnumerateChildren(
        *expression, [](duckdb::unique_ptr<duckdb::Expression>& child) { child = Lowered(std::move(child)); });
    if (expression->GetExpressionClass() != ExpressionClass::BOUND_BETWEEN) {
        return expression;
    }
    auto& between = expression->Cast<duckdb::BoundBetweenExpression>();
    auto lower = duckdb::make_uniq<duckdb::BoundComparisonExpression>(between.LowerComparisonType(),
                                                                      between.input->Copy(), std::move(between.lower));
    auto upper = duckdb::make_uniq<duckdb::BoundComparisonExpression>(
        between.UpperComparisonType(), std::move(between.input), std::move(between.upper));
    return duckdb::make_uniq<duckdb::BoundConjunctionExpression>(ExpressionType::CONJUNCTION_AND, std::move(lower),
                                                                 std::move(upper));
}

/// Collations are functions by now.
bool SameType(const duckdb::LogicalType& a, const duckdb::LogicalType& b) {
    return a == b || (a.id() == duckdb::LogicalTypeId::VARCHAR && b.id() == duckdb::LogicalTypeId::VARCHAR);
}

bool SameLowered(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    if (!SameType(a.return_type, b.return_type)) {
        return false;
    }
    if (a.IsFoldable() && b.IsFoldable()) {
        return SameValue(context, a, b) || a.Equals(b);
    }
    if (a.GetExpressionClass() != b.GetExpressionClass() || a.GetExpressionType() != b.GetExpressionType()) {
        return false;
    }
    switch (a.GetExpressionClass()) {
    case ExpressionClass::BOUND_REF:
        return a.Cast<duckdb::BoundReferenceExpression>().index == b.Cast<duckdb::BoundReferenceExpression>().index;
    case ExpressionClass::BOUND_CAST:
        if (a.Cast<duckdb::BoundCastExpression>().try_cast != b.Cast<duckdb::BoundCastExpression>().try_cast) {
            return false;
        }
        break;
    case ExpressionClass::BOUND_FUNCTION: {
        const auto& left = a.Cast<duckdb::BoundFunctionExpression>();
        const auto& right = b.Cast<duckdb::BoundFunctionExpression>();
        if (left.function.name != right.function.name ||
            !SameType(left.function.return_type, right.function.return_type) || !SameData(context, left, right)) {
            return false;
        }
        break;
    }
    default:
        break;
    }
    return SameChildren(context, a, b);
}

} // namespace

bool SameBound(duckdb::ClientContext& context, const duckdb::Expression& a, const duckdb::Expression& b) {
    return SameLowered(context, *Lowered(a.Copy()), *Lowered(b.Copy()));
}

} // namespace freshet
