#pragma once

#include "base/value.hpp"
#include "selftest/selftest.hpp"

#include <string>
#include <vector>

namespace freshet {

/// The report for people: lines, without the failures' scripts.
std::vector<std::string> SelftestLines(const selftest::Report& report);
/// How each feature of the queries was refreshed.
Table SelftestFeatures(const selftest::Report& report);
/// Why definitions were evaluated whole, most frequent first.
Table SelftestRefusals(const selftest::Report& report);
/// One object.
std::string SelftestJson(const selftest::Report& report);

} // namespace freshet
