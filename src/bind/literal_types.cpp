#include "bind/literal_types.hpp"

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
        bool boolean = value.type().id() == duckdb::LogicalTypeId::BOOLEAN;
        if (value.IsNull() || (!boolean && value.type().id() != duckdb::LogicalTypeId::DOUBLE)) {
            return;
        }
        std::string written = boolean ? value.ToString().substr(0, 1) : value.ToString();
        auto text = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value(written));
        auto cast = duckdb::make_uniq<duckdb::CastExpression>(value.type(), std::move(text));
        cast->SetAlias(expression->GetAlias());
        cast->SetQueryLocation(expression->GetQueryLocation());
        expression = std::move(cast);
    }
};

} // namespace

void KeepLiteralTypes(duckdb::QueryNode& node) {
    Literals().Node(node);
}

} // namespace freshet
