#include "bind/catalog_lookup.hpp"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/main/client_data.hpp>
#include <duckdb/planner/binder.hpp>

namespace freshet {

void WithCatalog(Session& session, const std::function<void(duckdb::ClientContext&)>& work) {
    auto& context = *session.Raw().context;
    std::exception_ptr ours;
    auto alone = session.LoadsSchemaAlone();
    try {
        context.RunFunctionInTransaction([&] {
            try {
                work(context);
            } catch (const Error&) { // not a failure of the transaction
                ours = std::current_exception();
            }
        });
    } catch (const std::exception& problem) {
        throw TranslateError(duckdb::ErrorData(problem));
    }
    if (ours) {
        std::rethrow_exception(ours);
    }
}

SearchPathScope::SearchPathScope(duckdb::ClientContext& context, const std::string& search_path)
    : path_(*duckdb::ClientData::Get(context).catalog_search_path), before_(path_.GetSetPaths()) {
    path_.Set(duckdb::CatalogSearchEntry::ParseList(search_path), duckdb::CatalogSetPathType::SET_DIRECTLY);
}

SearchPathScope::~SearchPathScope() {
    path_.Set(before_, duckdb::CatalogSetPathType::SET_DIRECTLY);
}

bool IsLake(const duckdb::Catalog& catalog) {
    return catalog.GetName() == kLake;
}

TableName NameOf(duckdb::CatalogEntry& entry) {
    return {entry.ParentSchema().name, entry.name};
}

duckdb::optional_ptr<duckdb::CatalogEntry> FindRelation(duckdb::ClientContext& context, std::string catalog,
                                                        std::string schema, const std::string& name) {
    duckdb::Binder::BindSchemaOrCatalog(context, catalog, schema);
    return duckdb::Catalog::GetEntry(context, catalog, schema,
                                     duckdb::EntryLookupInfo(duckdb::CatalogType::TABLE_ENTRY, name),
                                     duckdb::OnEntryNotFound::RETURN_NULL);
}

} // namespace freshet
