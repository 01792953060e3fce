#pragma once

#include "base/value.hpp"

#include <string>
#include <vector>

namespace freshet {

struct TableStyle {
    bool boxes = false;     ///< lines of a terminal; else columns parted by blanks, for pipes
    bool row_count = false; ///< "(3 rows)" below
    size_t width = 0;       ///< of the terminal: wide values are cut and last columns left out to fit; 0: neither
    std::vector<std::string> kept = {}; ///< columns that are left out after all others, the most important first
};

/// A table for people: numbers on the right, NULL written out, control characters escaped.
std::string RenderTable(const Table& table, const TableStyle& style);

/// Values of such a type stand on the right.
bool IsNumericType(const std::string& type);

/// How many columns of a terminal a UTF-8 text takes.
size_t DisplayWidth(const std::string& text);
/// The text, or its beginning and an ellipsis, so that it takes no more than `width` columns.
std::string Cut(const std::string& text, size_t width);

} // namespace freshet
