#include "bind/macro_expansion.hpp"

#include <duckdb/catalog/catalog_entry/scalar_macro_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_macro_catalog_entry.hpp>
#include <duckdb/function/scalar_macro_function.hpp>
#include <duckdb/function/table_macro_function.hpp>
#include <duckdb/planner/binder.hpp>
#include <duckdb/planner/table_binding.hpp>

namespace freshet {

namespace {

/// Values of a macro's parameters in one call.
using Arguments = duckdb::case_insensitive_map_t<ExpressionPtr>;

struct Call {
    const duckdb::MacroFunction& overload;
    Arguments arguments;
};

/// Lets DuckDB choose the overload, add defaults and cast to declared types.
Call Match(duckdb::ClientContext& context, duckdb::MacroCatalogEntry& macro, const duckdb::FunctionExpression& call) {
    auto copy = duckdb::unique_ptr_cast<duckdb::ParsedExpression, duckdb::FunctionExpression>(call.Copy());
    duckdb::vector<ExpressionPtr> positional;
    duckdb::InsertionOrderPreservingMap<ExpressionPtr> named;
    auto binder = duckdb::Binder::CreateBinder(context);
    auto chosen =
        duckdb::MacroFunction::BindMacroFunction(*binder, macro.macros, macro.name, *copy, positional, named, 0);
    if (!chosen.error.empty()) {
        throw duckdb::BinderException(call, chosen.error);
    }
    Call match{*macro.macros[chosen.function_idx.GetIndex()], {}};
    for (size_t i = 0; i < positional.size(); i++) {
        auto& parameter = match.overload.parameters[i]->Cast<duckdb::ColumnRefExpression>();
        match.arguments[parameter.GetColumnName()] = std::move(positional[i]);
    }
    for (auto& entry : named) {
        match.arguments[entry.first] = std::move(entry.second);
    }
    return match;
}

/// Puts arguments in the place of parameters. As in DuckDB a parameter hides a column of its name.
class ParameterReplacer : public TreeWalker {
public:
    explicit ParameterReplacer(const Arguments& arguments) : arguments_(arguments) {}

    void Node(duckdb::QueryNode& node) override {
        depth_++;
        TreeWalker::Node(node);
        depth_--;
    }

    /// Columns are named by what stands in the place of parameters.
    void SelectItem(ExpressionPtr& item) override { Expression(item); }

    void Expression(ExpressionPtr& expression) override {
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
            return Replace(expression);
        }
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::LAMBDA) {
            return Lambda(expression->Cast<duckdb::LambdaExpression>());
        }
        TreeWalker::Expression(expression);
    }

private:
    void Replace(ExpressionPtr& expression) {
        auto& parts = expression->Cast<duckdb::ColumnRefExpression>().column_names;
        // DuckDB keeps parameters of its own macros under the name of a pseudo table.
        size_t first = parts.size() > 1 && parts[0].find(duckdb::DummyBinding::DUMMY_NAME) != std::string::npos ? 1 : 0;
        auto argument = arguments_.find(parts[first]);
        bool hidden = duckdb::LambdaExpression::IsLambdaParameter(lambda_parameters_, parts[first]);
        // Inside a subquery the first of several parts is rather a table.
        bool field = parts.size() > first + 1;
        if (argument == arguments_.end() || hidden || (field && first == 0 && depth_ > 0)) {
            return;
        }
        ExpressionPtr value = argument->second->Copy();
        for (size_t i = first + 1; i < parts.size(); i++) {
            value = Field(std::move(value), parts[i]);
        }
        value->SetAlias(expression->GetAlias());
        expression = std::move(value);
    }

    static ExpressionPtr Field(ExpressionPtr base, const std::string& name) {
        duckdb::vector<ExpressionPtr> children;
        children.push_back(std::move(base));
        children.push_back(duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(name)));
        return duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::STRUCT_EXTRACT,
                                                             std::move(children));
    }

    void Lambda(duckdb::LambdaExpression& lambda) {
        std::string not_parameters;
        auto parameters = lambda.ExtractColumnRefExpressions(not_parameters);
        lambda_parameters_.emplace_back();
        if (!not_parameters.empty()) { // the -> of JSON
            Expression(lambda.lhs);
        }
        for (const auto& parameter : parameters) {
            lambda_parameters_.back().insert(parameter.get().GetName());
        }
        Expression(lambda.expr);
        lambda_parameters_.pop_back();
    }

    const Arguments& arguments_;
    size_t depth_ = 0;
    duckdb::vector<duckdb::unordered_set<std::string>> lambda_parameters_;
};

} // namespace

ExpressionPtr ExpandScalarMacro(duckdb::ClientContext& context, duckdb::ScalarMacroCatalogEntry& macro,
                                const duckdb::FunctionExpression& call) {
    Call match = Match(context, macro, call);
    ExpressionPtr body = match.overload.Cast<duckdb::ScalarMacroFunction>().expression->Copy();
    ForgetLocations(body);
    ParameterReplacer(match.arguments).Expression(body);
    return body;
}

duckdb::unique_ptr<duckdb::QueryNode> ExpandTableMacro(duckdb::ClientContext& context,
                                                       duckdb::TableMacroCatalogEntry& macro,
                                                       const duckdb::FunctionExpression& call) {
    Call match = Match(context, macro, call);
    auto body = match.overload.Cast<duckdb::TableMacroFunction>().query_node->Copy();
    ForgetLocations(*body);
    ParameterReplacer(match.arguments).Node(*body);
    return body;
}

std::string MacroText(const duckdb::MacroCatalogEntry& macro) {
    std::string text;
    for (const auto& overload : macro.macros) {
        text += (text.empty() ? "" : ", ") + overload->ToSQL();
    }
    return text;
}

} // namespace freshet
