#pragma once

#include "base/identifier.hpp"
#include "lake/session.hpp"

#include <duckdb.hpp>
#include <duckdb/catalog/catalog_entry.hpp>
#include <duckdb/catalog/catalog_search_path.hpp>
#include <functional>
#include <string>

namespace freshet {

/// Runs `work` in the session's transaction or one of its own, as lookups in DuckDB's catalog need. DuckDB's errors
/// leave as EngineError.
void WithCatalog(Session& session, const std::function<void(duckdb::ClientContext&)>& work);

/// Makes the session look names up along another search path for the time being.
class SearchPathScope {
public:
    SearchPathScope(duckdb::ClientContext& context, const std::string& search_path);
    ~SearchPathScope();
    SearchPathScope(const SearchPathScope&) = delete;
    SearchPathScope& operator=(const SearchPathScope&) = delete;

private:
    duckdb::CatalogSearchPath& path_;
    duckdb::vector<duckdb::CatalogSearchEntry> before_;
};

bool IsLake(const duckdb::Catalog& catalog);

/// The stored name of an entry of the lake.
TableName NameOf(duckdb::CatalogEntry& entry);

/// The table or view that a name written in SQL means, or null. `catalog` and `schema` may be empty, and a lone
/// qualifier may be either, as in DuckDB.
duckdb::optional_ptr<duckdb::CatalogEntry> FindRelation(duckdb::ClientContext& context, std::string catalog,
                                                        std::string schema, const std::string& name);

} // namespace freshet
