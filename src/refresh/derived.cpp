#include "refresh/derived.hpp"

#include "base/caseless.hpp"
#include "lake/catalog_memory.hpp"

#include <algorithm>
#include <cctype>
#include <set>

namespace freshet {

namespace {

/// Files, table functions and what other databases hold change without the lake's knowing.
bool DependsOnTheLakeAlone(const Definition& definition) {
    const auto& parts = definition.InlinedParts();
    return definition.WithoutFeed().empty() && std::all_of(parts.begin(), parts.end(), [](const Inlined& part) {
               return part.name.starts_with(QuoteIfNeeded(kLake) + ".");
           });
}

bool IsPartOfWord(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}

/// Does the word stand there by itself? Both in lower case.
bool HoldsWord(const std::string& text, const std::string& word) {
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        size_t end = at + word.size();
        if ((at == 0 || !IsPartOfWord(text[at - 1])) && (end == text.size() || !IsPartOfWord(text[end]))) {
            return true;
        }
    }
    return false;
}

/// Could a name that stands in a text, or is made there of parts, be this one? Rather too often than too rarely.
bool MayMean(const std::string& text, const TableName& table) {
    std::string lower = Lower(text);
    return table.name.find('"') != std::string::npos || HoldsWord(lower, Lower(table.name)) ||
           lower.find("query") != std::string::npos;
}

bool IsConcerned(const TableNode& node, const TableName& table) {
    const auto& parts = node.definition->InlinedParts();
    return table == node.table.name || node.inputs.contains(table) || MayMean(node.definition->Text(), table) ||
           std::any_of(parts.begin(), parts.end(), [&](const Inlined& part) { return MayMean(part.sql, table); });
}

bool SameTable(const TableInfo& a, const TableInfo& b) {
    return a.id == b.id && a.uuid == b.uuid && a.name == b.name && a.columns == b.columns;
}

/// Tables of the first schema that the second one has not, or has otherwise.
void AddMissing(const LakeSchema& schema, const LakeSchema& other, std::set<TableName>& names) {
    for (const TableInfo& table : schema.Tables()) {
        const TableInfo* same = other.FindById(table.id);
        if (table.name.schema != kOwnSchema && (same == nullptr || !SameTable(table, *same))) {
            names.insert(table.name);
        }
    }
}

/// Names that a table had or got in the window, and those of altered ones; nothing where anything but tables changed,
/// or a commit is not known any more.
std::optional<std::vector<TableName>> TablesOfDdl(Session& session, Snapshot after, Snapshot until) {
    auto& memory = session.Memory<CatalogMemory>();
    std::shared_ptr<const LakeSchema> before = memory.SchemaAt(session, after), now = memory.SchemaAt(session, until);
    std::set<TableName> names;
    Snapshot expected = after + 1;
    for (const KnownSnapshot& snapshot : memory.Changes(session, after, until)) {
        if (snapshot->id != expected++) {
            return {};
        }
        for (const ChangeEntry& entry : snapshot->entries) {
            bool of_table = entry.kind.ends_with("_table") && !entry.kind.ends_with("into_table");
            bool ddl = entry.kind.starts_with("created_") || entry.kind.starts_with("dropped_") ||
                       entry.kind.starts_with("altered_");
            if (ddl && !of_table) {
                return {};
            }
            for (const LakeSchema* schema : {before.get(), now.get()}) {
                const TableInfo* table = entry.kind == "altered_table" ? schema->FindById(entry.table_id) : nullptr;
                if (table != nullptr && table->name.schema != kOwnSchema) {
                    names.insert(table->name);
                }
            }
        }
    }
    if (expected != until + 1) {
        return {};
    }
    AddMissing(*before, *now, names);
    AddMissing(*now, *before, names);
    return std::vector<TableName>(names.begin(), names.end());
}

} // namespace

const Meanings::Touched& Meanings::TouchedSince(Session& session, const Entry& entry, int64_t version, Snapshot now) {
    if (touched_.from != entry.schema_version || touched_.to != version) {
        touched_ = {entry.schema_version, version, TablesOfDdl(session, entry.at, now)};
    }
    return touched_;
}

std::optional<TableNode> Meanings::Find(Session& session, const DynamicTable& table) {
    Snapshot now = CurrentSnapshot(session);
    auto version = SchemaVersion(session, now);
    std::lock_guard lock(mutex_);
    auto found = entries_.find(table.id);
    if (!version || found == entries_.end() || !SameDefinition(found->second.node.table, table)) {
        return {};
    }
    Entry& entry = found->second;
    if (entry.schema_version != *version) {
        if (entry.at > now) {
            return {};
        }
        const auto& tables = TouchedSince(session, entry, *version, now).tables;
        if (!tables || std::any_of(tables->begin(), tables->end(),
                                   [&](const TableName& name) { return IsConcerned(entry.node, name); })) {
            return {};
        }
        entry.schema_version = *version;
    }
    entry.at = std::max(entry.at, now);
    TableNode node = entry.node;
    node.table = table;
    return node;
}

void Meanings::Keep(Session& session, TableNode& node) {
    if (!node.definition || !DependsOnTheLakeAlone(*node.definition)) {
        return;
    }
    Snapshot now = CurrentSnapshot(session);
    auto version = SchemaVersion(session, now);
    if (!version) {
        return;
    }
    node.derived = std::make_shared<Derived>();
    std::lock_guard lock(mutex_);
    auto found = entries_.find(node.table.id);
    if (found == entries_.end() || found->second.at <= now) { // a reader of an older snapshot doesn't undo it
        entries_.insert_or_assign(node.table.id, Entry{*version, now, node});
    }
}

} // namespace freshet
