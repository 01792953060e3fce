#include "lake/catalog_memory.hpp"

#include <algorithm>

namespace freshet {

namespace {

/// More snapshots or schemas than these are not kept. What is older is read again by those few who ask for it.
constexpr size_t kMostSnapshots = 50'000;
constexpr size_t kMostSchemas = 200;
constexpr size_t kMostTables = 100'000; // of all schemas together

} // namespace

LakeSchema::LakeSchema(std::vector<TableInfo> tables) : tables_(std::move(tables)) {
    for (size_t i = 0; i < tables_.size(); i++) {
        by_name_[tables_[i].name] = i;
        by_id_[tables_[i].id] = i;
    }
}

const TableInfo* LakeSchema::Find(const TableName& name) const {
    auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : &tables_[found->second];
}

const TableInfo* LakeSchema::FindById(int64_t id) const {
    auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &tables_[found->second];
}

std::shared_ptr<const LakeSchema> CatalogMemory::SchemaAt(Session& session, Snapshot at) {
    std::lock_guard lock(mutex_);
    KnownSnapshot snapshot = Find(session, at);
    if (!snapshot) { // expired: the tables' own rows may still tell
        return std::make_shared<const LakeSchema>(ReadTables(session, at));
    }
    auto known = schemas_.find(snapshot->schema_version);
    auto schema =
        known != schemas_.end() ? known->second.schema : std::make_shared<const LakeSchema>(ReadTables(session, at));
    schemas_[snapshot->schema_version] = {schema, ++questions_};
    ForgetUnasked();
    return schema;
}

std::vector<TableName> CatalogMemory::ViewsAt(Session& session, Snapshot at) {
    std::lock_guard lock(mutex_);
    KnownSnapshot snapshot = Find(session, at);
    if (!snapshot) {
        return ReadViews(session, at);
    }
    if (views_version_ != snapshot->schema_version) {
        views_ = ReadViews(session, at);
        views_version_ = snapshot->schema_version;
    }
    return views_;
}

/// Down to what may be kept. The newest question's schema stays, and the one before.
void CatalogMemory::ForgetUnasked() {
    size_t tables = 0;
    for (const auto& [version, known] : schemas_) {
        tables += known.schema->Tables().size();
    }
    while (schemas_.size() > 2 && (schemas_.size() > kMostSchemas || tables > kMostTables)) {
        auto unasked = std::min_element(schemas_.begin(), schemas_.end(), [](const auto& one, const auto& other) {
            return one.second.asked < other.second.asked;
        });
        tables -= unasked->second.schema->Tables().size();
        schemas_.erase(unasked);
    }
}

KnownSnapshot CatalogMemory::At(Session& session, Snapshot at) {
    std::lock_guard lock(mutex_);
    return Find(session, at);
}

std::vector<KnownSnapshot> CatalogMemory::Changes(Session& session, Snapshot after, Snapshot until) {
    std::lock_guard lock(mutex_);
    Learn(session, after, until);
    std::vector<KnownSnapshot> changes;
    for (auto next = snapshots_.upper_bound(after); next != snapshots_.end() && next->first <= until; ++next) {
        changes.push_back(next->second);
    }
    return changes;
}

KnownSnapshot CatalogMemory::Find(Session& session, Snapshot at) {
    if (at <= after_ || at > until_) {
        // The next question is about this snapshot or the next ones, so the window grows or begins here.
        bool follows = until_ > 0 && at > until_;
        Learn(session, follows ? until_ : at - 1, at);
    }
    auto known = snapshots_.find(at);
    return known == snapshots_.end() ? nullptr : known->second;
}

/// The older half, so that this is rare. What is left is one window still.
void CatalogMemory::ForgetOldest() {
    if (snapshots_.size() > kMostSnapshots) {
        auto kept = std::next(snapshots_.begin(), static_cast<std::ptrdiff_t>(snapshots_.size() / 2));
        snapshots_.erase(snapshots_.begin(), kept);
        after_ = snapshots_.begin()->first - 1;
    }
}

/// Makes (after, until] part of what is known, which stays one window.
void CatalogMemory::Learn(Session& session, Snapshot after, Snapshot until) {
    if (until_ == 0) {
        after_ = until_ = after;
    }
    ForgetOldest();
    auto read = [&](Snapshot from, Snapshot to) {
        for (const KnownSnapshot& snapshot :
             from < to ? ReadSnapshots(session, from, to) : std::vector<KnownSnapshot>{}) {
            until_ = std::max(until_, snapshot->id); // what isn't there yet may still come
            snapshots_.insert_or_assign(snapshot->id, snapshot);
        }
    };
    read(until_, until);
    read(after, after_);
    after_ = std::min(after_, after);
}

} // namespace freshet
