#pragma once

#include "lake/catalog.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace freshet {

/// Reads all tables at a snapshot from the metadata.
std::vector<TableInfo> ReadTables(Session& session, Snapshot at);
/// And all views.
std::vector<TableName> ReadViews(Session& session, Snapshot at);

/// The tables of the lake under one schema version: DuckLake raises that number with every DDL, so it never changes.
class LakeSchema {
public:
    explicit LakeSchema(std::vector<TableInfo> tables);

    const std::vector<TableInfo>& Tables() const { return tables_; }
    const TableInfo* Find(const TableName& name) const;
    const TableInfo* FindById(int64_t id) const;

private:
    std::vector<TableInfo> tables_;
    std::map<TableName, size_t> by_name_;
    std::map<int64_t, size_t> by_id_;
};

/// What was read of the catalog and holds for ever: schemas by their version, and what each snapshot's commit did. Each
/// is read once per engine instead of once per question. Expiry deletes snapshots, not what is remembered of them; of
/// a long window the older part is forgotten, and of many schemas those that were not asked for longest.
/// Part of EngineMemory; thread-safe.
class CatalogMemory {
public:
    /// The lake's tables at a snapshot that the session sees. Never null.
    std::shared_ptr<const LakeSchema> SchemaAt(Session& session, Snapshot at);
    /// The lake's views at a snapshot that the session sees; those of the newest question are remembered.
    std::vector<TableName> ViewsAt(Session& session, Snapshot at);
    /// A snapshot's commit; null if it had expired when it was first asked for.
    KnownSnapshot At(Session& session, Snapshot at);
    /// What the commits of (after, until] did. Snapshots that expired before they were read are missing.
    std::vector<KnownSnapshot> Changes(Session& session, Snapshot after, Snapshot until);

private:
    /// A schema, and when it was last asked for: the count of questions then.
    struct KnownSchema {
        std::shared_ptr<const LakeSchema> schema;
        int64_t asked = 0;
    };

    void ForgetOldest();
    void ForgetUnasked();
    void Learn(Session& session, Snapshot after, Snapshot until);
    KnownSnapshot Find(Session& session, Snapshot at);

    std::mutex mutex_;
    std::map<int64_t, KnownSchema> schemas_;
    int64_t questions_ = 0;
    std::optional<int64_t> views_version_; ///< schema version of `views_`
    std::vector<TableName> views_;
    std::map<Snapshot, KnownSnapshot> snapshots_; ///< of (after_, until_], as far as they existed when read
    Snapshot after_ = 0;
    Snapshot until_ = 0;
};

} // namespace freshet
