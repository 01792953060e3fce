#pragma once

#include "base/clock.hpp"
#include "bind/tree_walker.hpp"

#include <optional>
#include <string>

namespace freshet {

/// Is this a call of now() or one of its synonyms (also age(x), which counts from today)?
bool IsTimeFunction(const duckdb::FunctionExpression& function);

/// The function behind a word that stands for a call without parentheses (current_date, user ...), unless a column has
/// that name; nothing for other words.
std::optional<std::string> ValueFunction(const std::string& word);

/// Replaces the time in a call by one that is always the same, in the zone of the session that runs the query.
/// Precondition: IsTimeFunction().
void FixTime(ExpressionPtr& call, Timestamp now);

} // namespace freshet
