#include "lake/inlined_schemas.hpp"

#include "base/identifier.hpp"
#include "lake/catalog.hpp"

#include <algorithm>
#include <duckdb.hpp>
#include <duckdb/storage/object_cache.hpp>
#include <fmt/format.h>
#include <mutex>
#include <set>
#include <utility>

namespace freshet {

namespace {

/// Lies in the cache in which DuckLake keeps catalogs, and is never looked up: DuckDB gives up first what was used
/// least recently, so this goes before what is loaded after it.
class Canary : public duckdb::ObjectCacheEntry {
public:
    static constexpr const char* kKey = "freshet_canary";
    duckdb::string GetObjectType() override { return kKey; }
    duckdb::optional_idx GetEstimatedCacheMemory() const override { return 1; }
};

/// A source table and the schema version in which a table for its inlined rows was made.
using InlinedTable = std::pair<int64_t, int64_t>;

/// Part of EngineMemory.
struct LoadedSchemas {
    std::mutex mutex;
    std::set<InlinedTable> known;
    std::set<int64_t> doubtful; ///< versions of these since when their table has them DuckLake can't tell
    std::set<int64_t> loaded;   ///< of the doubtful ones
    bool watched = false;
    bool in_doubt = false;
    duckdb::weak_ptr<Canary> canary; ///< the cache alone holds it

    bool Kept() const { return !in_doubt && (!watched || !canary.expired()); }
    void Watch(duckdb::ClientContext& context) {
        auto watching = duckdb::make_shared_ptr<Canary>();
        canary = watching;
        duckdb::ObjectCache::GetObjectCache(context).Put(Canary::kKey, std::move(watching));
        watched = true;
        in_doubt = false;
    }
};

std::set<InlinedTable> Pairs(const Table& table) {
    std::set<InlinedTable> pairs;
    for (const auto& row : table.rows) {
        pairs.emplace(AsInt(row[0]), AsInt(row[1]));
    }
    return pairs;
}

/// A version that a table has since it was made or altered is told of in ducklake_schema_versions.
void LookAtNewTables(Session& session, LoadedSchemas& schemas) {
    std::set<InlinedTable> all =
        Pairs(session.Query("SELECT table_id, schema_version FROM " + MetadataTable("ducklake_inlined_data_tables")));
    bool any_new = !std::includes(schemas.known.begin(), schemas.known.end(), all.begin(), all.end());
    if (!any_new) {
        return;
    }
    std::set<InlinedTable> told =
        Pairs(session.Query("SELECT table_id, schema_version FROM " + MetadataTable("ducklake_schema_versions")));
    for (const auto& table : all) {
        if (told.count(table) == 0) {
            schemas.doubtful.insert(table.second);
        }
    }
    schemas.known.insert(all.begin(), all.end());
}

/// Where no snapshot is left of a version, nobody can read at one.
void Load(Session& session, int64_t version) {
    Value snapshot = session.QueryValue(fmt::format("SELECT max(snapshot_id) FROM {} WHERE schema_version = {}",
                                                    MetadataTable("ducklake_snapshot"), version));
    if (!IsNull(snapshot)) {
        session.LoadSchemaAt(AsInt(snapshot));
    }
}

} // namespace

bool LoadInlinedSchemas(Session& session) {
    auto& schemas = session.Memory<LoadedSchemas>();
    std::lock_guard lock(schemas.mutex);
    LookAtNewTables(session, schemas);
    if (!schemas.Kept() && session.CanRenew()) {
        return false;
    }
    if (schemas.doubtful.empty()) {
        return true;
    }
    if (!schemas.watched || !schemas.Kept()) {
        schemas.loaded.clear();
        schemas.Watch(*session.Raw().context);
    }
    for (int64_t version : schemas.doubtful) {
        if (schemas.loaded.count(version) == 0) {
            Load(session, version);
            schemas.loaded.insert(version);
        }
    }
    return true;
}

bool KeptInlinedSchemas(Session& session) {
    auto& schemas = session.Memory<LoadedSchemas>();
    std::lock_guard lock(schemas.mutex);
    return schemas.Kept();
}

Error SchemasForgotten() {
    return {Code::LakeConflict, "the engine forgot schemas of the lake for want of memory",
            "raise engine.memory_limit"};
}

void ForgetInlinedSchemas(Session& session) {
    auto& schemas = session.Memory<LoadedSchemas>();
    std::lock_guard lock(schemas.mutex);
    schemas.loaded.clear();
}

void DoubtInlinedSchemas(Session& session) {
    auto& schemas = session.Memory<LoadedSchemas>();
    std::lock_guard lock(schemas.mutex);
    schemas.loaded.clear();
    schemas.in_doubt = schemas.watched;
}

} // namespace freshet
