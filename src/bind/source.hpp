#pragma once

#include "base/error.hpp"

#include <functional>
#include <string>

namespace freshet {

/// A whole text that the user wrote, as errors show it.
struct Source {
    std::string file; ///< empty for text given on the command line
    std::string text;
    /// Where `text` was made of what the user wrote: turns a place in it into the place there.
    std::function<Place(const Place&)> as_written = {};

    Place At(size_t offset, size_t length = 1) const {
        Place place{file, text, offset, length};
        return as_written ? as_written(place) : place;
    }
};

/// A piece of a Source: a statement, or the query behind AS, byte for byte.
struct Excerpt {
    std::string text;
    size_t offset = 0; ///< bytes before it in the Source
};

} // namespace freshet
