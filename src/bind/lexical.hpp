#pragma once

#include <cstddef>
#include <string>

namespace freshet {

/// How DuckDB's lexer sees a stretch of SQL text. Only what is needed to tell a semicolon or blank that counts from one
/// that is quoted or commented out; it never fails, so that broken text can be cut into statements.
enum class Region { Blank, Code, Word, Quoted, Comment };

struct Stretch {
    Region region;
    size_t end;         ///< one past the last byte
    bool closed = true; ///< false: a quote or comment that the text ends within
};

/// The stretch that begins at `begin` (less than the text's size): a run of blanks, one character of code, an unquoted
/// word, a whole quoted text with its prefix, or a whole comment.
Stretch NextStretch(const std::string& text, size_t begin);

/// The first byte at or after `begin` that is neither blank nor comment; the text's size if there is none.
size_t SkipBlanks(const std::string& text, size_t begin);

/// The text with every Unicode blank outside quotes as ordinary blanks, at the same length: DuckDB's parser does so,
/// its tokenizer doesn't.
std::string WithPlainBlanks(const std::string& text);

/// What a string constant ('..', E'..', $tag$..$tag$) or quoted identifier ("..") stands for.
std::string Unquote(const std::string& quoted);

} // namespace freshet
