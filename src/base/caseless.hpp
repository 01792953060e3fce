#pragma once

#include <string>
#include <string_view>

namespace freshet {

/// With ASCII letters as small ones, as DuckDB compares names and words of SQL.
std::string Lower(std::string_view text);

/// Are they the same but for the case of their ASCII letters?
bool SameWord(std::string_view a, std::string_view b);

/// Where `word` first stands in the text, in any case; npos if it doesn't.
size_t FindWord(std::string_view text, std::string_view word);

} // namespace freshet
