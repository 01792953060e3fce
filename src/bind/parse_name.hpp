#pragma once

#include "bind/statement.hpp"
#include "bind/tokens.hpp"

namespace freshet {

/// Reads [[lake.]schema.]name. Throws Error: Syntax, BadName for another catalog, WriteRefused for Freshet's own
/// schema.
GivenName TakeName(Tokens& tokens);
std::vector<GivenName> TakeNameList(Tokens& tokens);
/// Reads (column, ...) if it is next.
std::vector<GivenColumn> TakeColumnListIf(Tokens& tokens);

} // namespace freshet
