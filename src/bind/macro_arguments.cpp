#include "base/caseless.hpp"
#include "bind/name_resolver.hpp"

#include <algorithm>
#include <duckdb/catalog/catalog_entry/scalar_macro_catalog_entry.hpp>
#include <duckdb/function/scalar_macro_function.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <functional>

// Arguments of a macro with a subquery, `f(id)` where the body is (SELECT ... FROM orders WHERE customer = x): put into
// the subquery, `id` would mean a column of orders where there is one, and likewise a lambda's parameter. DuckDB 1.5
// qualifies the columns of the select list, HAVING, QUALIFY, ORDER BY and DISTINCT ON before it expands macros, and
// those of all other clauses not: so does this.

namespace freshet {

namespace {

/// Has its body names of its own, a subquery or a lambda's parameters? Another macro may have.
class OwnNames : public TreeWalker {
public:
    using IsMacro = std::function<bool(duckdb::FunctionExpression&)>;

    static bool In(const duckdb::MacroCatalogEntry& macro, const IsMacro& is_macro) {
        return std::any_of(macro.macros.begin(), macro.macros.end(), [&](const auto& overload) {
            OwnNames finder(is_macro);
            ExpressionPtr body = overload->template Cast<duckdb::ScalarMacroFunction>().expression->Copy();
            finder.Expression(body);
            return finder.found_;
        });
    }
    void Node(duckdb::QueryNode&) override { found_ = true; }
    void Expression(ExpressionPtr& expression) override {
        auto kind = expression->GetExpressionClass();
        found_ =
            found_ || kind == duckdb::ExpressionClass::LAMBDA ||
            (kind == duckdb::ExpressionClass::FUNCTION && is_macro_(expression->Cast<duckdb::FunctionExpression>()));
        TreeWalker::Expression(expression);
    }

private:
    explicit OwnNames(const IsMacro& is_macro) : is_macro_(is_macro) {}

