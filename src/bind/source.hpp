#pragma once

#include "base/error.hpp"

#include <string>

namespace freshet {

/// A whole text that the user wrote, as errors show it.
struct Source {
    std::string file; ///< empty for text given on the command line
    std::string text;

    Place At(size_t offset, size_t length = 1) const { return {file, text, offset, length}; }
};

/// A piece of a Source: a statement, or the query behind AS, byte for byte.
struct Excerpt {
    std::string text;
    size_t offset = 0; ///< bytes before it in the Source
};

} // namespace freshet
