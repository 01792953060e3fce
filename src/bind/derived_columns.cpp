#include "bind/derived_columns.hpp"

#include "base/caseless.hpp"
#include "bind/catalog_lookup.hpp"
#include "bind/tree_walker.hpp"

#include <algorithm>
#include <duckdb/catalog/catalog_entry/view_catalog_entry.hpp>
#include <duckdb/parser/parser.hpp>

namespace freshet {

namespace {

/// Names of a query's columns: those of its first select list.
std::vector<std::string> NamesOf(const duckdb::QueryNode& node) {
    std::vector<std::string> names;
    if (node.type == duckdb::QueryNodeType::SET_OPERATION_NODE) {
        return NamesOf(*node.Cast<duckdb::SetOperationNode>().children.at(0));
    }
    if (node.type == duckdb::QueryNodeType::RECURSIVE_CTE_NODE) {
        return NamesOf(*node.Cast<duckdb::RecursiveCTENode>().left);
    }
    for (const auto& item : node.Cast<duckdb::SelectNode>().select_list) {
        if (item->GetExpressionClass() != duckdb::ExpressionClass::STAR) {
            names.push_back(item->GetName());
        }
    }
    return names;
}

class Finder : public TreeWalker {
public:
    Finder(duckdb::ClientContext& context, const std::string& name) : context_(context), name_(name) {}

    void Ref(TableRefPtr& ref) override {
        TreeWalker::Ref(ref);
        if (ref->type == duckdb::TableReferenceType::SUBQUERY && SameWord(ref->alias, name_)) {
            Add(NamesOf(*ref->Cast<duckdb::SubqueryRef>().subquery->node), ref->column_name_alias);
        }
        if (ref->type == duckdb::TableReferenceType::BASE_TABLE) {
            AddNamed(ref->Cast<duckdb::BaseTableRef>());
        }
    }

    const std::vector<std::string>& Names() const { return names_; }

private:
    void AddNamed(const duckdb::BaseTableRef& ref) {
        if (!SameWord(ref.alias.empty() ? ref.table_name : ref.alias, name_)) {
            return;
        }
        if (IsCteReference(ref)) {
            const Cte& cte = *FindCte(ref.table_name);
            std::vector<std::string> names = NamesOf(*cte.node);
            Rename(names, *cte.aliases);
            Add(names, ref.column_name_alias);
            return;
        }
        auto entry = FindRelation(context_, ref.catalog_name, ref.schema_name, ref.table_name);
        if (entry && entry->type == duckdb::CatalogType::VIEW_ENTRY) {
            auto& view = entry->Cast<duckdb::ViewCatalogEntry>();
            view.BindView(context_);
            auto columns = view.GetColumnInfo();
            Add(columns ? columns->names : duckdb::vector<std::string>(), ref.column_name_alias);
        }
    }

    static void Rename(std::vector<std::string>& names, const duckdb::vector<std::string>& aliases) {
        std::copy_n(aliases.begin(), std::min(aliases.size(), names.size()), names.begin());
    }

    void Add(std::vector<std::string> names, const duckdb::vector<std::string>& aliases) {
        Rename(names, aliases);
        names_.insert(names_.end(), names.begin(), names.end());
    }

    duckdb::ClientContext& context_;
    const std::string& name_;
    std::vector<std::string> names_;
};

} // namespace

std::vector<std::string> DerivedColumns(duckdb::ClientContext& context, const std::string& text,
                                        const std::string& name) {
    duckdb::Parser parser;
    parser.ParseQuery(text);
    if (parser.statements.size() != 1 || parser.statements[0]->type != duckdb::StatementType::SELECT_STATEMENT) {
        return {};
    }
    Finder finder(context, name);
    finder.Node(*parser.statements[0]->Cast<duckdb::SelectStatement>().node);
    return finder.Names();
}

} // namespace freshet
