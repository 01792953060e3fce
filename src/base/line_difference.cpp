#include "base/line_difference.hpp"

#include <algorithm>
#include <sstream>

namespace freshet {

namespace {

std::vector<std::string> LinesOf(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) {
        lines.push_back(line);
    }
    return lines;
}

/// Definitions are short; texts beyond that are shown as replaced.
constexpr size_t kMostCells = 4'000'000;

} // namespace

std::vector<DifferenceLine> CompareLines(const std::string& before, const std::string& after) {
    std::vector<std::string> a = LinesOf(before), b = LinesOf(after);
    bool tabled = a.size() * b.size() <= kMostCells;
    // common[i][j]: lines that a from i and b from j have in common.
    std::vector<std::vector<size_t>> common(tabled ? a.size() + 1 : 0, std::vector<size_t>(b.size() + 1));
    for (size_t i = tabled ? a.size() : 0; i-- > 0;) {
        for (size_t j = b.size(); j-- > 0;) {
            common[i][j] = a[i] == b[j] ? common[i + 1][j + 1] + 1 : std::max(common[i + 1][j], common[i][j + 1]);
        }
    }
    std::vector<DifferenceLine> lines;
    size_t i = 0, j = 0;
    while (i < a.size() || j < b.size()) {
        if (tabled && i < a.size() && j < b.size() && a[i] == b[j]) {
            lines.push_back({' ', a[i++]});
            j++;
        } else if (i < a.size() && (j == b.size() || !tabled || common[i + 1][j] >= common[i][j + 1])) {
            lines.push_back({'-', a[i++]});
        } else {
            lines.push_back({'+', b[j++]});
        }
    }
    return lines;
}

} // namespace freshet
