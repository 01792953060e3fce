#pragma once

#include "bind/source.hpp"

#include <optional>
#include <string>

namespace freshet {

/// The whole text of a file, or of standard input for "-". Throws Error FileUnreadable.
Source ReadSource(const std::string& file);

/// The same for a definition: UTF-8 without a byte order mark, with line ends as LF, as models are read. Throws NotText
/// with the place of the first wrong byte.
Source ReadDefinition(const std::string& file);

/// Standard input, read to its end.
std::string ReadStandardInput();

} // namespace freshet
