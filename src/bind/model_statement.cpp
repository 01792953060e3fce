#include "bind/model_statement.hpp"

#include "bind/catalog_lookup.hpp"
#include "bind/definition.hpp"
#include "bind/lexical.hpp"
#include "bind/name_resolver.hpp"
#include "bind/parse_name.hpp"
#include "bind/parse_options.hpp"
#include "bind/tree_walker.hpp"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/macro_catalog_entry.hpp>
#include <duckdb/function/scalar_macro_function.hpp>
#include <duckdb/function/table_macro_function.hpp>
#include <duckdb/parser/parsed_data/create_macro_info.hpp>
#include <duckdb/parser/parsed_data/create_view_info.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/create_statement.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

using Parsed = duckdb::unique_ptr<duckdb::SQLStatement>;

/// The statement as DuckDB parses it; errors point into the user's text.
Parsed ParseOne(const Excerpt& statement, const Source& source) {
    try {
        duckdb::Parser parser;
        parser.ParseQuery(WithPlainBlanks(statement.text));
        return parser.statements.empty() ? nullptr : std::move(parser.statements[0]);
    } catch (const std::exception& problem) {
        throw TranslateBindError(TranslateError(duckdb::ErrorData(problem)), statement, source);
    }
}

/// Collects what a query names.
class ReferenceFinder : public TreeWalker {
public:
    ReferenceFinder(const QueryPlaces& places, std::vector<Reference>& found) : places_(places), found_(found) {}

    void Ref(TableRefPtr& ref) override {
        if (ref->type == duckdb::TableReferenceType::BASE_TABLE) {
            auto& table = ref->Cast<duckdb::BaseTableRef>();
            if (!IsCteReference(table)) {
                Add(table.schema_name, table.table_name, table.query_location);
            }
        }
        TreeWalker::Ref(ref);
    }

    void Expression(ExpressionPtr& expression) override {
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
            auto& function = expression->Cast<duckdb::FunctionExpression>();
            Add(function.schema, function.function_name, function.GetQueryLocation());
        }
        TreeWalker::Expression(expression);
    }

private:
    void Add(const std::string& schema, const std::string& name, duckdb::optional_idx location) {
        Reference reference{schema.empty() ? std::nullopt : std::optional(schema), name, 0, 1};
        if (auto place = places_.At(location)) {
            reference.offset = place->offset;
            reference.length = place->length;
        }
        found_.push_back(reference);
    }

    const QueryPlaces& places_;
    std::vector<Reference>& found_;
};

void FindReferences(duckdb::QueryNode& node, const Excerpt& text, const Source& source, std::vector<Reference>& found) {
    ReferenceFinder(QueryPlaces(text, source), found).Node(node);
}

void FindReferences(duckdb::CreateMacroInfo& info, const Excerpt& text, const Source& source,
                    std::vector<Reference>& found) {
    QueryPlaces places(text, source);
    ReferenceFinder finder(places, found);
    for (auto& macro : info.macros) {
        if (macro->type == duckdb::MacroType::TABLE_MACRO) {
            finder.Node(*macro->Cast<duckdb::TableMacroFunction>().query_node);
        } else {
            finder.Expression(macro->Cast<duckdb::ScalarMacroFunction>().expression);
        }
    }
}

Error NotAModel(const Excerpt& statement, const Source& source) {
    size_t begin = SkipBlanks(statement.text, 0);
    size_t end = begin < statement.text.size() ? NextStretch(statement.text, begin).end : begin + 1;
    return Error(Code::NotAModel, "a model is CREATE DYNAMIC TABLE, CREATE VIEW, CREATE MACRO, or one query",
                 "put other statements into a file outside models/, for freshet sql -f")
        .At(source.At(statement.offset + begin, end - begin));
}

GivenName NameOf(const duckdb::CreateInfo& info, const std::string& name, const Excerpt& statement,
                 const Source& source) {
    if (info.temporary) {
        throw Error(Code::NotAModel, "what a model makes is kept in the lake, and this is temporary", "leave TEMP out")
            .At(source.At(statement.offset + SkipBlanks(statement.text, 0), 6));
    }
    GivenName given{info.schema.empty() ? std::nullopt : std::optional<std::string>(info.schema), name, 0, 0};
    Place place = QueryPlaces(statement, source).Find(name);
    CheckHome(info.catalog.empty() ? kLake : info.catalog, info.schema, "what a model makes", place);
    given.offset = place.offset;
    given.length = place.length;
    return given;
}

ModelStatement OfDynamicTable(const CreateStatement& create, const Source& source) {
    ModelStatement model;
    model.name = create.name;
    model.create = create;
    model.body = create.query;
    Parsed parsed = ParseOne(create.query, source);
    if (!parsed || parsed->type != duckdb::StatementType::SELECT_STATEMENT) {
        throw Error(Code::NotAQuery, "a definition is one query")
            .At(source.At(create.query.offset + SkipBlanks(create.query.text, 0), 1));
    }
    FindReferences(*parsed->Cast<duckdb::SelectStatement>().node, create.query, source, model.references);
    return model;
}

ModelStatement OfCreated(duckdb::CreateInfo& info, const Excerpt& statement, const Source& source) {
    ModelStatement model;
    model.body = statement;
    if (info.type == duckdb::CatalogType::VIEW_ENTRY) {
        auto& view = info.Cast<duckdb::CreateViewInfo>();
        model.kind = ObjectKind::View;
        model.name = NameOf(info, view.view_name, statement, source);
        FindReferences(*view.query->node, statement, source, model.references);
    } else if (info.type == duckdb::CatalogType::MACRO_ENTRY || info.type == duckdb::CatalogType::TABLE_MACRO_ENTRY) {
        auto& macro = info.Cast<duckdb::CreateMacroInfo>();
        model.kind = ObjectKind::Macro;
        model.name = NameOf(info, macro.name, statement, source);
        FindReferences(macro, statement, source, model.references);
    } else {
        throw NotAModel(statement, source);
    }
    return model;
}

