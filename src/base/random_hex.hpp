#pragma once

#include <cstddef>
#include <string>

namespace freshet {

/// Lower-case hexadecimal digits for ids that have to be unique, not secret. Thread-safe.
std::string RandomHex(size_t digits);

} // namespace freshet
