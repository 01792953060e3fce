#pragma once

#include "bind/definition.hpp"
#include "refresh/dynamic_table.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet {

struct Derived;

/// A dynamic table with what its definition means today.
struct TableNode {
    DynamicTable table;
    std::optional<Definition> definition; ///< nothing: it doesn't parse or bind its tables any more
    std::optional<Error> error;           ///< why
    std::set<TableName> inputs;           ///< tables that it reads; of its frontier where the definition fails
    std::shared_ptr<Derived> derived;     ///< what follows from the definition, found out once; null: not kept
};

/// Which dynamic table reads which.
class Dependencies {
public:
    /// Of the dynamic tables with these ids and all that they read, recursively.
    static Dependencies Of(Session& session, const Registry& registry, const std::vector<std::string>& ids);
    static Dependencies OfAll(Session& session, const Registry& registry);

    const TableNode& At(const std::string& id) const { return nodes_.at(id); }
    bool Has(const std::string& id) const { return nodes_.count(id) > 0; }
    /// Dynamic tables that this one reads directly.
    std::vector<std::string> Parents(const std::string& id) const;
    /// Dynamic tables that read this one directly.
    std::vector<std::string> Consumers(const std::string& id) const;
    /// All ids, parents before children, else by name. Tables of a cycle come last and carry an error.
    std::vector<std::string> Order() const;
    /// The tables that read this one, directly or not; nearest first.
    std::vector<std::string> Downstream(const std::string& id) const;
    /// Dynamic tables that this one reads, directly or not.
    std::set<std::string> Upstream(const std::string& id) const;

    /// Throws Error Cycle, with its path, if the table reads itself.
    void CheckAcyclic(const std::string& id) const;

private:
    void Add(Session& session, const DynamicTable& table);
    void Link(const Registry& registry);
    std::optional<std::vector<std::string>> PathTo(const std::string& from, const std::string& to,
                                                   std::set<std::string>& seen) const;

    std::map<std::string, TableNode> nodes_;
    std::map<std::string, std::vector<std::string>> parents_;
};

/// The definition as a text to point into.
Source DefinitionSource(const DynamicTable& table);

} // namespace freshet
