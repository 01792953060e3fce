#pragma once

#include "service/operations.hpp"

namespace freshet {

/// Checks that need an open service.
std::vector<DoctorCheck> CheckOpened(Operations& operations);

} // namespace freshet
