#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace freshet {

/// Length of the well-formed UTF-8 sequence that `rest` begins with (Unicode table 3-7); 0 if there is none. NUL is
/// none: nothing that takes text takes it.
size_t Utf8Length(std::string_view rest);

/// The first byte that belongs to no such sequence.
std::optional<size_t> FirstWrongByte(std::string_view text);

/// What is said of a wrong byte of a text, with its place.
Error NotUtf8(const std::string& file, const std::string& text, size_t at);

} // namespace freshet
