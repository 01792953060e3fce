#pragma once

#include <functional>
#include <string>
#include <vector>

namespace freshet::bench {

/// Milliseconds, one per round.
using Times = std::vector<double>;

/// What the work takes.
double Timed(const std::function<void()>& work);

/// 0 of no times.
double Median(Times times);

/// "12.3 (11.8 to 14.0)": median, and where it took more than one round its least and its greatest.
std::string Spread(const Times& times);

/// "1.50": of the medians.
std::string Ratio(const Times& above, const Times& below);

} // namespace freshet::bench
