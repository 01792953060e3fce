#include "service/lake_watch.hpp"

#include "refresh/lake_state.hpp"

#include <algorithm>

namespace freshet {

namespace {

/// Compaction changes no rows.
bool ChangesRows(const ChangeEntry& entry) {
    return entry.kind != "merge_adjacent" && entry.kind != "flushed_inlined" && entry.kind != "inline_flush";
}

bool AlwaysChanges(const TableNode& node) {
    return !node.definition || !node.definition->WithoutFeed().empty() ||
           !node.definition->VolatileFunctions().empty() || !node.definition->TimeFunctions().empty();
}

} // namespace

LakeNews LakeWatch::Look(Session& session) {
    LakeNews news;
    Transaction transaction(session);
    news.newest = CurrentSnapshot(session);
    if (news.newest == seen_) {
        return news;
    }
    bool known = seen_ != kNoSnapshot && news.newest > seen_;
    ChangeLog log = known ? ChangeLog::Remembered(session, seen_, news.newest) : ChangeLog::Read(session, 0, 0);
    bool registry_changed = false;
    if (known) {
        auto schema = session.Memory<CatalogMemory>().SchemaAt(session, news.newest);
        const TableInfo* registry = schema->Find({kOwnSchema, "dynamic_tables"});
        registry_changed = registry != nullptr && log.Of(registry->id).Any();
    }
    if (!known || registry_changed || log.AnyDefinitionChange(session)) {
        ReadDefinitions(session, news);
        news.definitions_changed = true;
    }
    known ? AddChanges(session, seen_, news) : MarkAll(news.newest, news);
    transaction.Commit();
    seen_ = news.newest;
    return news;
}

void LakeWatch::ReadDefinitions(Session& session, LakeNews& news) {
    Registry registry = ReadRegistry(session);
    Dependencies dependencies = Dependencies::OfAll(session, registry);
    std::map<std::string, WatchedTable> tables;
    std::map<TableName, std::set<std::string>> readers;
    std::map<TableName, std::string> results;
    std::set<std::string> other;                  // new, or with another content
    for (const auto& id : dependencies.Order()) { // what a table reads comes before it
        const TableNode& node = dependencies.At(id);
        WatchedTable watched;
        watched.table = node.table;
        watched.parents = dependencies.Parents(id);
        watched.sources = node.inputs;
        watched.always_changes = AlwaysChanges(node);
        watched.meaning = node.derived;
        if (IsOther(watched)) {
            other.insert(id);
        }
        for (const auto& parent : watched.parents) {
            if (other.contains(parent)) {
                other.insert(id);
            }
            auto known = tables.find(parent);
            if (known != tables.end()) { // in a circle it isn't
                watched.sources.insert(known->second.sources.begin(), known->second.sources.end());
                watched.always_changes = watched.always_changes || known->second.always_changes;
            }
        }
        for (const auto& source : watched.sources) {
            readers[source].insert(id);
        }
        results[node.table.name] = id;
        if (other.contains(id)) {
            news.changed.emplace_back(id, news.newest);
        }
        tables[id] = std::move(watched);
    }
    tables_ = std::move(tables);
    readers_ = std::move(readers);
    results_ = std::move(results);
}

bool LakeWatch::IsOther(const WatchedTable& table) const {
    auto known = tables_.find(table.table.id);
    return known == tables_.end() || table.meaning == nullptr || known->second.meaning != table.meaning ||
           known->second.table.definition_version != table.table.definition_version;
}

/// A result table that was written together with its state row was written by a refresh. That is no news for those that
/// read it: what the refresh took in has changed for them too.
void LakeWatch::AddChanges(Session& session, Snapshot after, LakeNews& news) {
    auto& memory = session.Memory<CatalogMemory>();
    auto schema = memory.SchemaAt(session, news.newest);
    Snapshot expected = after + 1;
    for (const KnownSnapshot& snapshot : memory.Changes(session, after, news.newest)) {
        if (snapshot->id != expected++) {
            return MarkAll(news.newest, news); // what expired is unknown
        }
        std::set<std::string> refreshed;
        std::set<TableName> written;
        for (const ChangeEntry& entry : snapshot->entries) {
            const TableInfo* table = schema->FindById(entry.table_id);
            if (table == nullptr) {
                continue; // dropped since, or Freshet's own: definitions of others don't change here
            }
            if (table->name.schema == kOwnSchema) {
                refreshed.insert(table->name.name);
            } else if (ChangesRows(entry)) {
                written.insert(table->name);
            }
        }
        for (const TableName& table : written) {
            auto result = results_.find(table);
            if (result == results_.end()) {
                Mark(table, snapshot->id, news);
            } else if (refreshed.count(StateTable(result->second).name) == 0) {
                news.changed.emplace_back(result->second, snapshot->id);
                Mark(table, snapshot->id, news);
            }
        }
    }
    if (expected != news.newest + 1) {
        MarkAll(news.newest, news);
    }
}

void LakeWatch::Mark(const TableName& source, Snapshot at, LakeNews& news) const {
    auto readers = readers_.find(source);
    if (readers != readers_.end()) {
        for (const auto& id : readers->second) {
            news.changed.emplace_back(id, at);
        }
    }
}

void LakeWatch::MarkAll(Snapshot at, LakeNews& news) const {
    for (const auto& [id, table] : tables_) {
        news.changed.emplace_back(id, at);
    }
}

} // namespace freshet
