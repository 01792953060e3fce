#include "service/project_order.hpp"

#include <algorithm>

namespace freshet {

ProjectOrder::ProjectOrder(Session& session, const std::vector<Model>& models, const ModelGraph& graph,
                           const Registry& registry, const std::vector<std::string>& lake_schemas)
    : session_(session), lake_schemas_(lake_schemas), names_(models), reached_(models.size()), visited_(models.size()) {
    for (const auto& table : registry.Tables()) {
        tables_.emplace(CaselessKey(table.name.schema, table.name.name), &table);
    }
    for (size_t i = 0; i < models.size(); i++) {
        reached_[i] = Behind(models[i].references, models[i].schemas);
        reached_[i].models.insert(graph.Parents(i).begin(), graph.Parents(i).end());
    }
    for (size_t i : graph.Order()) {
        Visit(i);
    }
}

void ProjectOrder::Visit(size_t model) {
    if (visited_[model]) {
        return;
    }
    visited_[model] = true;
    for (size_t parent : Parents(model)) {
        Visit(parent);
    }
    order_.push_back(model);
}

void ProjectOrder::Reached::Add(const Reached& more) {
    models.insert(more.models.begin(), more.models.end());
    for (const auto& table : more.tables) {
        if (std::find(tables.begin(), tables.end(), table) == tables.end()) {
            tables.push_back(table);
        }
    }
}

ProjectOrder::Reached ProjectOrder::Behind(const std::vector<Reference>& references,
                                           const std::vector<std::string>& schemas) {
    Reached reached;
    for (const auto& reference : references) {
        auto models = names_.Find(schemas, reference);
        if (!models.empty()) {
            reached.models.insert(models.begin(), models.end());
            continue;
        }
        for (const auto& schema : reference.schema ? std::vector{*reference.schema} : schemas) {
            reached.Add(BehindObject({schema, reference.name}));
        }
    }
    return reached;
}

const ProjectOrder::Reached& ProjectOrder::BehindObject(const TableName& name) {
    auto [known, is_new] = objects_.try_emplace(CaselessKey(name.schema, name.name));
    if (is_new) {
        for (const auto& object : Find(name)) {
            Reached reached = Behind(object.references, object.schemas);
            if (object.table != nullptr && !reached.models.empty()) {
                reached.tables.push_back(object.table->name);
            }
            known->second.Add(reached);
        }
    }
    return known->second;
}

std::vector<ProjectOrder::LakeObject> ProjectOrder::Find(const TableName& name) const {
    std::vector<LakeObject> found;
    auto add = [&](const std::string& text, const std::vector<std::string>& schemas, const DynamicTable* table) {
        try {
            found.push_back({ParseModelStatement({text, 0}, {"", text}).references, schemas, table});
        } catch (const Error&) {
            // What can't be parsed leads nowhere; whoever reads it will be told.
        }
    };
    auto table = tables_.find(CaselessKey(name.schema, name.name));
    if (table != tables_.end()) {
        add(table->second->definition, SchemasOf(table->second->search_path), table->second);
        return found;
    }
    if (std::find(lake_schemas_.begin(), lake_schemas_.end(), name.schema) == lake_schemas_.end()) {
        return found;
    }
    for (ObjectKind kind : {ObjectKind::View, ObjectKind::Macro}) {
        if (auto text = StoredObject(session_, kind, name)) {
            add(*text, {name.schema, "main"}, nullptr);
        }
    }
    return found;
}

std::set<size_t> ProjectOrder::Downstream(const std::set<size_t>& from) const {
    std::set<size_t> reached = from, below;
    for (size_t model : order_) {
        const auto& parents = Parents(model);
        bool reads = std::any_of(parents.begin(), parents.end(), [&](size_t parent) { return reached.count(parent); });
        if (reads) {
            reached.insert(model);
            below.insert(model);
        }
    }
    return below;
}

} // namespace freshet
