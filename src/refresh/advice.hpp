#pragma once

#include "bind/definition.hpp"
#include "refresh/compute.hpp"

#include <string>

namespace freshet {

/// What a user could change so that the table is refreshed by change; empty where it is already. Pure.
std::string HowToBeIncremental(const Definition& definition, const Analysis& analysis);

} // namespace freshet
