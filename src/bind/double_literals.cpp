#include "bind/double_literals.hpp"

#include "bind/tree_walker.hpp"

namespace freshet {

namespace {

class Literals : public TreeWalker {
public:
    void Expression(ExpressionPtr& expression) override {
        TreeWalker::Expression(expression);
        if (expression->GetExpressionClass() != duckdb::ExpressionClass::CONSTANT) {
            return;
        }
        const auto& value = expression->Cast<duckdb::ConstantExpression>().value;
        if (value.IsNull() || value.type().id() != duckdb::LogicalTypeId::DOUBLE) {
            return;
        }
        auto text = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(value.ToString()));
        auto cast = duckdb::make_uniq<duckdb::CastExpression>(duckdb::LogicalType::DOUBLE, std::move(text));
        cast->SetAlias(expression->GetAlias());
        cast->SetQueryLocation(expression->GetQueryLocation());
        expression = std::move(cast);
    }
};

} // namespace

void KeepDoubleLiterals(duckdb::QueryNode& node) {
    Literals().Node(node);
}

} // namespace freshet
