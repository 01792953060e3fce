#pragma once

#include "bind/source.hpp"

#include <optional>
#include <string>

namespace freshet {

/// The whole text of a file, or of standard input for "-". Throws Error FileUnreadable.
Source ReadSource(const std::string& file);

/// Standard input, read to its end.
std::string ReadStandardInput();

} // namespace freshet
