#include "refresh/dependencies.hpp"

#include "refresh/derived.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/settings.hpp"
#include "refresh/undisturbed.hpp"

#include <algorithm>
#include <functional>

namespace freshet {

namespace {

/// A table or column that the definition names and that is gone is the sources' doing, not the statement's.
Error AsSourceGone(const Error& error) {
    switch (error.GetCode()) {
    case Code::UnknownTable:
    case Code::UnknownColumn:
    case Code::UnknownSchema: {
        Error gone(Code::SourceGone, error.Message(),
                   error.Hint().empty() ? "bring it back, or change the definition: ALTER DYNAMIC TABLE ... AS"
                                        : error.Hint());
        if (error.Where()) {
            gone.At(*error.Where());
        }
        return gone;
    }
    default:
        return error;
    }
}

} // namespace

Source DefinitionSource(const DynamicTable& table) {
    return {"", table.definition};
}

void Dependencies::Add(Session& session, const DynamicTable& table) {
    auto& meanings = session.Memory<Meanings>();
    if (auto known = meanings.Find(session, table)) {
        nodes_.insert_or_assign(table.id, std::move(*known));
        return;
    }
    TableNode node;
    node.table = table;
    try {
        ApplySettings(session, table.settings); // one decides what / means
        node.definition = ParseDefinition(session, {table.definition, 0}, table.search_path, DefinitionSource(table));
        node.inputs = node.definition->Tables();
    } catch (const EngineError&) {
        throw; // the lake, not the definition
    } catch (const Error& error) {
        if (TellsOfExpiry(error)) { // nor is this the definition's
            throw;
        }
        node.error = AsSourceGone(error);
        for (const auto& input : ReadFrontier(session, table.id).inputs) {
            node.inputs.insert(input.name);
        }
    }
    meanings.Keep(session, node);
    nodes_.insert_or_assign(table.id, std::move(node));
}

void Dependencies::Link(const Registry& registry) {
    for (const auto& [id, node] : nodes_) {
        auto& parents = parents_[id];
        for (const auto& input : node.inputs) {
            const DynamicTable* parent = registry.Find(input);
            if (parent != nullptr && nodes_.count(parent->id) > 0) {
                parents.push_back(parent->id);
            }
        }
    }
}

Dependencies Dependencies::Of(Session& session, const Registry& registry, const std::vector<std::string>& ids) {
    Dependencies result;
    std::vector<std::string> open = ids;
    while (!open.empty()) {
        std::string id = open.back();
        open.pop_back();
        const DynamicTable* table = registry.FindById(id);
        if (table == nullptr || result.nodes_.count(id) > 0) {
            continue;
        }
        result.Add(session, *table);
        for (const auto& input : result.nodes_.at(id).inputs) {
            if (const DynamicTable* parent = registry.Find(input)) {
                open.push_back(parent->id);
            }
        }
    }
    result.Link(registry);
    return result;
}

Dependencies Dependencies::OfAll(Session& session, const Registry& registry) {
    std::vector<std::string> ids;
    for (const auto& table : registry.Tables()) {
        ids.push_back(table.id);
    }
    return Of(session, registry, ids);
}

std::vector<std::string> Dependencies::Parents(const std::string& id) const {
    return parents_.at(id);
}

std::vector<std::string> Dependencies::Consumers(const std::string& id) const {
    std::vector<std::string> consumers;
    for (const auto& [child, parents] : parents_) {
        if (std::find(parents.begin(), parents.end(), id) != parents.end()) {
            consumers.push_back(child);
        }
    }
    std::sort(consumers.begin(), consumers.end(),
              [&](const auto& a, const auto& b) { return At(a).table.name < At(b).table.name; });
    return consumers;
}

std::vector<std::string> Dependencies::Order() const {
    std::vector<std::string> by_name;
    for (const auto& [id, node] : nodes_) {
        by_name.push_back(id);
    }
    std::sort(by_name.begin(), by_name.end(),
              [&](const auto& a, const auto& b) { return At(a).table.name < At(b).table.name; });
    std::vector<std::string> order;
    std::set<std::string> begun;
    std::function<void(const std::string&)> visit = [&](const std::string& id) {
        if (!begun.insert(id).second) {
            return;
        }
        for (const auto& parent : parents_.at(id)) {
            visit(parent);
        }
        order.push_back(id);
    };
    for (const auto& id : by_name) {
        visit(id);
    }
    return order;
}

std::vector<std::string> Dependencies::Downstream(const std::string& id) const {
    std::vector<std::string> found;
    std::set<std::string> seen = {id};
    std::vector<std::string> level = {id};
    while (!level.empty()) {
        std::vector<std::string> next;
        for (const auto& table : level) {
            for (const auto& consumer : Consumers(table)) {
                if (seen.insert(consumer).second) {
                    found.push_back(consumer);
                    next.push_back(consumer);
                }
            }
        }
        level = next;
    }
    return found;
}

std::set<std::string> Dependencies::Upstream(const std::string& id) const {
    std::set<std::string> found;
    std::vector<std::string> open = parents_.at(id);
    while (!open.empty()) {
        std::string table = open.back();
        open.pop_back();
        if (found.insert(table).second) {
            const auto& parents = parents_.at(table);
            open.insert(open.end(), parents.begin(), parents.end());
        }
    }
    return found;
}

std::optional<std::vector<std::string>> Dependencies::PathTo(const std::string& from, const std::string& to,
                                                             std::set<std::string>& seen) const {
    for (const auto& parent : parents_.at(from)) {
        if (parent == to) {
            return std::vector<std::string>{from, to};
        }
        if (seen.insert(parent).second) {
            if (auto path = PathTo(parent, to, seen)) {
                path->insert(path->begin(), from);
                return path;
            }
        }
    }
    return {};
}

void Dependencies::CheckAcyclic(const std::string& id) const {
    std::set<std::string> seen;
    auto path = PathTo(id, id, seen);
    if (!path) {
        return;
    }
    std::string text;
    for (const auto& step : *path) {
        text += (text.empty() ? "" : " -> ") + At(step).table.name.Text();
    }
    throw Error(Code::Cycle, At(id).table.name.Text() + " would read itself: " + text,
                "\"a -> b\" means that a reads b; break the circle in one of these definitions");
}

} // namespace freshet
