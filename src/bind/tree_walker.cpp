#include "bind/tree_walker.hpp"

#include <duckdb/parser/parsed_expression_iterator.hpp>

namespace freshet {

namespace {

class LocationEraser : public TreeWalker {
public:
    void Ref(TableRefPtr& ref) override {
        ref->query_location = duckdb::optional_idx();
        TreeWalker::Ref(ref);
    }
    void Expression(ExpressionPtr& expression) override {
        expression->SetQueryLocation(duckdb::optional_idx());
        TreeWalker::Expression(expression);
    }
};

} // namespace

bool ContainsStar(duckdb::ParsedExpression& expression) {
    bool found = expression.GetExpressionClass() == duckdb::ExpressionClass::STAR;
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [&](ExpressionPtr& child) { found = found || ContainsStar(*child); });
    return found;
}

void TreeWalker::Node(duckdb::QueryNode& node) {
    size_t outer = ctes_.size();
    for (auto& entry : node.cte_map.map) {
        Node(*entry.second->query->node);
        ctes_.push_back({entry.first, entry.second->query->node.get(), &entry.second->aliases});
    }
    switch (node.type) {
    case duckdb::QueryNodeType::SELECT_NODE:
        Select(node.Cast<duckdb::SelectNode>());
        break;
    case duckdb::QueryNodeType::SET_OPERATION_NODE:
        for (auto& child : node.Cast<duckdb::SetOperationNode>().children) {
            Node(*child);
        }
        Modifiers(node);
        break;
    case duckdb::QueryNodeType::RECURSIVE_CTE_NODE:
        RecursiveCte(node.Cast<duckdb::RecursiveCTENode>());
        Modifiers(node);
        break;
    default:
        throw duckdb::NotImplementedException("unexpected kind of query node in a parse tree");
    }
    ctes_.erase(ctes_.begin() + static_cast<std::ptrdiff_t>(outer), ctes_.end());
}

void TreeWalker::RecursiveCte(duckdb::RecursiveCTENode& node) {
    Node(*node.left);
    ctes_.push_back({node.ctename, node.left.get(), &node.aliases});
    Node(*node.right);
    ctes_.pop_back();
    for (auto& key : node.key_targets) {
        Expression(key);
    }
}

void TreeWalker::Select(duckdb::SelectNode& node) {
    if (node.from_table) {
        From(node.from_table);
    }
    for (auto& item : node.select_list) {
        SelectItem(item);
    }
    OptionalExpression(node.where_clause);
    for (auto& group : node.groups.group_expressions) {
        Expression(group);
    }
    OptionalExpression(node.having);
    OptionalExpression(node.qualify);
    Modifiers(node);
}

void TreeWalker::SelectItem(ExpressionPtr& item) {
    KeepingName(item, [&] { Expression(item); });
}

void TreeWalker::KeepingName(ExpressionPtr& item, const std::function<void()>& change) {
    bool named = item->HasAlias() || ContainsStar(*item);
    std::string name = named ? "" : item->GetName();
    change();
    if (!named && !item->HasAlias() && item->GetName() != name) {
        item->SetAlias(name);
    }
}

void TreeWalker::OptionalExpression(ExpressionPtr& expression) {
    if (expression) {
        Expression(expression);
    }
}

void TreeWalker::Modifiers(duckdb::QueryNode& node) {
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeModifiers(
        node, [&](ExpressionPtr& expression) { Expression(expression); });
}

void TreeWalker::Ref(TableRefPtr& ref) {
    switch (ref->type) {
    case duckdb::TableReferenceType::JOIN: {
        auto& join = ref->Cast<duckdb::JoinRef>();
        Ref(join.left);
        Ref(join.right);
        return OptionalExpression(join.condition);
    }
    case duckdb::TableReferenceType::SUBQUERY:
        return Node(*ref->Cast<duckdb::SubqueryRef>().subquery->node);
    case duckdb::TableReferenceType::TABLE_FUNCTION: {
        auto& function = ref->Cast<duckdb::TableFunctionRef>();
        if (function.subquery) {
            Node(*function.subquery->node);
        }
        return Expression(function.function);
    }
    case duckdb::TableReferenceType::EXPRESSION_LIST:
        for (auto& row : ref->Cast<duckdb::ExpressionListRef>().values) {
            for (auto& value : row) {
                Expression(value);
            }
        }
        return;
    case duckdb::TableReferenceType::PIVOT:
        return Pivot(ref->Cast<duckdb::PivotRef>());
    case duckdb::TableReferenceType::SHOW_REF: {
        auto& show = ref->Cast<duckdb::ShowRef>();
        return show.query ? Node(*show.query) : void();
    }
    default:
        return;
    }
}

void TreeWalker::Pivot(duckdb::PivotRef& pivot) {
    Ref(pivot.source);
    for (auto& aggregate : pivot.aggregates) {
        Expression(aggregate);
    }
    for (auto& column : pivot.pivots) {
        for (auto& expression : column.pivot_expressions) {
            Expression(expression);
        }
        for (auto& entry : column.entries) {
            OptionalExpression(entry.expr);
        }
        if (column.subquery) {
            Node(*column.subquery);
        }
    }
}

void TreeWalker::Expression(ExpressionPtr& expression) {
    if (expression->GetExpressionClass() == duckdb::ExpressionClass::SUBQUERY) {
        Node(*expression->Cast<duckdb::SubqueryExpression>().subquery->node);
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(*expression, [&](ExpressionPtr& child) { Expression(child); });
}

const TreeWalker::Cte* TreeWalker::FindCte(const std::string& name) const {
    for (auto cte = ctes_.rbegin(); cte != ctes_.rend(); ++cte) {
        if (duckdb::StringUtil::CIEquals(cte->name, name)) {
            return &*cte;
        }
    }
    return nullptr;
}

bool TreeWalker::IsCteReference(const duckdb::BaseTableRef& ref) const {
    // "recurring" qualifies the rows so far of a recursive CTE with USING KEY.
    bool unqualified = ref.catalog_name.empty() && (ref.schema_name.empty() || ref.schema_name == "recurring");
    return unqualified && FindCte(ref.table_name) != nullptr;
}

void ForgetLocations(duckdb::QueryNode& node) {
    LocationEraser().Node(node);
}

void ForgetLocations(ExpressionPtr& expression) {
    LocationEraser().Expression(expression);
}

} // namespace freshet
