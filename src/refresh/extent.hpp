#pragma once

#include <cstdint>
#include <optional>

namespace freshet {

/// How much of a result a refresh had to touch, as far as it got to know that on its way: nothing is counted for it.
struct RefreshExtent {
    std::optional<int64_t> affected_keys;   ///< groups or partitions that the change reaches
    std::optional<int64_t> result_keys;     ///< all of them, before the change
    std::optional<int64_t> recomputed_rows; ///< of the result, evaluated anew
    std::optional<int64_t> equal_rows;      ///< of these: found stored as they are, and left alone

    /// affected / all keys; nothing where one of them isn't known. More than 1 where new keys come.
    std::optional<double> CardinalityRatio() const { return Ratio(affected_keys, result_keys); }
    /// equal / recomputed rows; nothing where rows weren't compared.
    std::optional<double> DedupRatio() const { return Ratio(equal_rows, recomputed_rows); }

private:
    static std::optional<double> Ratio(std::optional<int64_t> part, std::optional<int64_t> whole) {
        if (!part || !whole || *whole == 0) {
            return {};
        }
        return static_cast<double>(*part) / static_cast<double>(*whole);
    }
};

} // namespace freshet
