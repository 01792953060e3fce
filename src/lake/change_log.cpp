#include "lake/catalog.hpp"

#include "lake/catalog_memory.hpp"

#include <algorithm>
#include <charconv>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

bool Is(const std::string& kind, std::initializer_list<const char*> kinds) {
    return std::any_of(kinds.begin(), kinds.end(), [&](const char* candidate) { return kind == candidate; });
}

/// Ids of tables, views, schemas and macros are of one sequence, but only these entries are about tables.
bool IsAboutTableId(const std::string& kind) {
    return !Is(kind, {"dropped_view", "altered_view", "dropped_schema", "dropped_scalar_macro", "dropped_table_macro"});
}

int64_t ParseId(const std::string& text) {
    int64_t id = -1;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    return error == std::errc() && end == text.data() + text.size() ? id : -1;
}

/// End of the value that starts at `start`: the next comma outside quotes. A quote inside a name is doubled, which
/// leaves the state as it was.
size_t ValueEnd(const std::string& text, size_t start) {
    bool quoted = false;
    for (size_t i = start; i < text.size(); i++) {
        if (text[i] == '"') {
            quoted = !quoted;
        } else if (text[i] == ',' && !quoted) {
            return i;
        }
    }
    return text.size();
}

void Apply(const std::string& kind, TableChanges& changes) {
    changes.inlined |= kind == "inlined_delete";
    changes.inserted |= Is(kind, {"inserted_into_table", "inlined_insert"});
    changes.deleted |= Is(kind, {"deleted_from_table", "inlined_delete"});
    // A rename is logged as the creation of the new name.
    changes.altered |= Is(kind, {"altered_table", "created_table"});
    changes.dropped |= kind == "dropped_table";
    // compacted_table is the word of earlier formats for both kinds of compaction.
    changes.rewritten |= Is(kind, {"rewrite_delete", "compacted_table"});
    changes.merged |= Is(kind, {"merge_adjacent", "compacted_table"});
    changes.flushed |= Is(kind, {"flushed_inlined", "inline_flush"});
}

bool IsDefinitionChange(const std::string& kind) {
    return kind.starts_with("created_") || kind.starts_with("dropped_") || kind.starts_with("altered_");
}

TableChanges AnythingMayHaveHappened() {
    TableChanges changes;
    changes.inserted = changes.deleted = changes.altered = true;
    changes.rewritten = changes.merged = changes.flushed = changes.inlined = true;
    changes.gaps = true;
    return changes;
}

std::vector<ChangeEntry> Parse(const std::string& changes_made) {
    std::vector<ChangeEntry> entries;
    for (size_t start = 0; start < changes_made.size();) {
        size_t end = ValueEnd(changes_made, start);
        size_t colon = std::min(changes_made.find(':', start), end);
        ChangeEntry entry;
        entry.kind = changes_made.substr(start, colon - start);
        entry.subject = changes_made.substr(std::min(colon + 1, end), end - std::min(colon + 1, end));
        entry.table_id = IsAboutTableId(entry.kind) ? ParseId(entry.subject) : -1;
        entries.push_back(std::move(entry));
        start = end + 1;
    }
    return entries;
}

bool IsViewOrMacroChange(const ChangeEntry& entry) {
    return IsDefinitionChange(entry.kind) && (entry.kind.ends_with("_view") || entry.kind.ends_with("_macro"));
}

bool Creates(const ChangeEntry& entry) {
    return entry.kind == "created_table";
}

bool CreatesTables(const std::vector<SnapshotChanges>& snapshots) {
    return std::any_of(snapshots.begin(), snapshots.end(), [](const SnapshotChanges& snapshot) {
        return std::any_of(snapshot.entries.begin(), snapshot.entries.end(), Creates);
    });
}

/// A creation names the table only. Which id it got, or kept when it was a rename, is in ducklake_table.
void ResolveCreatedTables(Session& session, Snapshot after, Snapshot until, std::vector<SnapshotChanges>& snapshots) {
    if (!CreatesTables(snapshots)) {
        return;
    }
    Table found = session.Query(fmt::format(
        "SELECT t.begin_snapshot, t.table_id, s.schema_name, t.table_name "
        "FROM (SELECT * FROM {} WHERE begin_snapshot > {} AND begin_snapshot <= {}) t JOIN {} s USING (schema_id)",
        MetadataTable("ducklake_table"), after, until, MetadataTable("ducklake_schema")));
    std::map<std::pair<Snapshot, std::string>, int64_t> ids;
    for (const auto& row : found.rows) {
        std::string subject = QuoteIdentifier(AsText(row[2])) + "." + QuoteIdentifier(AsText(row[3]));
        ids[{AsInt(row[0]), subject}] = AsInt(row[1]);
    }
    for (SnapshotChanges& snapshot : snapshots) {
        for (ChangeEntry& entry : snapshot.entries) {
            auto id = ids.find({snapshot.id, entry.subject});
            if (Creates(entry) && id != ids.end()) {
                entry.table_id = id->second;
            }
        }
    }
}

