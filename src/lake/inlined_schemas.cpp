#include "lake/inlined_schemas.hpp"

#include "base/identifier.hpp"
#include "lake/catalog.hpp"

#include <duckdb.hpp>
#include <duckdb/storage/object_cache.hpp>
#include <fmt/format.h>
#include <mutex>
#include <set>

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

/// Part of EngineMemory.
struct LoadedSchemas {
    std::mutex mutex;
    std::set<int64_t> versions;
    bool watched = false;
    duckdb::weak_ptr<Canary> canary; ///< the cache alone holds it

    bool Kept() const { return !watched || !canary.expired(); }
    void Watch(duckdb::ClientContext& context) {
        auto watching = duckdb::make_shared_ptr<Canary>();
        canary = watching;
        duckdb::ObjectCache::GetObjectCache(context).Put(Canary::kKey, std::move(watching));
        watched = true;
    }
};

/// Schema versions in which DuckLake doesn't know since when a table with inlined rows has them.
std::set<int64_t> DoubtfulVersions(Session& session) {
    std::set<int64_t> versions;
    Table found = session.Query(fmt::format(
        "SELECT DISTINCT schema_version FROM {} AS i WHERE NOT EXISTS (SELECT 1 FROM {} AS v WHERE v.table_id = "
        "i.table_id AND v.schema_version = i.schema_version)",
        MetadataTable("ducklake_inlined_data_tables"), MetadataTable("ducklake_schema_versions")));
    for (const auto& row : found.rows) {
        versions.insert(AsInt(row[0]));
    }
    return versions;
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
    std::set<int64_t> doubtful = DoubtfulVersions(session);
    auto& loaded = session.Memory<LoadedSchemas>();
    std::lock_guard lock(loaded.mutex);
    if (doubtful.empty() || !loaded.Kept()) {
        return doubtful.empty();
    }
    if (!loaded.watched) {
        loaded.Watch(*session.Raw().context);
    }
    for (int64_t version : doubtful) {
        if (loaded.versions.count(version) == 0) {
            Load(session, version);
            loaded.versions.insert(version);
        }
    }
    return true;
}

bool KeptInlinedSchemas(Session& session) {
    auto& loaded = session.Memory<LoadedSchemas>();
    std::lock_guard lock(loaded.mutex);
    return loaded.Kept();
}

void ForgetInlinedSchemas(Session& session) {
    auto& loaded = session.Memory<LoadedSchemas>();
    std::lock_guard lock(loaded.mutex);
    loaded.versions.clear();
}

} // namespace freshet