/// Without what doesn't tell one object from another.
void MakePlain(duckdb::CreateInfo& info) {
    info.catalog.clear();
    info.schema.clear();
    info.on_conflict = duckdb::OnCreateConflict::ERROR_ON_CONFLICT;
    info.sql.clear();
    info.comment = duckdb::Value();
    info.tags.clear();
    if (info.type == duckdb::CatalogType::VIEW_ENTRY) {
        auto& view = info.Cast<duckdb::CreateViewInfo>();
        view.types.clear();
        view.names.clear();
        view.column_comments_map.clear();
    }
}

} // namespace

std::string KindText(ObjectKind kind) {
    switch (kind) {
    case ObjectKind::View:
        return "view";
    case ObjectKind::Macro:
        return "macro";
    case ObjectKind::DynamicTable:
        break;
    }
    return "dynamic table";
}

ModelStatement ParseModelStatement(const Excerpt& statement, const Source& source) {
    if (auto ours = ParseStatement(statement, source)) {
        if (const auto* create = std::get_if<CreateStatement>(&*ours)) {
            return OfDynamicTable(*create, source);
        }
        throw NotAModel(statement, source);
    }
    Parsed parsed = ParseOne(statement, source);
    if (parsed && parsed->type == duckdb::StatementType::SELECT_STATEMENT) {
        ModelStatement model;
        model.body = statement;
        FindReferences(*parsed->Cast<duckdb::SelectStatement>().node, statement, source, model.references);
        return model;
    }
    if (parsed && parsed->type == duckdb::StatementType::CREATE_STATEMENT) {
        return OfCreated(*parsed->Cast<duckdb::CreateStatement>().info, statement, source);
    }
    throw NotAModel(statement, source);
}

TableOptions ParseOptions(const Excerpt& text, const Source& source) {
    Tokens tokens(text, source);
    OptionParser parser(tokens);
    while (!tokens.AtEnd()) {
        if (!tokens.TakeSymbolIf(",")) {
            parser.ParseOne();
        }
    }
    return parser.Options();
}

std::string CanonicalText(const std::string& statement) {
    Source source{"", statement};
    Parsed parsed = ParseOne({statement, 0}, source);
    if (!parsed || parsed->type != duckdb::StatementType::CREATE_STATEMENT) {
        return statement;
    }
    auto& info = *parsed->Cast<duckdb::CreateStatement>().info;
    MakePlain(info);
    return info.ToString();
}

std::string ReplacingText(const std::string& canonical) {
    constexpr std::string_view kCreate = "CREATE ";
    return canonical.starts_with(kCreate) ? "CREATE OR REPLACE " + canonical.substr(kCreate.size()) : canonical;
}

std::string DropText(ObjectKind kind, const TableName& name, const std::string& canonical) {
    if (kind == ObjectKind::View) {
        return "DROP VIEW IF EXISTS " + name.Sql();
    }
    Parsed parsed = ParseOne({canonical, 0}, {"", canonical});
    bool table = parsed->Cast<duckdb::CreateStatement>().info->type == duckdb::CatalogType::TABLE_MACRO_ENTRY;
    return fmt::format("DROP MACRO {}IF EXISTS {}", table ? "TABLE " : "", name.Sql());
}

std::optional<std::string> StoredObject(Session& session, ObjectKind kind, const TableName& name) {
    std::optional<std::string> text;
    WithCatalog(session, [&](duckdb::ClientContext& context) {
        auto find = [&](duckdb::CatalogType type) {
            return duckdb::Catalog::GetEntry(context, kLake, name.schema, duckdb::EntryLookupInfo(type, name.name),
                                             duckdb::OnEntryNotFound::RETURN_NULL);
        };
        if (kind == ObjectKind::View) {
            auto entry = find(duckdb::CatalogType::VIEW_ENTRY);
            if (entry && entry->type == duckdb::CatalogType::VIEW_ENTRY) {
                text = entry->ToSQL();
            }
            return;
        }
        for (auto type : {duckdb::CatalogType::MACRO_ENTRY, duckdb::CatalogType::TABLE_MACRO_ENTRY}) {
            auto entry = find(type);
            if (!text && entry && entry->type == type) {
                text = entry->GetInfo()->ToString();
            }
        }
    });
    return text;
}

std::string SearchPathOf(const std::vector<std::string>& schemas) {
    duckdb::vector<duckdb::CatalogSearchEntry> entries;
    for (const auto& schema : schemas) {
        entries.emplace_back(kLake, schema);
    }
    return duckdb::CatalogSearchEntry::ListToString(entries);
}

std::vector<std::string> SchemasOf(const std::string& search_path) {
    std::vector<std::string> schemas;
    for (const auto& entry : duckdb::CatalogSearchEntry::ParseList(search_path)) {
        if (entry.catalog.empty() || entry.catalog == kLake) {
            schemas.push_back(entry.schema);
        }
    }
    return schemas;
}

void QueryAlong(Session& session, const std::string& search_path, const std::string& sql) {
    auto& context = *session.Raw().context;
    std::optional<SearchPathScope> scope;
    WithCatalog(session, [&](duckdb::ClientContext&) { scope.emplace(context, search_path); });
    session.Query(sql);
}

} // namespace freshet
