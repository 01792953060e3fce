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

/// Fewer rows are netted without asking whether any of them cancel out.
constexpr int64_t kFewToNet = 2000;

/// SELECT that gives a row only if rows of weighted relation `table` may cancel out: by their hashes, which are several
/// times quicker to compare than rows. If it gives none, the relation is netted. Needs at least one column.
std::string AnyCancelled(const std::vector<Column>& columns, const std::string& table, const std::string& weight);

} // namespace freshet
