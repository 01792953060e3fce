#pragma once

#include "bind/tree_walker.hpp"

namespace freshet {

/// Walks with a memory of relations that were replaced by others under an alias. Columns that name such a relation in
/// full (lake.main.orders.x, main.orders.x) then name the alias, since an alias has no schema.
class AliasingWalker : public TreeWalker {
public:
    void Expression(ExpressionPtr& expression) override;

protected:
    void Select(duckdb::SelectNode& node) override;

    /// An alias for a relation without one, unique in the FROM clause at hand; remembers it for the columns.
    std::string AliasFor(const std::string& catalog, const std::string& schema, const std::string& name);

    /// Would `alias`, of the SELECT that stands at this depth, mean another relation where the walk is?
    virtual bool IsHidden(size_t /*depth*/, const std::string& /*alias*/) const { return false; }

private:
    struct Renamed {
        std::string catalog, schema, name, alias;
    };

    void Rename(duckdb::ColumnRefExpression& column) const;

    std::vector<std::vector<Renamed>> scopes_;
};

} // namespace freshet
