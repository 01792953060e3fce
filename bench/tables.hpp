#pragma once

#include "service/service.hpp"

#include <string>

namespace freshet::bench {

/// CREATE DYNAMIC TABLE with a lag that no worker keeps.
void CreateTable(Service& service, const std::string& name, const std::string& refresh_mode, const std::string& query);

/// Throws what made the refresh fail.
RefreshEntry RefreshTable(Service& service, const std::string& name);

/// Does the table hold what its query gives?
bool IsEqual(Service& service, const std::string& name);

} // namespace freshet::bench
