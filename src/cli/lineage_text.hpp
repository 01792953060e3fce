#pragma once

#include "service/reports.hpp"

#include <string>

namespace freshet {

/// One tree per column, for people.
std::string LineageAsText(const LineageReport& report);

} // namespace freshet
