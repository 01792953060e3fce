#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace freshet {

/// Reads '<n> <unit>' (seconds, minutes, hours, days; singular or plural; any case; any blanks) into seconds.
/// Nothing for zero, negative, fractional, overflowing or garbage text.
std::optional<int64_t> ParseDuration(const std::string& text);

/// "90 seconds", "2 hours": the largest unit that divides.
std::string DurationText(int64_t seconds);

} // namespace freshet