/// No definition reads Freshet's own tables, so that what becomes of them changes no meaning.
bool IsOwn(Session& session, Snapshot snapshot, const ChangeEntry& entry) {
    if (Creates(entry)) {
        return entry.subject.starts_with(QuoteIdentifier(kOwnSchema) + ".");
    }
    if (!Is(entry.kind, {"dropped_table", "altered_table"})) {
        return false;
    }
    auto before = session.Memory<CatalogMemory>().SchemaAt(session, snapshot - 1);
    const TableInfo* table = before ? before->FindById(entry.table_id) : nullptr;
    return table != nullptr && table->name.schema == kOwnSchema;
}

} // namespace

std::vector<KnownSnapshot> ReadSnapshots(Session& session, Snapshot after, Snapshot until) {
    std::string window = fmt::format("snapshot_id > {} AND snapshot_id <= {}", after, until);
    Table found = session.Query(
        fmt::format("SELECT s.snapshot_id, s.schema_version, epoch_us(s.snapshot_time::TIMESTAMPTZ), c.changes_made "
                    "FROM (SELECT snapshot_id, schema_version, snapshot_time FROM {} WHERE {}) s LEFT JOIN (SELECT "
                    "snapshot_id, changes_made FROM {} WHERE {}) c USING (snapshot_id) ORDER BY 1",
                    MetadataTable("ducklake_snapshot"), window, MetadataTable("ducklake_snapshot_changes"), window));
    std::vector<SnapshotChanges> snapshots;
    for (const auto& row : found.rows) {
        snapshots.push_back({AsInt(row[0]), AsInt(row[1]), AsInt(row[2]), Parse(AsText(row[3]))});
    }
    ResolveCreatedTables(session, after, until, snapshots);
    std::vector<KnownSnapshot> known;
    for (SnapshotChanges& snapshot : snapshots) {
        known.push_back(std::make_shared<const SnapshotChanges>(std::move(snapshot)));
    }
    return known;
}

ChangeLog::ChangeLog(Snapshot after, Snapshot until, std::vector<KnownSnapshot> snapshots)
    : after_(after), until_(until), snapshots_(std::move(snapshots)) {}

ChangeLog ChangeLog::Read(Session& session, Snapshot after, Snapshot until) {
    return after < until ? ChangeLog(after, until, ReadSnapshots(session, after, until)) : ChangeLog(after, after, {});
}

ChangeLog ChangeLog::Remembered(Session& session, Snapshot after, Snapshot until) {
    return after < until ? ChangeLog(after, until, session.Memory<CatalogMemory>().Changes(session, after, until))
                         : ChangeLog(after, after, {});
}

/// Snapshot ids of a lake have no holes of their own: what is missing was expired, its log entries with it.
bool ChangeLog::HasGaps(Snapshot after) const {
    after = std::max(after, after_);
    auto present = std::count_if(snapshots_.begin(), snapshots_.end(),
                                 [&](const KnownSnapshot& snapshot) { return snapshot->id > after; });
    return present < until_ - after;
}

TableChanges ChangeLog::Of(int64_t table_id) const {
    return Of(table_id, after_);
}

TableChanges ChangeLog::Of(int64_t table_id, Snapshot after) const {
    TableChanges changes = HasGaps(after) ? AnythingMayHaveHappened() : TableChanges{};
    for (const KnownSnapshot& snapshot : snapshots_) {
        for (const ChangeEntry& entry : snapshot->entries) {
            if (snapshot->id > after && entry.table_id == table_id) {
                Apply(entry.kind, changes);
            }
        }
    }
    return changes;
}

bool ChangeLog::AnyDefinitionChange(Session& session) const {
    if (HasGaps(after_)) {
        return true;
    }
    for (const KnownSnapshot& snapshot : snapshots_) {
        for (const ChangeEntry& entry : snapshot->entries) {
            if (IsDefinitionChange(entry.kind) && !IsOwn(session, snapshot->id, entry)) {
                return true;
            }
        }
    }
    return false;
}

bool ChangeLog::AnyViewOrMacroChange() const {
    return HasGaps(after_) || std::any_of(snapshots_.begin(), snapshots_.end(), [](const KnownSnapshot& snapshot) {
               return std::any_of(snapshot->entries.begin(), snapshot->entries.end(), IsViewOrMacroChange);
           });
}

} // namespace freshet
