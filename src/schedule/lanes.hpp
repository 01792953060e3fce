#pragma once

#include <cstddef>
#include <functional>
#include <vector>

namespace freshet {

/// The tables of one order in parts: `shared` first, then the lanes, beside each other.
struct Lanes {
    /// Tables that several lanes read; parents before children.
    std::vector<size_t> shared;
    /// What no other due table reads, each with those due tables that only it reads. Two lanes have nothing in common
    /// but `shared`.
    std::vector<std::vector<size_t>> lanes;
};

/// `ancestors` of a table: all that it reads, parents before children.
Lanes SplitIntoLanes(const std::vector<size_t>& due,
                     const std::function<const std::vector<size_t>&(size_t)>& ancestors);

} // namespace freshet
