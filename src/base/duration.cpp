#include "base/duration.hpp"

#include "base/caseless.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <sstream>
#include <utility>

namespace freshet {

namespace {

constexpr std::array<std::pair<const char*, int64_t>, 4> kUnits = {
    {{"day", 86400}, {"hour", 3600}, {"minute", 60}, {"second", 1}}};
/// A hundred years: beyond it dates computed from a lag overflow.
constexpr int64_t kLongest = int64_t{100} * 366 * 86400;

} // namespace

std::optional<int64_t> ParseDuration(const std::string& text) {
    std::string spaced = text;
    auto letter = std::find_if(spaced.begin(), spaced.end(), [](unsigned char c) { return std::isalpha(c); });
    spaced.insert(letter, ' ');
    std::istringstream words(spaced);
    std::string number, unit, rest;
    if (!(words >> number >> unit) || (words >> rest)) {
        return std::nullopt;
    }
    int64_t count = 0;
    auto [end, problem] = std::from_chars(number.data(), number.data() + number.size(), count);
    if (problem != std::errc() || end != number.data() + number.size() || count <= 0) {
        return std::nullopt;
    }
    unit = Lower(unit);
    for (const auto& [name, seconds] : kUnits) {
        if (unit == name || unit == std::string(name) + "s") {
            return count <= kLongest / seconds ? std::optional(count * seconds) : std::nullopt;
        }
    }
    return std::nullopt;
}

std::string DurationText(int64_t seconds) {
    for (const auto& [name, size] : kUnits) {
        if (seconds % size == 0) {
            int64_t count = seconds / size;
            return fmt::format("{} {}{}", count, name, count == 1 ? "" : "s");
        }
    }
    return fmt::format("{} seconds", seconds);
}

} // namespace freshet
