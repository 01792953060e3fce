#pragma once

#include "project/model.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// The models that a name in a text may mean, table or macro: the text doesn't say which.
class ModelNames {
public:
    explicit ModelNames(const std::vector<Model>& models);
    /// Of the first of the schemas that has any; the reference's own schema stands for all of them.
    std::vector<size_t> Find(const std::vector<std::string>& schemas, const Reference& reference) const;

private:
    std::multimap<std::string, size_t> by_name_;
};

/// The same key for names that differ in case only.
std::string CaselessKey(const std::string& schema, const std::string& name);

/// Which model of a project reads which, by the names in their texts.
class ModelGraph {
public:
    /// Throws Cycle with the files and lines of the path.
    explicit ModelGraph(const std::vector<Model>& models);

    const std::vector<size_t>& Parents(size_t model) const { return parents_[model]; }
    const std::vector<size_t>& Children(size_t model) const { return children_[model]; }
    /// Parents before children, else in the order given.
    const std::vector<size_t>& Order() const { return order_; }
    std::set<size_t> Upstream(const std::set<size_t>& from) const;
    std::set<size_t> Downstream(const std::set<size_t>& from) const;

private:
    void Visit(const std::vector<Model>& models, size_t model, std::vector<size_t>& path);
    std::set<size_t> Reach(const std::set<size_t>& from, const std::vector<std::vector<size_t>>& edges) const;

    std::vector<std::vector<size_t>> parents_, children_;
    std::vector<std::vector<Reference>> reasons_; ///< beside parents_: where the parent is named
    std::vector<int> visited_;
    std::vector<size_t> order_;
};

/// Is a model new, or another than what exists? For state:new and state:modified.
enum class ModelState { Unchanged, New, Modified };

/// A name as SelectModels() takes it.
std::string SelectionWord(const std::string& name);

/// Models that selections mean, as dbt has them: words parted by blanks add up, words joined by commas have to hold all
/// together. A word is a name or glob ("orders", "sales.*"), tag:x, path:models/sales, state:new or state:modified
/// (which includes new ones), in double quotes where it has blanks or commas, with + before it for all that it reads
/// and behind it for all that reads it. No selection means all. Throws BadSelection, also for a word that selects
/// nothing, unless it asks for a state.
std::set<size_t> SelectModels(const std::vector<Model>& models, const ModelGraph& graph,
                              const std::vector<std::string>& select, const std::vector<std::string>& exclude,
                              const std::function<ModelState(size_t)>& state_of);

} // namespace freshet
