#include "bind/lexical.hpp"
#include "bind/statement.hpp"

namespace freshet {

namespace {

/// Nothing but blanks and comments. One that is never closed may hide statements: it is for the engine to say so.
bool SaysNothing(const std::string& piece) {
    for (size_t at = 0; at < piece.size();) {
        Stretch stretch = NextStretch(piece, at);
        bool skipped = stretch.region == Region::Blank || stretch.region == Region::Comment;
        if (!skipped || !stretch.closed) {
            return false;
        }
        at = stretch.end;
    }
    return true;
}

/// Adds text[begin, end) without blanks around it, unless it says nothing.
void AddStatement(std::vector<Excerpt>& statements, const std::string& text, size_t begin, size_t end) {
    std::string piece = text.substr(begin, end - begin);
    if (SaysNothing(piece)) {
        return;
    }
    size_t first = 0, last = 0;
    for (size_t at = 0; at < piece.size();) {
        Stretch stretch = NextStretch(piece, at);
        if (stretch.region == Region::Blank) {
            first = at == 0 ? stretch.end : first;
        } else {
            last = stretch.end;
        }
        at = stretch.end;
    }
    statements.push_back({piece.substr(first, last - first), begin + first});
}

} // namespace

std::vector<Excerpt> SplitStatements(const std::string& text) {
    std::vector<Excerpt> statements;
    size_t begin = 0;
    for (size_t at = 0; at < text.size();) {
        Stretch stretch = NextStretch(text, at);
        if (stretch.region == Region::Code && text[at] == ';') {
            AddStatement(statements, text, begin, at);
            begin = stretch.end;
        }
        at = stretch.end;
    }
    AddStatement(statements, text, begin, text.size());
    return statements;
}

bool EndsStatement(const std::string& text) {
    return SplitStatements(text + "\nx").size() > SplitStatements(text).size();
}

} // namespace freshet
