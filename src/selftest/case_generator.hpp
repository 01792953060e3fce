#pragma once

#include "selftest/script.hpp"

#include <cstdint>

namespace freshet::selftest {

/// Case `number` of a seed: the same script on every machine.
Script MakeCase(uint64_t seed, int64_t number);

} // namespace freshet::selftest
