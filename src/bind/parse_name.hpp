#pragma once

#include "bind/statement.hpp"
#include "bind/tokens.hpp"

namespace freshet {

/// Reads [[lake.]schema.]name. Throws Error: Syntax, BadName for another catalog, WriteRefused for Freshet's own
/// schema.
GivenName TakeName(Tokens& tokens);
std::vector<GivenName> TakeNameList(Tokens& tokens);
/// Throws BadName for another database than the lake, WriteRefused for Freshet's own schema. `what` is to be made:
/// "a dynamic table".
void CheckHome(const std::string& database, const std::string& schema, const std::string& what, const Place& place);
/// Reads (column, ...) if it is next.
std::vector<GivenColumn> TakeColumnListIf(Tokens& tokens);

} // namespace freshet
