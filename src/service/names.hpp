#pragma once

#include "bind/statement.hpp"
#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace freshet {

/// The dynamic table that the name means in this session; nothing if there is no table of that name at all. Throws
/// NotADynamicTable for an ordinary table or view.
std::optional<DynamicTable> FindDynamic(Session& session, const Registry& registry, const GivenName& name,
                                        const Source& source);
/// The same; throws UnknownTable with the nearest name.
DynamicTable RequireDynamic(Session& session, const Registry& registry, const GivenName& name, const Source& source);

/// Ids of the dynamic tables that names and globs of the command line mean: "t", "s.t", "s.*". Throws NothingMatches
/// for the first one that matches nothing.
std::vector<std::string> MatchNames(const Registry& registry, const std::vector<std::string>& patterns);

/// A dynamic table, or one of its columns, as the command line names it: "t", "t.c", "s.t.c". Where a text may mean
/// both, it is the column. Throws NothingMatches for the table; whether it has such a column is not looked at.
std::pair<DynamicTable, std::optional<std::string>> MatchColumn(const Registry& registry, const std::string& text);

/// SQL's LIKE without escapes, case-insensitive.
bool Like(const std::string& text, const std::string& pattern);

} // namespace freshet