    const IsMacro& is_macro_;
    bool found_ = false;
};

/// The words by which columns of a relation of FROM are named; none if nothing names it.
duckdb::vector<std::string> NameOfRelation(const duckdb::TableRef& ref) {
    if (!ref.alias.empty()) {
        return {ref.alias};
    }
    if (ref.type == duckdb::TableReferenceType::TABLE_FUNCTION) {
        return {ref.Cast<duckdb::TableFunctionRef>().function->Cast<duckdb::FunctionExpression>().function_name};
    }
    if (ref.type != duckdb::TableReferenceType::BASE_TABLE) {
        return {};
    }
    const auto& table = ref.Cast<duckdb::BaseTableRef>();
    duckdb::vector<std::string> name;
    for (const auto& part : {table.catalog_name, table.schema_name, table.table_name}) {
        if (!part.empty()) {
            name.push_back(part);
        }
    }
    return name;
}

/// Can't NameResolver::Exposes() tell what columns it has?
bool IsOpaque(const duckdb::TableRef& ref) {
    return ref.type == duckdb::TableReferenceType::TABLE_FUNCTION ||
           ref.type == duckdb::TableReferenceType::EXPRESSION_LIST;
}

ExpressionPtr ColumnOf(const duckdb::TableRef& relation, const duckdb::vector<std::string>& column) {
    duckdb::vector<std::string> parts = NameOfRelation(relation);
    parts.insert(parts.end(), column.begin(), column.end());
    return duckdb::make_uniq<duckdb::ColumnRefExpression>(std::move(parts));
}

} // namespace

void NameResolver::QualifyMacroArguments(duckdb::SelectNode& node) {
    duckdb::case_insensitive_set_t groups; // bound as they stand, and what is grouped by is found by its text
    for (const auto& group : node.groups.group_expressions) {
        groups.insert(group->ToString());
    }
    auto qualify = [&](ExpressionPtr& expression) { QualifyIn(expression, {*node.from_table, groups, {}, false}); };
    for (auto& item : node.select_list) {
        KeepingName(item, [&] { qualify(item); });
    }
    for (auto* clause : {&node.having, &node.qualify}) {
        if (*clause) {
            qualify(*clause);
        }
    }
    duckdb::ParsedExpressionIterator::EnumerateQueryNodeModifiers(node, qualify);
}

void NameResolver::QualifyIn(ExpressionPtr& expression, ArgumentScope scope) {
    switch (expression->GetExpressionClass()) {
    case duckdb::ExpressionClass::COLUMN_REF:
        return scope.in_argument ? QualifyColumn(expression, scope) : void();
    case duckdb::ExpressionClass::FUNCTION: {
        auto& function = expression->Cast<duckdb::FunctionExpression>();
        if (scope.groups.count(expression->ToString()) > 0) {
            break;
        }
        auto find = [&](duckdb::FunctionExpression& called) -> Entry {
            Entry entry =
                called.is_operator ? nullptr : FindFunction(called, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY);
            return entry && entry->type == duckdb::CatalogType::MACRO_ENTRY ? entry : nullptr;
        };
        Entry macro = find(function);
        scope.in_argument =
            scope.in_argument || (macro && OwnNames::In(macro->Cast<duckdb::MacroCatalogEntry>(),
                                                        [&](auto& called) { return bool(find(called)); }));
        break;
    }
    case duckdb::ExpressionClass::LAMBDA: {
        std::string not_parameters;
        for (const auto& parameter :
             expression->Cast<duckdb::LambdaExpression>().ExtractColumnRefExpressions(not_parameters)) {
            scope.lambda_parameters.insert(parameter.get().GetName());
        }
        break;
    }
    default:
        break;
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(*expression,
                                                        [&](ExpressionPtr& child) { QualifyIn(child, scope); });
}

void NameResolver::QualifyColumn(ExpressionPtr& expression, const ArgumentScope& scope) {
    const auto parts = expression->Cast<duckdb::ColumnRefExpression>().column_names;
    if (scope.lambda_parameters.count(parts[0]) > 0) {
        return;
    }
    ExpressionPtr qualified;
    if (const auto* relation = parts.size() > 1 ? RelationNamed(scope.from, parts[0]) : nullptr) {
        qualified = ColumnOf(*relation, {parts.begin() + 1, parts.end()});
    } else {
        Holders holders = HoldersOf(scope.from, parts[0]);
        if (holders.relations.empty() && holders.opaque.size() == 1) {
            holders.relations = holders.opaque;
        }
        if (holders.relations.empty()) {
            return; // of a query around this one, or with its schema
        }
        if (holders.relations.size() > 1 && !holders.merged) {
            throw duckdb::BinderException(
                *expression,
                "Ambiguous reference to column name \"%s\" in a macro's arguments: write the name of its table, too",
                parts[0]);
        }
        duckdb::vector<ExpressionPtr> values;
        for (auto* relation : holders.relations) {
            if (NameOfRelation(*relation).empty()) {
                relation->alias = AliasFor("", "", "unnamed");
            }
            values.push_back(ColumnOf(*relation, parts));
        }
        if (values.size() == 1) {
            qualified = std::move(values[0]);
        } else {
            qualified = duckdb::make_uniq<duckdb::OperatorExpression>(duckdb::ExpressionType::OPERATOR_COALESCE,
                                                                      std::move(values));
        }
    }
    qualified->SetAlias(expression->GetAlias());
    qualified->SetQueryLocation(expression->GetQueryLocation());
    expression = std::move(qualified);
}

const duckdb::TableRef* NameResolver::RelationNamed(const duckdb::TableRef& from, const std::string& name) {
    if (from.type == duckdb::TableReferenceType::JOIN) {
        const auto& join = from.Cast<duckdb::JoinRef>();
        const auto* left = RelationNamed(*join.left, name);
        return left != nullptr ? left : RelationNamed(*join.right, name);
    }
    duckdb::vector<std::string> words = NameOfRelation(from);
    return !words.empty() && SameWord(words.back(), name) ? &from : nullptr;
}

NameResolver::Holders NameResolver::HoldersOf(duckdb::TableRef& from, const std::string& column) {
    if (from.type != duckdb::TableReferenceType::JOIN) {
        if (Exposes(from, column)) {
            return {{&from}, {}, false};
        }
        bool opaque = IsOpaque(from) && from.column_name_alias.empty();
        return {{}, opaque ? std::vector{&from} : std::vector<duckdb::TableRef*>{}, false};
    }
    auto& join = from.Cast<duckdb::JoinRef>();
    Holders all = HoldersOf(*join.left, column);
    if (join.type == duckdb::JoinType::SEMI || join.type == duckdb::JoinType::ANTI) {
        return all;
    }
    Holders right = HoldersOf(*join.right, column);
    all.opaque.insert(all.opaque.end(), right.opaque.begin(), right.opaque.end());
    const auto& shared = join.using_columns;
    bool is_shared =
        join.ref_type == duckdb::JoinRefType::NATURAL ||
        std::any_of(shared.begin(), shared.end(), [&](const auto& each) { return SameWord(each, column); });
    if (is_shared && !all.relations.empty() && !right.relations.empty()) {
        if (join.type == duckdb::JoinType::OUTER) {
            all.merged = true;
        } else {
            (join.type == duckdb::JoinType::RIGHT ? all : right).relations.clear();
        }
    }
    all.merged = all.merged || right.merged;
    all.relations.insert(all.relations.end(), right.relations.begin(), right.relations.end());
    return all;
}

} // namespace freshet
