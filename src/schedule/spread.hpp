#pragma once

#include <cstdint>
#include <string>

namespace freshet {

/// 0 <= x < 1, evenly spread over ids, counts and seeds (FNV-1a, finished as splitmix64 is). The same arguments give
/// the same number.
double Spread(const std::string& id, int64_t count, uint64_t seed);

} // namespace freshet
