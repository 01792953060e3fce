#include "refresh/derived.hpp"

#include <algorithm>

namespace freshet {

namespace {

/// Files, table functions and what other databases hold change without the lake's knowing.
bool DependsOnTheLakeAlone(const Definition& definition) {
    const auto& parts = definition.InlinedParts();
    return definition.WithoutFeed().empty() && std::all_of(parts.begin(), parts.end(), [](const Inlined& part) {
               return part.name.starts_with(QuoteIfNeeded(kLake) + ".");
           });
}

} // namespace

std::optional<TableNode> Meanings::Find(const DynamicTable& table, int64_t schema_version) {
    std::lock_guard lock(mutex_);
    auto entry = entries_.find(table.id);
    if (entry == entries_.end() || entry->second.schema_version != schema_version ||
        !SameDefinition(entry->second.node.table, table)) {
        return {};
    }
    TableNode node = entry->second.node;
    node.table = table;
    return node;
}

void Meanings::Keep(TableNode& node, int64_t schema_version) {
    if (!node.definition || !DependsOnTheLakeAlone(*node.definition)) {
        return;
    }
    node.derived = std::make_shared<Derived>();
    std::lock_guard lock(mutex_);
    entries_.insert_or_assign(node.table.id, Entry{schema_version, node});
}

} // namespace freshet
