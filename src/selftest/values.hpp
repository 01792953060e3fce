#pragma once

#include "selftest/random.hpp"
#include "selftest/relation.hpp"

#include <string>

namespace freshet::selftest {

/// A literal, never NULL: few values, some of them far more often than others.
std::string Literal(Random& random, Type type);
/// A literal or, often, NULL.
std::string LiteralOrNull(Random& random, Type type);

} // namespace freshet::selftest
