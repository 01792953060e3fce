#include "bind/order_coverage.hpp"

#include <algorithm>
#include <array>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <string_view>

namespace freshet {

namespace {

using Expressions = std::vector<const duckdb::ParsedExpression*>;

bool IsStar(const duckdb::ParsedExpression& expression) {
    return expression.GetExpressionClass() == duckdb::ExpressionClass::STAR;
}

/// sum(x), count(*) ...: aggregates that certainly are some.
bool IsAggregateCall(const duckdb::ParsedExpression& expression) {
    constexpr std::array<std::string_view, 6> kNames = {"sum", "count", "count_star", "min", "max", "avg"};
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) {
        return false;
    }
    std::string name = duckdb::StringUtil::Lower(expression.Cast<duckdb::FunctionExpression>().function_name);
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

/// A row, struct or list of its arguments: as many values tell it apart.
bool IsPack(const duckdb::ParsedExpression& expression) {
    constexpr std::array<std::string_view, 3> kNames = {"row", "struct_pack", "list_value"};
    if (expression.GetExpressionClass() != duckdb::ExpressionClass::FUNCTION) {
        return false;
    }
    std::string name = duckdb::StringUtil::Lower(expression.Cast<duckdb::FunctionExpression>().function_name);
    return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

bool CoversAll(const Expressions& list, const Expressions& expressions) {
    return std::all_of(expressions.begin(), expressions.end(), [&](const auto* each) { return Covers(list, *each); });
}

} // namespace

Expressions PartsOf(const duckdb::ParsedExpression& expression) {
    Expressions parts;
    if (IsPack(expression)) {
        for (const auto& part : expression.Cast<duckdb::FunctionExpression>().children) {
            parts.push_back(part.get());
        }
    }
    return parts;
}

bool SameExpression(const duckdb::ParsedExpression& a, const duckdb::ParsedExpression& b) {
    bool columns = a.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF &&
                   b.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF;
    if (columns) {
        const auto& first = a.Cast<duckdb::ColumnRefExpression>();
        const auto& second = b.Cast<duckdb::ColumnRefExpression>();
        if (first.IsQualified() != second.IsQualified()) {
            return duckdb::StringUtil::CIEquals(first.GetColumnName(), second.GetColumnName());
        }
    }
    return a.Equals(b);
}

bool Covers(const Expressions& list, const duckdb::ParsedExpression& expression) {
    bool constant = expression.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT;
    bool held =
        std::any_of(list.begin(), list.end(), [&](const auto* each) { return SameExpression(*each, expression); });
    return constant || held || (IsPack(expression) && CoversAll(list, PartsOf(expression)));
}

bool CoversNames(const Expressions& list, const std::vector<std::string>& names) {
    auto is = [](const duckdb::ParsedExpression& expression, const std::string& name) {
        return expression.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF &&
               duckdb::StringUtil::CIEquals(expression.Cast<duckdb::ColumnRefExpression>().GetColumnName(), name);
    };
    return std::all_of(names.begin(), names.end(), [&](const std::string& name) {
        return std::any_of(list.begin(), list.end(), [&](const auto* each) { return is(*each, name); });
    });
}

const duckdb::ParsedExpression& SelectNames::Resolved(const duckdb::ParsedExpression& expression) const {
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT) {
        const auto& value = expression.Cast<duckdb::ConstantExpression>().value;
        int64_t position = value.type().IsIntegral() && !value.IsNull() ? value.GetValue<int64_t>() : 0;
        bool inside = position > 0 && position <= static_cast<int64_t>(node_.select_list.size());
        return inside ? *node_.select_list[static_cast<size_t>(position - 1)] : expression;
    }
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
        const auto& column = expression.Cast<duckdb::ColumnRefExpression>();
        for (const auto& item : node_.select_list) {
            if (!column.IsQualified() && duckdb::StringUtil::CIEquals(item->GetAlias(), column.GetColumnName())) {
                return *item;
            }
        }
    }
    return expression;
}

