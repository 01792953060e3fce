#include "bind/write_targets.hpp"

#include "bind/catalog_lookup.hpp"
#include "bind/lexical.hpp"
#include "bind/tokens.hpp"

#include <duckdb/main/client_data.hpp>
#include <duckdb/main/prepared_statement_data.hpp>
#include <duckdb/parser/parsed_data/alter_table_info.hpp>
#include <duckdb/parser/parsed_data/comment_on_column_info.hpp>
#include <duckdb/parser/parsed_data/create_macro_info.hpp>
#include <duckdb/parser/parsed_data/create_schema_info.hpp>
#include <duckdb/parser/parsed_data/create_table_info.hpp>
#include <duckdb/parser/parsed_data/create_view_info.hpp>
#include <duckdb/parser/parsed_data/drop_info.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/list.hpp>
#include <duckdb/parser/statement/multi_statement.hpp>
#include <duckdb/parser/tableref/basetableref.hpp>
#include <duckdb/planner/binder.hpp>

namespace freshet {

namespace {

/// Gathers the targets of one statement; a fresh one for each.
class TargetFinder {
public:
    TargetFinder(duckdb::ClientContext& context, const Excerpt& statement, const Source& source)
        : context_(context), statement_(statement), source_(source) {}

    void Visit(duckdb::SQLStatement& statement);
    std::vector<WriteTarget> Take() { return std::move(targets_); }

private:
    void VisitCopy(const duckdb::CopyInfo& info);
    void VisitCreate(const duckdb::CreateInfo& info);
    void VisitAlter(const duckdb::AlterInfo& info);
    void VisitDrop(const duckdb::DropInfo& info);
    void VisitExecute(const duckdb::ExecuteStatement& execute);

    void AddRef(const duckdb::unique_ptr<duckdb::TableRef>& ref, const std::string& verb);
    /// Adds the relation if it exists in the lake.
    void AddExisting(WriteKind kind, const std::string& verb, const std::string& catalog, const std::string& schema,
                     const std::string& name);
    /// Adds what is to be made, under the stored name of what stands there already.
    void AddNew(const std::string& verb, std::string catalog, std::string schema, const std::string& name);
    void Add(WriteKind kind, const std::string& verb, const TableName& table);
    Place PlaceOf(const std::string& name) const;

