#pragma once

#include <string>
#include <string_view>

namespace freshet {

/// An error's words without what stands in quotes, '...' or "...": names and values, which are the user's. An
/// apostrophe within or behind a word quotes nothing; a quote that isn't closed doesn't either.
std::string Unquoted(std::string_view message);

} // namespace freshet
