#pragma once

#include "base/identifier.hpp"
#include "base/value.hpp"
#include "bind/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

class Operations;
struct DynamicTable;

struct DiffRequest {
    std::string name;
    std::optional<Source> as;     ///< another definition: CREATE DYNAMIC TABLE, or a query
    std::optional<int64_t> from;  ///< or two snapshots of the table;
    std::optional<int64_t> to;    ///< nothing: the newest
    std::vector<std::string> key; ///< columns that tell rows apart; empty: found out
    int64_t sample = 10;          ///< so many rows are shown
};

/// Rows are compared as bags over the columns that both sides have; inexact values count as equal within 1e-12.
struct DiffReport {
    TableName table;
    int64_t added = 0;
    int64_t removed = 0;
    int64_t changed = 0; ///< rows whose key is on both sides, with other values
    int64_t rows_before = 0;
    int64_t rows_after = 0;
    std::vector<std::string> key;           ///< empty: nothing tells the rows apart, and none counts as changed
    std::vector<std::string> columns_added; ///< with their types; a changed type is one removed and one added
    std::vector<std::string> columns_removed;
    std::string basis; ///< what was compared with what
    Table sample;      ///< columns "diff" (-, +) and those of the rows, by key, what leaves before what comes
};

/// The stored content against the definition over what the content was made from.
DiffReport DiffAs(Operations& operations, const DynamicTable& table, const DiffRequest& request);
/// Throws NotVerifiable for a snapshot that is gone or doesn't have the table.
DiffReport DiffVersions(Operations& operations, const DynamicTable& table, const DiffRequest& request);

} // namespace freshet
