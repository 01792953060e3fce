#pragma once

#include <string>
#include <vector>

namespace freshet {

/// SQL of the constant arguments behind the first, for each different call in a query that has such: string_agg(s, ',
/// ') gives {"', '"}. Binding takes them away from some aggregates (separators, fractions of quantiles) and keeps them
/// where nobody can read them; who writes the call back tries these, and proves that it got the same.
std::vector<std::vector<std::string>> ConstantArguments(const std::string& sql);

} // namespace freshet
