#pragma once

#include "base/value.hpp"
#include "emit/relation.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace freshet::delta {

/// What is known of a TEMP table once it is made. Weights are +1 and -1, one row per copy.
struct Facts {
    int64_t rows = 0;
    int64_t inserted = 0; ///< rows with weight +1, where the table has weights
    int64_t deleted = 0;
    std::vector<bool> has_null; ///< per column asked for

    bool HasNull() const { return std::find(has_null.begin(), has_null.end(), true) != has_null.end(); }
};

/// Makes TEMP tables. Rules decide by what they find (an empty change ends a branch, NULL among keys asks for NULL-safe
/// comparison), so a change is compiled and computed in one walk. The other implementation records the SQL without
/// running it, for explain.
class Runtime {
public:
    virtual ~Runtime() = default;

    /// CREATE OR REPLACE TEMP TABLE `name` AS `sql`.
    /// @param weighted  the table has the weight column: count both signs
    /// @param null_columns  columns of which to tell whether they hold NULL
    virtual Facts Make(const std::string& name, const std::string& sql, bool weighted,
                       const std::vector<std::string>& null_columns) = 0;

    /// A few ranges in which all values of a column lie, if together they are much less than the one from the least to
    /// the greatest value; none otherwise, where joins prune as well without, and where nothing runs.
    /// @param rows    of the table
    /// @param column  SQL over alias t
    virtual std::vector<emit::ValueRange> Ranges(const std::string& /*table*/, int64_t /*rows*/,
                                                 const std::string& /*column*/, const std::string& /*type*/) {
        return {};
    }
};

} // namespace freshet::delta
