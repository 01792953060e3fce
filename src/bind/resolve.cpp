#include "bind/resolve.hpp"

#include "bind/catalog_lookup.hpp"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/main/client_data.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

duckdb::CatalogSearchPath& PathOf(duckdb::ClientContext& context) {
    return *duckdb::ClientData::Get(context).catalog_search_path;
}

std::optional<std::string> StoredSchema(duckdb::ClientContext& context, const std::string& schema) {
    auto entry = duckdb::Catalog::GetSchema(context, kLake, schema, duckdb::OnEntryNotFound::RETURN_NULL);
    return entry ? std::optional(entry->name) : std::nullopt;
}

/// Lake schemas of the search path, first wins.
std::vector<std::string> PathSchemas(duckdb::ClientContext& context) {
    std::vector<std::string> schemas;
    for (const auto& entry : PathOf(context).Get()) {
        if (duckdb::StringUtil::CIEquals(entry.catalog, kLake)) {
            schemas.push_back(entry.schema);
        }
    }
    return schemas;
}

/// `lake.t` may mean schema "lake" or database "lake": the schema wins where it exists.
bool NamesTheCatalog(duckdb::ClientContext& context, const GivenName& name) {
    return name.schema && duckdb::StringUtil::CIEquals(*name.schema, kLake) && !StoredSchema(context, *name.schema);
}

std::vector<std::string> SchemasOf(duckdb::ClientContext& context, const GivenName& name) {
    if (!name.schema) {
        return PathSchemas(context);
    }
    if (!NamesTheCatalog(context, name)) {
        return {*name.schema};
    }
    std::vector<std::string> schemas = PathSchemas(context);
    schemas.resize(1, "main");
    return schemas;
}

std::optional<TableName> FindIn(duckdb::ClientContext& context, const std::string& schema, const std::string& name) {
    auto entry = StoredSchema(context, schema) ? FindRelation(context, kLake, schema, name) : nullptr;
    return entry ? std::optional(NameOf(*entry)) : std::nullopt;
}

Error NoSuchSchema(duckdb::ClientContext& context, const std::string& schema, const Place& place) {
    std::vector<std::string> names;
    for (auto& entry : duckdb::Catalog::GetSchemas(context, kLake)) {
        names.push_back(entry.get().name);
    }
    auto nearest = NearestName(schema, names);
    std::string hint = nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                               : fmt::format("make it first: CREATE SCHEMA {}", QuoteIfNeeded(schema));
    return Error(Code::UnknownSchema, fmt::format("schema \"{}\" does not exist in the lake", schema), hint).At(place);
}

TableName FindNew(duckdb::ClientContext& context, const GivenName& name, const Place& place) {
    const auto& current = PathOf(context).GetDefault();
    if (!name.schema && !duckdb::StringUtil::CIEquals(current.catalog, kLake)) {
        throw Error(Code::BadName, fmt::format("the current database is \"{}\", not the lake", current.catalog),
                    "say USE lake, or name the table lake.schema.name")
            .At(place);
    }
    std::string schema = name.schema ? SchemasOf(context, name).front() : current.schema;
    auto stored = StoredSchema(context, schema);
    if (!stored) {
        throw NoSuchSchema(context, schema, place);
    }
    return FindIn(context, *stored, name.name).value_or(TableName{*stored, name.name});
}

} // namespace

std::string CurrentSearchPath(Session& session) {
    return duckdb::CatalogSearchEntry::ListToString(PathOf(*session.Raw().context).GetSetPaths());
}

TableName ResolveNew(Session& session, const GivenName& name, const Source& source) {
    TableName resolved;
    WithCatalog(session, [&](duckdb::ClientContext& context) {
        resolved = FindNew(context, name, source.At(name.offset, name.length));
    });
    return resolved;
}

std::optional<TableName> ResolveExisting(Session& session, const GivenName& name) {
    std::optional<TableName> found;
    WithCatalog(session, [&](duckdb::ClientContext& context) {
        for (const auto& schema : SchemasOf(context, name)) {
            found = found ? found : FindIn(context, schema, name.name);
        }
    });
    return found;
}

} // namespace freshet
