#pragma once

#include "bind/tree_walker.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// Do two expressions of one SELECT mean the same? x and t.x do, where both can be used.
bool SameExpression(const duckdb::ParsedExpression& a, const duckdb::ParsedExpression& b);

/// What a row, struct or list is written of; nothing for other expressions.
std::vector<const duckdb::ParsedExpression*> PartsOf(const duckdb::ParsedExpression& expression);

/// Does the list hold the expression, or all its parts, or is the expression constant?
bool Covers(const std::vector<const duckdb::ParsedExpression*>& list, const duckdb::ParsedExpression& expression);

/// Names of columns that tell the rows of a relation apart; nothing where none are known.
using RowKey = std::optional<std::vector<std::string>>;
/// What an unqualified name means, if it is a CTE; else null.
using CteSearch = std::function<const duckdb::QueryNode*(const std::string& name)>;

/// Of what a query gives: group keys, columns of a DISTINCT, or what it passes on of its input.
RowKey KeyOf(const duckdb::QueryNode& node, const CteSearch& search);
RowKey KeyOf(const duckdb::TableRef& from, const CteSearch& search);

/// Does the list hold a column of each name?
bool CoversNames(const std::vector<const duckdb::ParsedExpression*>& list, const std::vector<std::string>& names);

/// One SELECT's names for its own parts: an alias or a position stands for the select item.
class SelectNames {
public:
    /// `from`: the key of the rows that it reads, where it is of use.
    explicit SelectNames(const duckdb::SelectNode& node, RowKey from = std::nullopt)
        : node_(node), from_(std::move(from)) {}

    const duckdb::ParsedExpression& Resolved(const duckdb::ParsedExpression& expression) const;

    /// What the rows are grouped by; empty if they aren't, or not by one set of expressions.
    std::vector<const duckdb::ParsedExpression*> GroupKeys() const;

    /// Are rows that these expressions don't tell apart equal in all that the SELECT gives?
    bool TellRowsApart(const std::vector<const duckdb::ParsedExpression*>& expressions) const;

    bool GivesOneRow() const;

private:
    bool MayMeanColumn(const duckdb::ParsedExpression& group) const;
    bool CoversItems(const std::vector<const duckdb::ParsedExpression*>& resolved) const;

    const duckdb::SelectNode& node_;
    RowKey from_;
};

} // namespace freshet
