#pragma once

#include "bind/source.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace freshet {

enum class TokenKind {
    Word,       ///< unquoted: a keyword or a name
    QuotedName, ///< ".."
    String,     ///< '..', E'..', $$..$$
    Number,
    Symbol,
    End,
};

struct Token {
    TokenKind kind = TokenKind::End;
    size_t begin = 0; ///< in the statement
    size_t end = 0;
    std::string text; ///< as written
};

/// Walks over DuckDB's tokens of a statement. Words compare without case. Every error that it throws has its place.
class Tokens {
public:
    Tokens(const Excerpt& statement, const Source& source);

    const Token& Peek(size_t ahead = 0) const;
    Token Take();
    bool AtEnd() const { return Peek().kind == TokenKind::End; }

    /// Do the next tokens spell these words?
    bool NextAre(std::initializer_list<std::string_view> words) const;
    /// Takes the words if they are next.
    bool TakeIf(std::initializer_list<std::string_view> words);
    bool TakeSymbolIf(std::string_view symbol);

    /// Takes what must come next, else a syntax error that says so.
    void Expect(std::string_view word);
    void ExpectSymbol(std::string_view symbol);
    void ExpectEnd();

    /// The rest of the statement behind the last token taken, without blanks around it.
    Excerpt Rest() const;

    Place At(const Token& token) const;
    /// Syntax error at the next token: "expected <what>, found <token>".
    Error Expected(std::string_view what) const;

private:
    Token Measured(size_t begin) const;

    std::string text_;
    size_t offset_;
    const Source& source_;
    std::vector<Token> tokens_;
    size_t next_ = 0;
    Token end_;
};

/// "TARGET_LAG" for "target_lag".
std::string Upper(std::string_view text);

} // namespace freshet
