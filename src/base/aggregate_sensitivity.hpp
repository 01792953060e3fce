#pragma once

#include <string>

namespace freshet {

/// Why an aggregate's value may depend on more than the bag of its input.
enum class Sensitivity {
    None,
    Order,  ///< list, string_agg: the order of elements
    Choice, ///< first, any_value: the row that is taken
    Ties,   ///< arg_max: the row taken among those that tie
    Mode,   ///< mode: the value taken among those that tie
    Approximation,
};

/// Of an aggregate function, by its name in any case.
Sensitivity SensitivityOf(const std::string& function);

} // namespace freshet
