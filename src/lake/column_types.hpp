#pragma once

#include "lake/catalog.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace freshet {

/// One row of ducklake_column: nested fields are rows of their own below their parent.
struct ColumnRow {
    int64_t id = 0;
    int64_t parent = -1; ///< -1 at the top
    std::string name;
    std::string type; ///< DuckLake's word: int32, decimal(15,2), struct, list ...
};

/// The top-level columns of one table's rows, which are in column order, with types as DuckDB prints them.
std::vector<ColumnInfo> ColumnsFromRows(const std::vector<ColumnRow>& rows);

} // namespace freshet
