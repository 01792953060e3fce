#pragma once

#include "bind/tree_walker.hpp"

#include <string>

namespace freshet {

/// Do two expressions of one SELECT mean the same? x and t.x do, where both can be used.
bool SameExpression(const duckdb::ParsedExpression& a, const duckdb::ParsedExpression& b);

/// Does the list hold the expression, or is the expression constant?
bool Covers(const std::vector<const duckdb::ParsedExpression*>& list, const duckdb::ParsedExpression& expression);

/// One SELECT's names for its own parts: an alias or a position stands for the select item.
class SelectNames {
public:
    explicit SelectNames(const duckdb::SelectNode& node) : node_(node) {}

    const duckdb::ParsedExpression& Resolved(const duckdb::ParsedExpression& expression) const;

    /// What the rows are grouped by; empty if they aren't, or not by one set of expressions.
    std::vector<const duckdb::ParsedExpression*> GroupKeys() const;

    /// Are rows that these expressions don't tell apart equal in all that the SELECT gives?
    bool TellRowsApart(const std::vector<const duckdb::ParsedExpression*>& expressions) const;

private:
    bool GivesOneRow() const;
    bool CoversItems(const std::vector<const duckdb::ParsedExpression*>& resolved) const;

    const duckdb::SelectNode& node_;
};

} // namespace freshet
