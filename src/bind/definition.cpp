#include "bind/definition.hpp"

#include "bind/catalog_lookup.hpp"
#include "bind/definition_tree.hpp"
#include "bind/lexical.hpp"
#include "bind/literal_types.hpp"
#include "bind/row_cuts.hpp"
#include "bind/statement.hpp"
#include "bind/undetermined.hpp"

#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/main/query_result.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/planner/expression/bound_columnref_expression.hpp>
#include <duckdb/planner/expression_iterator.hpp>
#include <duckdb/planner/logical_operator_visitor.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/planner/planner.hpp>
#include <fmt/format.h>
#include <map>
#include <regex>

namespace freshet {

namespace {

using Statements = duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>>;
using Query = duckdb::unique_ptr<duckdb::SelectStatement>;

Statements Parse(duckdb::ClientContext& context, const std::string& text) {
    duckdb::Parser parser(context.GetParserOptions());
    parser.ParseQuery(WithPlainBlanks(text));
    return std::move(parser.statements);
}

/// "an INSERT", "a COPY"
std::string KindText(duckdb::StatementType type) {
    std::string kind = duckdb::StatementTypeToString(type);
    return (std::string("AEIOU").find(kind[0]) == std::string::npos ? "a " : "an ") + kind;
}

Query OnlyQuery(Statements statements, const std::string& text, const QueryPlaces& places) {
    if (statements.empty()) {
        throw Error(Code::NotAQuery, "there is no query").At(places.At(size_t{0}));
    }
    if (statements.size() > 1) {
        throw Error(Code::NotAQuery, "a definition is one query, and here are several statements")
            .At(places.At(SplitStatements(text).at(1).offset));
    }
    auto type = statements[0]->type;
    if (type == duckdb::StatementType::MULTI_STATEMENT) {
        throw Error(Code::NotAQuery, "a PIVOT whose columns follow from the data can't be a definition",
                    "list the values: PIVOT ... ON column IN (value, ...)")
            .At(places.Find("PIVOT"));
    }
    if (type != duckdb::StatementType::SELECT_STATEMENT) {
        throw Error(Code::NotAQuery, fmt::format("a definition is a query, not {}", KindText(type)))
            .At(places.At(SkipBlanks(text, 0)));
    }
    return duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(std::move(statements[0]));
}

/// SELECT * around something gives what it gets.
bool PassesThrough(duckdb::LogicalOperator& plan) {
    if (plan.type != duckdb::LogicalOperatorType::LOGICAL_PROJECTION || plan.types != plan.children[0]->types) {
        return false;
    }
    for (size_t i = 0; i < plan.expressions.size(); i++) {
        bool column = plan.expressions[i]->GetExpressionType() == duckdb::ExpressionType::BOUND_COLUMN_REF;
        if (!column || plan.expressions[i]->Cast<duckdb::BoundColumnRefExpression>().binding.column_index != i) {
            return false;
        }
    }
    return true;
}

/// The types of an expression and its parts: what prints alike may still be computed in another type.
std::string TypesOf(duckdb::Expression& expression) {
    std::string text = expression.return_type.ToString() + "(";
    duckdb::ExpressionIterator::EnumerateChildren(expression,
                                                  [&](duckdb::Expression& child) { text += TypesOf(child); });
    return text + ")";
}

/// A bound plan in words, without what only tells one binding from another.
std::string Describe(duckdb::LogicalOperator& plan) {
    if (PassesThrough(plan)) {
        return Describe(*plan.children[0]);
    }
    std::string text = duckdb::LogicalOperatorToString(plan.type) + "(";
    for (const auto& [key, value] : plan.ParamsToString()) {
        text += key + "=" + value + ";";
    }
    for (const auto& type : plan.types) {
        text += type.ToString() + ",";
    }
    duckdb::LogicalOperatorVisitor::EnumerateExpressions(
        plan, [&](duckdb::unique_ptr<duckdb::Expression>* expression) { text += TypesOf(**expression) + ","; });
    for (auto& child : plan.children) {
        text += Describe(*child);
    }
    return text + ")";
}

/// "#[9.0]" names a column of an operator by a number that depends on how the text was cut into subqueries: numbered
/// anew, in the order of their appearance.
std::string WithOwnNumbers(const std::string& text) {
    static const std::regex kBinding(R"(#\[(\d+)\.)");
    std::map<std::string, size_t> numbers;
    std::string result;
    auto rest = text.cbegin();
    for (std::sregex_iterator found(text.begin(), text.end(), kBinding), end; found != end; ++found) {
        size_t number = numbers.emplace((*found)[1], numbers.size()).first->second;
        result += std::string(rest, (*found)[0].first) + fmt::format("#[{}.", number);
        rest = (*found)[0].second;
    }
    return result + std::string(rest, text.cend());
}

std::string BoundText(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    duckdb::Planner planner(context);
    planner.CreatePlan(std::move(statement));
    planner.plan->ResolveOperatorTypes();
    return WithOwnNumbers(Describe(*planner.plan));
}

/// What the query is bound to; nothing where it can't be, which BindDefinition() explains with the place.
std::optional<std::string> Bound(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    try {
        return BoundText(context, std::move(statement));
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

std::optional<std::string> BoundAgain(duckdb::ClientContext& context, const std::string& text) {
    try {
        Statements again = Parse(context, text);
        return again.size() == 1 ? Bound(context, std::move(again[0])) : std::nullopt;
    } catch (const std::exception&) {
        return std::nullopt;
    }
}

/// DuckDB prints parse trees but doesn't promise that they read back: what would change is refused here rather than
/// computed wrongly. The same text is no proof, for types of literals aren't printed.
void CheckPrintsBack(duckdb::ClientContext& context, const duckdb::SelectStatement& statement) {
    auto meant = Bound(context, statement.Copy());
    if (meant && meant != BoundAgain(context, statement.ToString())) {
        throw Error(Code::Binding, "DuckDB can't write this query down again, which a definition needs",
                    "put the clause in other words");
    }
}

std::shared_ptr<Definition::Tree> Resolve(duckdb::ClientContext& context, const Excerpt& query,
                                          const std::string& search_path, const QueryPlaces& places) {
    auto tree = std::make_shared<Definition::Tree>();
    tree->text = query.text;
    tree->search_path = search_path;
    tree->statement = OnlyQuery(Parse(context, query.text), query.text, places);
    SearchPathScope path(context, search_path);
    NameResolver(context, places, tree->findings).Node(*tree->statement->node);
    KeepLiteralTypes(*tree->statement->node);
    CheckPrintsBack(context, *tree->statement);
    tree->inlined.assign(tree->findings.inlined.begin(), tree->findings.inlined.end());
    tree->undetermined = FindUndetermined(*tree->statement, places);
    tree->cuts_rows_inside = freshet::CutsRowsInside(*tree->statement);
    return tree;
}

void CollectReads(duckdb::LogicalOperator& plan, std::map<TableName, std::set<std::string>>& reads) {
    if (plan.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
        auto& get = plan.Cast<duckdb::LogicalGet>();
        auto table = get.GetTable();
        if (table && IsLake(table->ParentCatalog())) {
            auto& names = reads[NameOf(*table)];
            for (const auto& column : get.GetColumnIds()) {
                if (!column.IsVirtualColumn()) {
                    names.insert(table->GetColumn(duckdb::LogicalIndex(column.GetPrimaryIndex())).Name());
                }
            }
        }
    }
    for (auto& child : plan.children) {
        CollectReads(*child, reads);
    }
}

/// The binder asks tables for just the columns that the query names, or that a * stands for.
BoundQuery Bind(duckdb::ClientContext& context, duckdb::unique_ptr<duckdb::SQLStatement> statement) {
    duckdb::Planner planner(context);
    planner.CreatePlan(std::move(statement));
    BoundQuery bound;
    for (size_t i = 0; i < planner.names.size(); i++) {
        bound.columns.push_back({planner.names[i], planner.types[i].ToString()});
    }
    CollectReads(*planner.plan, bound.reads);
    return bound;
}

} // namespace

Query CopyOf(const duckdb::SelectStatement& statement) {
    return duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(statement.Copy());
}

Definition::Definition(std::shared_ptr<const Tree> tree) : tree_(std::move(tree)) {}
Definition::~Definition() = default;
Definition::Definition(const Definition&) = default;
Definition& Definition::operator=(const Definition&) = default;

const std::string& Definition::Text() const {
    return tree_->text;
}
const std::string& Definition::SearchPath() const {
    return tree_->search_path;
}
const std::set<TableName>& Definition::Tables() const {
    return tree_->findings.tables;
}
const std::set<TableName>& Definition::PinnedTables() const {
    return tree_->findings.pinned;
}
const std::vector<Inlined>& Definition::InlinedParts() const {
    return tree_->inlined;
}
const std::vector<Mention>& Definition::WithoutFeed() const {
    return tree_->findings.without_feed;
}
const std::vector<Mention>& Definition::VolatileFunctions() const {
    return tree_->findings.volatile_functions;
}
bool Definition::ReadsPhysicalColumns() const {
    return tree_->findings.reads_physical_columns;
}
const std::vector<Mention>& Definition::TimeFunctions() const {
    return tree_->findings.time_functions;
}
bool Definition::CutsRowsInside() const {
    return tree_->cuts_rows_inside;
}

const std::vector<Undetermined>& Definition::UndeterminedParts() const {
    return tree_->undetermined;
}

Definition ParseDefinition(Session& session, const Excerpt& query, const std::string& search_path,
                           const Source& source) {
    std::shared_ptr<Definition::Tree> tree;
    try {
        WithCatalog(session, [&](duckdb::ClientContext& context) {
            tree = Resolve(context, query, search_path, QueryPlaces(query, source));
        });
    } catch (const EngineError& error) {
        throw TranslateBindError(session, error, query, source);
    }
    return Definition(tree);
}

std::vector<Column> WithTableNames(std::vector<Column> columns, const std::vector<std::string>& given) {
    duckdb::vector<std::string> names;
    for (size_t i = 0; i < columns.size(); i++) {
        names.push_back(i < given.size() ? given[i] : columns[i].name);
    }
    duckdb::QueryResult::DeduplicateColumns(names);
    for (size_t i = 0; i < columns.size(); i++) {
        columns[i].name = names[i];
    }
    return columns;
}

BoundQuery BindQuery(Session& session, const std::string& sql) {
    BoundQuery bound;
    WithCatalog(session, [&](duckdb::ClientContext& context) {
        Statements statements = Parse(context, sql);
        bound = Bind(context, std::move(statements.at(0)));
    });
    return bound;
}

std::vector<Column> ResultColumns(Session& session, const std::string& sql) {
    return BindQuery(session, sql).columns;
}

std::vector<Column> BindDefinition(Session& session, const Definition& definition, const Excerpt& query,
                                   const Source& source) {
    std::vector<Column> columns;
    try {
        WithCatalog(session, [&](duckdb::ClientContext& context) {
            columns = Bind(context, definition.Parsed().statement->Copy()).columns;
        });
    } catch (const EngineError& error) {
        throw TranslateBindError(session, error, query, source);
    }
    return columns;
}

} // namespace freshet
