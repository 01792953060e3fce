#include "bind/lexical.hpp"
#include "bind/name_resolver.hpp"

#include <duckdb.hpp>

namespace freshet {

namespace {

/// End of the dotted name or the token at `begin`.
size_t NameEnd(const std::string& text, size_t begin) {
    size_t end = NextStretch(text, begin).end;
    while (end + 1 < text.size() && text[end] == '.' && NextStretch(text, end + 1).region != Region::Blank) {
        end = NextStretch(text, end + 1).end;
    }
    return end;
}

} // namespace

Place QueryPlaces::At(size_t offset) const {
    if (offset >= query_.text.size()) {
        return source_.At(query_.offset + query_.text.size());
    }
    return source_.At(query_.offset + offset, NameEnd(query_.text, offset) - offset);
}

std::optional<Place> QueryPlaces::At(duckdb::optional_idx location) const {
    return location.IsValid() ? std::optional(At(location.GetIndex())) : std::nullopt;
}

std::optional<Place> QueryPlaces::FindIfThere(const std::string& word) const {
    const std::string& text = query_.text;
    for (size_t at = 0; at < text.size();) {
        Stretch stretch = NextStretch(text, at);
        std::string token = text.substr(at, stretch.end - at);
        bool name = stretch.region == Region::Word || (text[at] == '"' && stretch.closed);
        if (name && duckdb::StringUtil::CIEquals(text[at] == '"' ? Unquote(token) : token, word)) {
            return source_.At(query_.offset + at, token.size());
        }
        at = stretch.end;
    }
    return std::nullopt;
}

Place QueryPlaces::Find(const std::string& word) const {
    auto place = FindIfThere(word);
    return place ? *place : At(SkipBlanks(query_.text, 0));
}

} // namespace freshet
