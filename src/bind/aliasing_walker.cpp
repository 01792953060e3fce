#include "bind/aliasing_walker.hpp"

#include "base/caseless.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

void AliasingWalker::Select(duckdb::SelectNode& node) {
    scopes_.emplace_back();
    TreeWalker::Select(node);
    scopes_.pop_back();
}

std::string AliasingWalker::AliasFor(const std::string& catalog, const std::string& schema, const std::string& name) {
    auto& scope = scopes_.back();
    auto taken = [&](const std::string& alias) {
        return std::any_of(scope.begin(), scope.end(),
                           [&](const Renamed& other) { return SameWord(other.alias, alias); });
    };
    std::string alias = name;
    for (int number = 2; taken(alias); number++) {
        alias = fmt::format("{}_{}", name, number);
    }
    scope.push_back({catalog, schema, name, alias});
    return alias;
}

void AliasingWalker::Expression(ExpressionPtr& expression) {
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
        Rename(expression->Cast<duckdb::ColumnRefExpression>());
    }
    TreeWalker::Expression(expression);
}

void AliasingWalker::Rename(duckdb::ColumnRefExpression& column) const {
    auto& parts = column.column_names;
    /// Number of leading parts that spell the relation; 0 if they don't.
    auto prefix = [&](const Renamed& renamed) -> size_t {
        if (parts.size() > 3 && SameWord(parts[0], renamed.catalog) && SameWord(parts[1], renamed.schema) &&
            SameWord(parts[2], renamed.name)) {
            return 3;
        }
        bool qualified =
            parts.size() > 2 && (SameWord(parts[0], renamed.schema) || SameWord(parts[0], renamed.catalog));
        return qualified && SameWord(parts[1], renamed.name) ? 2 : 0;
    };
    for (size_t depth = scopes_.size(); depth-- > 0;) {
        for (const auto& renamed : scopes_[depth]) {
            size_t count = prefix(renamed);
            if (count > 0) {
                if (IsHidden(depth, renamed.alias)) {
                    throw duckdb::BinderException(column,
                                                  "\"%s\" names a view here whose columns can't be told from those of "
                                                  "another relation \"%s\": give the view an alias",
                                                  column.ToString(), renamed.alias);
                }
                parts.erase(parts.begin() + 1, parts.begin() + static_cast<std::ptrdiff_t>(count));
                parts[0] = renamed.alias;
                return;
            }
        }
    }
}

} // namespace freshet
