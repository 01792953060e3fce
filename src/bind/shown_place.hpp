#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace freshet {

/// The byte of `query` to which the caret of a message points: DuckDB puts the place of an error into its text where it
/// runs a statement, as "LINE 2: ...part of the line..." and a caret in the line below. Nothing where no place is shown
/// or the part is not found in that line.
std::optional<size_t> ShownPlace(const std::string& message, const std::string& query);

} // namespace freshet
