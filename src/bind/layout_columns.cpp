#include "bind/layout_columns.hpp"

#include <duckdb/parser/expression/columnref_expression.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>
#include <functional>

namespace freshet {

std::vector<std::string> LayoutColumns(const std::string& layout) {
    std::vector<std::string> names;
    std::function<void(const duckdb::ParsedExpression&)> collect = [&](const duckdb::ParsedExpression& expression) {
        if (expression.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
            names.push_back(expression.Cast<duckdb::ColumnRefExpression>().GetColumnName());
        }
        duckdb::ParsedExpressionIterator::EnumerateChildren(expression, collect);
    };
    if (layout.empty()) {
        return names;
    }
    try {
        for (const auto& order : duckdb::Parser::ParseOrderList(layout)) {
            collect(*order.expression);
        }
    } catch (const std::exception&) {
        names.clear();
    }
    return names;
}

} // namespace freshet
