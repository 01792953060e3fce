#pragma once

#include "emit/relation.hpp"
#include "lake/session.hpp"

#include <string>
#include <vector>

namespace freshet {

/// Some of the values of a column, and how they lie: `least` and `greatest` as text, and as numbers.
struct ValueGroup {
    std::string least;
    std::string greatest;
    double from = 0;
    double to = 0;
};

/// Joins neighbouring groups (ascending, not overlapping) until few are left, the widest gaps between them. None if
/// they are not much less than the whole.
std::vector<ValueGroup> FewRanges(const std::vector<ValueGroup>& groups);

/// At most four ranges in which all values of a column lie, NULL aside; none if they would prune little. Columns of
/// integers and dates only. 1 to 2 ms.
/// @param table   a TEMP table, as SQL names it
/// @param column  SQL over alias t
std::vector<emit::ValueRange> FindKeyRanges(Session& session, const std::string& table, const std::string& column,
                                            const std::string& type);

} // namespace freshet
