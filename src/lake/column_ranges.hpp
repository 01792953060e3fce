#pragma once

#include "lake/catalog.hpp"

#include <map>
#include <vector>

namespace freshet {

/// How many different values a column can hold at most, where its type and its least and greatest value tell: the width
/// of the range of integers, dates and booleans. By column id; columns of which nothing is known are missing.
using DistinctBounds = std::map<int64_t, double>;

struct TableSize {
    int64_t table_id = 0;
    int64_t rows = 0; ///< about
};

/// From DuckLake's statistics, which never shrink, one result per table. They are remembered until a table has doubled
/// or halved: good enough to choose an order by, never to decide what is right. One query, if any. Thread-safe.
std::vector<DistinctBounds> ReadDistinctBounds(Session& session, const std::vector<TableSize>& tables);

} // namespace freshet
