#include "times.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet::bench {

double Timed(const std::function<void()>& work) {
    Stopwatch watch;
    work();
    return watch.Milliseconds();
}

double Median(Times times) {
    if (times.empty()) {
        return 0;
    }
    std::sort(times.begin(), times.end());
    size_t middle = times.size() / 2;
    return times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
}

std::string Spread(const Times& times) {
    if (times.empty()) {
        return "-";
    }
    std::string text = fmt::format("{:.1f}", Median(times));
    if (times.size() > 1) {
        auto [least, greatest] = std::minmax_element(times.begin(), times.end());
        text += fmt::format(" ({:.1f} to {:.1f})", *least, *greatest);
    }
    return text;
}

std::string Ratio(const Times& above, const Times& below) {
    return above.empty() || below.empty() ? "-" : fmt::format("{:.2f}", Median(above) / Median(below));
}

} // namespace freshet::bench
