#pragma once

#include "base/value.hpp"

#include <string>
#include <vector>

namespace freshet {

/// Does equality of the type, or of a part of it, hold between values that functions tell apart (0.0 and -0.0, a month
/// and 30 days)?
bool EqualityIsLoose(const std::string& type);

/// GROUP BY list under which only indistinguishable rows are one: the columns behind `prefix` ("t.", or nothing), and
/// the texts of those whose equality is loose.
/// Inserted and deleted copies of a row may cancel out only under this list.
std::string IdentityGroups(const std::vector<Column>& columns, const std::string& prefix);

} // namespace freshet
