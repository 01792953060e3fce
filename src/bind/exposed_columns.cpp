#include "base/caseless.hpp"
#include "bind/catalog_lookup.hpp"
#include "bind/name_resolver.hpp"

#include <algorithm>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>

namespace freshet {

namespace {

bool Holds(const duckdb::vector<std::string>& names, const std::string& name) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& each) { return SameWord(each, name); });
}

} // namespace

bool NameResolver::MayBeColumn(const std::string& name) {
    return std::any_of(selects_.begin(), selects_.end(), [&](SelectScope& select) {
        // What stands in FROM doesn't see what FROM gives, but for conditions of a join.
        if (select.in_from && &select != &selects_.back()) {
            return false;
        }
        bool alias = select.aliases.find(name) != select.aliases.end();
        return alias || (select.node->from_table && Exposes(*select.node->from_table, name));
    });
}

bool NameResolver::Exposes(duckdb::TableRef& ref, const std::string& name) {
    if (Holds(ref.column_name_alias, name)) {
        return true;
    }
    switch (ref.type) {
    case duckdb::TableReferenceType::JOIN: {
        auto& join = ref.Cast<duckdb::JoinRef>();
        return Exposes(*join.left, name) || Exposes(*join.right, name);
    }
    case duckdb::TableReferenceType::SUBQUERY:
        return Exposes(*ref.Cast<duckdb::SubqueryRef>().subquery->node, {}, name);
    case duckdb::TableReferenceType::PIVOT:
        return Exposes(*ref.Cast<duckdb::PivotRef>().source, name);
    case duckdb::TableReferenceType::BASE_TABLE: {
        auto& table = ref.Cast<duckdb::BaseTableRef>();
        if (IsCteReference(table)) {
            const Cte* cte = FindCte(table.table_name);
            return Exposes(*cte->node, *cte->aliases, name);
        }
        auto entry = FindRelation(context_, table.catalog_name, table.schema_name, table.table_name);
        return entry && entry->type == duckdb::CatalogType::TABLE_ENTRY &&
               entry->Cast<duckdb::TableCatalogEntry>().ColumnExists(name);
    }
    default:
        return false;
    }
}

bool NameResolver::Exposes(duckdb::QueryNode& node, const duckdb::vector<std::string>& aliases,
                           const std::string& name) {
    if (Holds(aliases, name)) {
        return true;
    }
    switch (node.type) {
    case duckdb::QueryNodeType::SET_OPERATION_NODE: {
        auto& children = node.Cast<duckdb::SetOperationNode>().children;
        return std::any_of(children.begin(), children.end(), [&](auto& child) { return Exposes(*child, {}, name); });
    }
    case duckdb::QueryNodeType::RECURSIVE_CTE_NODE:
        return Exposes(*node.Cast<duckdb::RecursiveCTENode>().left, {}, name);
    case duckdb::QueryNodeType::SELECT_NODE: {
        auto& select = node.Cast<duckdb::SelectNode>();
        return std::any_of(select.select_list.begin(), select.select_list.end(), [&](ExpressionPtr& item) {
            bool star = item->GetExpressionClass() == duckdb::ExpressionClass::STAR;
            return star ? select.from_table && Exposes(*select.from_table, name) : SameWord(item->GetName(), name);
        });
    }
    default:
        return false;
    }
}

} // namespace freshet
