#pragma once

#include <string>
#include <vector>

namespace freshet {

/// A line of two texts: of the first ('-'), of the second ('+'), or of both (' ').
struct DifferenceLine {
    char sign;
    std::string text;

    bool operator==(const DifferenceLine&) const = default;
};

/// The shortest way from one text to the other, line by line; of two ways the one that removes first.
std::vector<DifferenceLine> CompareLines(const std::string& before, const std::string& after);

} // namespace freshet