/// GROUP BY a means a column a before it means an item AS a. Where it does, the item can only be shown because other
/// groups settle it.
bool SelectNames::MayMeanColumn(const duckdb::ParsedExpression& group) const {
    const auto& item = Resolved(group);
    if (&item == &group || group.GetExpressionClass() == duckdb::ExpressionClass::CONSTANT) {
        return false;
    }
    Expressions others;
    for (const auto& other : node_.groups.group_expressions) {
        if (other.get() != &group) {
            others.push_back(other.get());
        }
    }
    bool settled = true;
    duckdb::ParsedExpressionIterator::VisitExpression<duckdb::ColumnRefExpression>(
        item, [&](const duckdb::ColumnRefExpression& column) { settled = settled && Covers(others, column); });
    return settled && !SameExpression(item, group);
}

Expressions SelectNames::GroupKeys() const {
    Expressions keys;
    if (node_.groups.grouping_sets.size() > 1) {
        return keys;
    }
    for (const auto& group : node_.groups.group_expressions) {
        keys.push_back(&Resolved(*group));
        if (MayMeanColumn(*group)) {
            keys.push_back(group.get());
        }
    }
    if (keys.empty() && node_.aggregate_handling == duckdb::AggregateHandling::FORCE_AGGREGATES) {
        for (const auto& item : node_.select_list) { // GROUP BY ALL
            if (!IsAggregateCall(*item)) {
                keys.push_back(item.get());
            }
        }
    }
    return keys;
}

bool SelectNames::GivesOneRow() const {
    return node_.groups.group_expressions.empty() && !node_.select_list.empty() &&
           node_.aggregate_handling != duckdb::AggregateHandling::FORCE_AGGREGATES &&
           std::all_of(node_.select_list.begin(), node_.select_list.end(),
                       [](const ExpressionPtr& item) { return IsAggregateCall(*item); });
}

bool SelectNames::CoversItems(const Expressions& resolved) const {
    return std::all_of(node_.select_list.begin(), node_.select_list.end(),
                       [&](const ExpressionPtr& item) { return !IsStar(*item) && Covers(resolved, *item); });
}

bool SelectNames::TellRowsApart(const Expressions& expressions) const {
    Expressions resolved;
    for (const auto* expression : expressions) {
        if (IsStar(*expression)) { // ORDER BY ALL
            return true;
        }
        resolved.push_back(&Resolved(*expression));
    }
    Expressions keys = GroupKeys();
    bool keys_covered = !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const auto* key) {
        return !IsStar(*key) && Covers(resolved, *key);
    });
    bool from_covered = keys.empty() && from_ && CoversNames(resolved, *from_);
    return keys_covered || from_covered || GivesOneRow() || CoversItems(resolved);
}

