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

/// The text that a file's bytes are: UTF-8 without a byte order mark, with line ends as LF. Throws NotUtf8().
std::string TextFrom(const std::string& file, const std::string& bytes);

/// What is said of a wrong byte of a text, with its place.
Error NotUtf8(const std::string& file, const std::string& text, size_t at);

} // namespace freshet