    duckdb::ClientContext& context_;
    const Excerpt& statement_;
    const Source& source_;
    std::vector<WriteTarget> targets_;
};

void TargetFinder::Visit(duckdb::SQLStatement& statement) {
    switch (statement.type) {
    case duckdb::StatementType::INSERT_STATEMENT: {
        auto& insert = statement.Cast<duckdb::InsertStatement>();
        return AddExisting(WriteKind::Rows, "INSERT", insert.catalog, insert.schema, insert.table);
    }
    case duckdb::StatementType::UPDATE_STATEMENT:
        return AddRef(statement.Cast<duckdb::UpdateStatement>().table, "UPDATE");
    case duckdb::StatementType::DELETE_STATEMENT:
        return AddRef(statement.Cast<duckdb::DeleteStatement>().table, "DELETE");
    case duckdb::StatementType::MERGE_INTO_STATEMENT:
        return AddRef(statement.Cast<duckdb::MergeIntoStatement>().target, "MERGE");
    case duckdb::StatementType::COPY_STATEMENT:
        return VisitCopy(*statement.Cast<duckdb::CopyStatement>().info);
    case duckdb::StatementType::CREATE_STATEMENT:
        return VisitCreate(*statement.Cast<duckdb::CreateStatement>().info);
    case duckdb::StatementType::ALTER_STATEMENT:
        return VisitAlter(*statement.Cast<duckdb::AlterStatement>().info);
    case duckdb::StatementType::DROP_STATEMENT:
        return VisitDrop(*statement.Cast<duckdb::DropStatement>().info);
    case duckdb::StatementType::EXPLAIN_STATEMENT: {
        auto& explain = statement.Cast<duckdb::ExplainStatement>();
        return explain.explain_type == duckdb::ExplainType::EXPLAIN_ANALYZE ? Visit(*explain.stmt) : void();
    }
    case duckdb::StatementType::PREPARE_STATEMENT:
        return Visit(*statement.Cast<duckdb::PrepareStatement>().statement);
    case duckdb::StatementType::EXECUTE_STATEMENT:
        return VisitExecute(statement.Cast<duckdb::ExecuteStatement>());
    case duckdb::StatementType::MULTI_STATEMENT:
        for (auto& each : statement.Cast<duckdb::MultiStatement>().statements) {
            Visit(*each);
        }
        return;
    default:
        return;
    }
}

void TargetFinder::VisitCopy(const duckdb::CopyInfo& info) {
    if (info.is_from) {
        AddExisting(WriteKind::Rows, "COPY", info.catalog, info.schema, info.table);
    }
}

void TargetFinder::VisitCreate(const duckdb::CreateInfo& info) {
    if (info.temporary) {
        return;
    }
    switch (info.type) {
    case duckdb::CatalogType::TABLE_ENTRY:
        return AddNew("CREATE TABLE", info.catalog, info.schema,
                      static_cast<const duckdb::CreateTableInfo&>(info).table);
    case duckdb::CatalogType::VIEW_ENTRY:
        return AddNew("CREATE VIEW", info.catalog, info.schema,
                      static_cast<const duckdb::CreateViewInfo&>(info).view_name);
    case duckdb::CatalogType::MACRO_ENTRY:
    case duckdb::CatalogType::TABLE_MACRO_ENTRY:
        return AddNew("CREATE MACRO", info.catalog, info.schema,
                      static_cast<const duckdb::CreateMacroInfo&>(info).name);
    default:
        return;
    }
}

void TargetFinder::VisitAlter(const duckdb::AlterInfo& info) {
    bool comment = info.type == duckdb::AlterType::SET_COMMENT || info.type == duckdb::AlterType::SET_COLUMN_COMMENT;
    WriteKind kind = WriteKind::Alter;
    if (info.type == duckdb::AlterType::ALTER_TABLE) {
        auto change = static_cast<const duckdb::AlterTableInfo&>(info).alter_table_type;
        bool layout =
            change == duckdb::AlterTableType::SET_PARTITIONED_BY || change == duckdb::AlterTableType::SET_SORTED_BY;
        kind = layout ? WriteKind::Maintenance : WriteKind::Alter;
    }
    AddExisting(kind, comment ? "COMMENT ON" : "ALTER", info.catalog, info.schema, info.name);
}

void TargetFinder::VisitDrop(const duckdb::DropInfo& info) {
    if (info.type == duckdb::CatalogType::TABLE_ENTRY || info.type == duckdb::CatalogType::VIEW_ENTRY) {
        bool view = info.type == duckdb::CatalogType::VIEW_ENTRY;
        AddExisting(WriteKind::Drop, view ? "DROP VIEW" : "DROP TABLE", info.catalog, info.schema, info.name);
    } else if (info.type == duckdb::CatalogType::SCHEMA_ENTRY) {
        std::string catalog = info.catalog;
        if (catalog.empty()) {
            catalog = duckdb::ClientData::Get(context_).catalog_search_path->GetDefault().catalog;
        }
        auto schema = duckdb::Catalog::GetSchema(context_, catalog, info.name, duckdb::OnEntryNotFound::RETURN_NULL);
        if (schema && IsLake(schema->ParentCatalog())) {
            Add(WriteKind::DropSchema, "DROP SCHEMA", {schema->name, ""});
        }
    }
}

void TargetFinder::VisitExecute(const duckdb::ExecuteStatement& execute) {
    auto& prepared = duckdb::ClientData::Get(context_).prepared_statements;
    auto found = prepared.find(execute.name);
    if (found != prepared.end() && found->second->unbound_statement) {
        Visit(*found->second->unbound_statement);
    }
}

void TargetFinder::AddRef(const duckdb::unique_ptr<duckdb::TableRef>& ref, const std::string& verb) {
    if (ref->type == duckdb::TableReferenceType::BASE_TABLE) {
        auto& table = ref->Cast<duckdb::BaseTableRef>();
        AddExisting(WriteKind::Rows, verb, table.catalog_name, table.schema_name, table.table_name);
    }
}

void TargetFinder::AddExisting(WriteKind kind, const std::string& verb, const std::string& catalog,
                               const std::string& schema, const std::string& name) {
    auto entry = FindRelation(context_, catalog, schema, name);
    if (entry && IsLake(entry->ParentCatalog())) {
        Add(kind, verb, NameOf(*entry));
    }
}

void TargetFinder::AddNew(const std::string& verb, std::string catalog, std::string schema, const std::string& name) {
    duckdb::Binder::BindSchemaOrCatalog(context_, catalog, schema);
    auto& path = *duckdb::ClientData::Get(context_).catalog_search_path;
    if (catalog.empty() && schema.empty()) {
        schema = path.GetDefault().schema;
    }
    catalog = catalog.empty() ? path.GetDefaultCatalog(schema) : catalog;
    catalog = catalog.empty() ? path.GetDefault().catalog : catalog; // a schema that is not in the path
    schema = schema.empty() ? path.GetDefaultSchema(context_, catalog) : schema;
    if (!duckdb::StringUtil::CIEquals(catalog, kLake)) {
        return;
    }
    auto stored = duckdb::Catalog::GetSchema(context_, kLake, schema, duckdb::OnEntryNotFound::RETURN_NULL);
    auto entry = stored ? FindRelation(context_, kLake, schema, name) : nullptr;
    Add(WriteKind::Create, verb, entry ? NameOf(*entry) : TableName{stored ? stored->name : schema, name});
}

void TargetFinder::Add(WriteKind kind, const std::string& verb, const TableName& table) {
    targets_.push_back({kind, table, verb, PlaceOf(table.name.empty() ? table.schema : table.name)});
}

Place TargetFinder::PlaceOf(const std::string& name) const {
    for (Tokens tokens(statement_, source_); !tokens.AtEnd();) {
        Token token = tokens.Take();
        std::string text = token.kind == TokenKind::QuotedName ? Unquote(token.text) : token.text;
        if (duckdb::StringUtil::CIEquals(text, name)) {
            return tokens.At(token);
        }
    }
    return source_.At(statement_.offset, statement_.text.size());
}

/// The statement's parts; none if it doesn't parse.
duckdb::vector<duckdb::unique_ptr<duckdb::SQLStatement>> Parse(const std::string& text) {
    duckdb::Parser parser;
    try {
        parser.ParseQuery(text);
    } catch (const std::exception&) {
        return {};
    }
    return std::move(parser.statements);
}

} // namespace

std::vector<WriteTarget> WriteTargets(Session& session, const Excerpt& statement, const Source& source) {
    auto parsed = Parse(statement.text);
    std::vector<WriteTarget> targets;
    WithCatalog(session, [&](duckdb::ClientContext& context) {
        TargetFinder finder(context, statement, source);
        for (auto& each : parsed) {
            finder.Visit(*each);
        }
        targets = finder.Take();
    });
    return targets;
}

bool IsTransactionStatement(const Excerpt& statement) {
    auto parsed = Parse(statement.text);
    return !parsed.empty() && parsed[0]->type == duckdb::StatementType::TRANSACTION_STATEMENT;
}

} // namespace freshet
