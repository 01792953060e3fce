#pragma once

#include "project/model_graph.hpp"
#include "refresh/dynamic_table.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// In which order models can be made: by the names in their texts, looked up in the project and, where no model has the
/// name, in the lake, whose views, macros and dynamic tables may lead back to models.
class ProjectOrder {
public:
    ProjectOrder(Session& session, const std::vector<Model>& models, const ModelGraph& graph, const Registry& registry,
                 const std::vector<std::string>& lake_schemas);

    /// Parents before children, else in the order given. Circles that lead through the lake are left open anywhere.
    const std::vector<size_t>& Order() const { return order_; }
    /// Models that this one reads, directly or through what is no model.
    const std::set<size_t>& Parents(size_t model) const { return reached_[model].models; }
    /// Dynamic tables that are no models and lie between models and this one; parents first.
    const std::vector<TableName>& TablesBetween(size_t model) const { return reached_[model].tables; }
    std::set<size_t> Downstream(const std::set<size_t>& from) const;

private:
    struct Reached {
        std::set<size_t> models;
        std::vector<TableName> tables;
        void Add(const Reached& more);
    };
    /// What the lake has under a name: texts with the names in them.
    struct LakeObject {
        std::vector<Reference> references;
        std::vector<std::string> schemas;
        const DynamicTable* table = nullptr;
    };

    Reached Behind(const std::vector<Reference>& references, const std::vector<std::string>& schemas);
    /// Of what is no model; nothing while it is looked at already.
    const Reached& BehindObject(const TableName& name);
    std::vector<LakeObject> Find(const TableName& name) const;
    void Visit(size_t model);

    Session& session_;
    const std::vector<std::string>& lake_schemas_;
    ModelNames names_;
    std::map<std::string, const DynamicTable*> tables_; ///< by CaselessKey()
    std::map<std::string, Reached> objects_;            ///< the same
    std::vector<Reached> reached_;
    std::vector<bool> visited_;
    std::vector<size_t> order_;
};

} // namespace freshet
