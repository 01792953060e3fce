#include "bind/definition.hpp"

#include "bind/catalog_lookup.hpp"
#include "bind/definition_tree.hpp"
#include "bind/lexical.hpp"
#include "bind/literal_types.hpp"
#include "bind/prints_back.hpp"
#include "bind/row_cuts.hpp"
#include "bind/statement.hpp"
#include "bind/undetermined.hpp"

#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/main/query_result.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <duckdb/planner/planner.hpp>
#include <fmt/format.h>
#include <map>

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
