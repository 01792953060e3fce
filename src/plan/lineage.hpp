#pragma once

#include "plan/node.hpp"

#include <compare>
#include <set>
#include <vector>

namespace freshet::plan {

/// A column of a source table.
struct SourceColumn {
    int source = -1; ///< position in Query::sources
    int column = -1; ///< position among that source's columns
    auto operator<=>(const SourceColumn&) const = default;
};

/// Where a column comes from.
struct ColumnLineage {
    std::set<SourceColumn> values; ///< what its value is computed from
    /// What only decides which rows, groups or peers take part in this value (FILTER, ORDER BY and windows).
    std::set<SourceColumn> choices;
};

/// Where all columns of a node come from, and what decides its rows.
struct Lineage {
    std::vector<ColumnLineage> columns;
    std::set<SourceColumn> rows; ///< read by filters, joins, groupings, DISTINCT and LIMIT below
};

/// Follows the columns of a finished plan (without Domain nodes) down to its sources. Pure.
Lineage LineageOf(const NodePtr& root);

} // namespace freshet::plan