namespace {

/// The name under which an item can be referred to; empty if there is none.
std::string NameOf(const duckdb::ParsedExpression& item) {
    bool column = item.GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF;
    return item.HasAlias() ? item.GetAlias() : column ? item.Cast<duckdb::ColumnRefExpression>().GetColumnName() : "";
}

/// A star that shows all columns under their names.
bool IsPlainStar(const duckdb::ParsedExpression& item) {
    if (!IsStar(item)) {
        return false;
    }
    const auto& star = item.Cast<duckdb::StarExpression>();
    return !star.columns && !star.expr && star.exclude_list.empty() && star.replace_list.empty() &&
           star.rename_list.empty();
}

bool Unnests(const duckdb::ParsedExpression& expression) {
    bool unnests = false;
    if (expression.GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
        std::string name = duckdb::StringUtil::Lower(expression.Cast<duckdb::FunctionExpression>().function_name);
        unnests = name == "unnest" || name == "unlist";
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [&](const duckdb::ParsedExpression& child) { unnests = unnests || Unnests(child); });
    return unnests;
}

/// The names under which items show these expressions, if they show all.
RowKey ShownNames(const duckdb::SelectNode& node, const Expressions& expressions) {
    std::vector<std::string> names;
    for (const auto* expression : expressions) {
        const auto& items = node.select_list;
        auto item = std::find_if(items.begin(), items.end(), [&](const auto& each) {
            return !NameOf(*each).empty() && SameExpression(*each, *expression);
        });
        if (item == items.end()) {
            return std::nullopt;
        }
        names.push_back(NameOf(**item));
    }
    return names;
}

Expressions ItemsOf(const duckdb::SelectNode& node) {
    Expressions items;
    for (const auto& item : node.select_list) {
        items.push_back(item.get());
    }
    return items;
}

/// What a SELECT without groups shows of its input's key.
RowKey PassedOn(const duckdb::SelectNode& node, const RowKey& from) {
    const auto& items = node.select_list;
    if (!from || std::any_of(items.begin(), items.end(), [](const auto& item) { return Unnests(*item); })) {
        return std::nullopt;
    }
    std::vector<std::string> names;
    for (const auto& name : *from) {
        auto item = std::find_if(items.begin(), items.end(), [&](const auto& each) {
            return IsPlainStar(*each) || CoversNames({each.get()}, {name});
        });
        if (item == items.end()) {
            return std::nullopt;
        }
        names.push_back(IsStar(**item) ? name : NameOf(**item));
    }
    return names;
}

RowKey KeyOfSelect(const duckdb::SelectNode& node, const CteSearch& search) {
    for (const auto& modifier : node.modifiers) {
        if (modifier->type == duckdb::ResultModifierType::DISTINCT_MODIFIER) {
            const auto& targets = modifier->Cast<duckdb::DistinctModifier>().distinct_on_targets;
            return targets.empty() ? ShownNames(node, ItemsOf(node)) : std::nullopt;
        }
    }
    SelectNames own(node);
    Expressions keys = own.GroupKeys();
    if (!keys.empty()) {
        return ShownNames(node, keys);
    }
    bool grouped = !node.groups.group_expressions.empty() ||
                   node.aggregate_handling == duckdb::AggregateHandling::FORCE_AGGREGATES;
    if (own.GivesOneRow()) {
        return std::vector<std::string>();
    }
    return grouped ? std::nullopt : PassedOn(node, KeyOf(*node.from_table, search));
}

} // namespace

RowKey KeyOf(const duckdb::QueryNode& node, const CteSearch& search) {
    CteSearch inside = [&](const std::string& name) {
        for (const auto& entry : node.cte_map.map) {
            if (duckdb::StringUtil::CIEquals(entry.first, name)) {
                return entry.second->aliases.empty() ? entry.second->query->node.get() : nullptr;
            }
        }
        return const_cast<duckdb::QueryNode*>(search(name));
    };
    switch (node.type) {
    case duckdb::QueryNodeType::SELECT_NODE:
        return KeyOfSelect(node.Cast<duckdb::SelectNode>(), inside);
    case duckdb::QueryNodeType::SET_OPERATION_NODE: {
        const auto& operation = node.Cast<duckdb::SetOperationNode>();
        bool plain = !operation.setop_all && operation.setop_type != duckdb::SetOperationType::UNION_BY_NAME;
        const auto& first = *operation.children[0];
        bool select = plain && first.type == duckdb::QueryNodeType::SELECT_NODE;
        return select ? ShownNames(first.Cast<duckdb::SelectNode>(), ItemsOf(first.Cast<duckdb::SelectNode>()))
                      : std::nullopt;
    }
    default:
        return std::nullopt;
    }
}

RowKey KeyOf(const duckdb::TableRef& from, const CteSearch& search) {
    if (!from.column_name_alias.empty() || from.sample) {
        return std::nullopt;
    }
    if (from.type == duckdb::TableReferenceType::SUBQUERY) {
        return KeyOf(*from.Cast<duckdb::SubqueryRef>().subquery->node, search);
    }
    if (from.type != duckdb::TableReferenceType::BASE_TABLE) {
        return std::nullopt;
    }
    const auto& table = from.Cast<duckdb::BaseTableRef>();
    bool qualified = !table.schema_name.empty() || !table.catalog_name.empty();
    const auto* cte = qualified ? nullptr : search(table.table_name);
    if (cte == nullptr) {
        return std::nullopt;
    }
    // Inside, the name means something else.
    return KeyOf(*cte, [&](const std::string& name) {
        return duckdb::StringUtil::CIEquals(name, table.table_name) ? nullptr : search(name);
    });
}

} // namespace freshet
