#include "bind/tokens.hpp"

#include "bind/lexical.hpp"

#include <algorithm>
#include <cctype>
#include <duckdb.hpp>
#include <duckdb/parser/parser.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

TokenKind QuotedKind(const std::string& text, size_t begin) {
    return text[begin] == '"' ? TokenKind::QuotedName : TokenKind::String;
}

size_t NumberEnd(const std::string& text, size_t at) {
    while (at < text.size() &&
           (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '.' || text[at] == '_')) {
        at++;
    }
    return at;
}

} // namespace

std::string Upper(std::string_view text) {
    std::string upper(text);
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    return upper;
}

Tokens::Tokens(const Excerpt& statement, const Source& source)
    : text_(WithPlainBlanks(statement.text)), offset_(statement.offset), source_(source) {
    size_t reached = 0;
    for (const auto& token : duckdb::Parser::Tokenize(text_)) {
        tokens_.push_back(Measured(token.start));
        reached = tokens_.back().end;
    }
    // DuckDB's tokenizer stops without a word at what it can't read, such as a quote that isn't closed.
    size_t rest = SkipBlanks(text_, reached);
    if (rest < text_.size()) {
        tokens_.push_back(Measured(rest));
    }
    end_.begin = end_.end = text_.size();
}

Token Tokens::Measured(size_t begin) const {
    Stretch stretch = NextStretch(text_, begin);
    Token token{TokenKind::Symbol, begin, stretch.end, ""};
    if (stretch.region == Region::Word) {
        token.kind = TokenKind::Word;
    } else if (stretch.region == Region::Quoted && stretch.closed) {
        token.kind = QuotedKind(text_, begin);
    } else if (std::isdigit(static_cast<unsigned char>(text_[begin])) != 0 ||
               (text_[begin] == '.' && std::isdigit(static_cast<unsigned char>(text_[begin + 1])) != 0)) {
        token.kind = TokenKind::Number;
        token.end = NumberEnd(text_, begin);
    } else if (text_.compare(begin, 2, "=>") == 0) {
        token.end = begin + 2;
    }
    token.text = text_.substr(begin, token.end - begin);
    return token;
}

const Token& Tokens::Peek(size_t ahead) const {
    return next_ + ahead < tokens_.size() ? tokens_[next_ + ahead] : end_;
}

Token Tokens::Take() {
    Token token = Peek();
    next_ = std::min(next_ + 1, tokens_.size());
    return token;
}

bool Tokens::NextAre(std::initializer_list<std::string_view> words) const {
    size_t ahead = 0;
    return std::all_of(words.begin(), words.end(), [&](std::string_view word) {
        const Token& token = Peek(ahead++);
        return token.kind == TokenKind::Word && Upper(token.text) == word;
    });
}

bool Tokens::TakeIf(std::initializer_list<std::string_view> words) {
    if (!NextAre(words)) {
        return false;
    }
    next_ += words.size();
    return true;
}

bool Tokens::TakeSymbolIf(std::string_view symbol) {
    if (Peek().kind != TokenKind::Symbol || Peek().text != symbol) {
        return false;
    }
    next_++;
    return true;
}

void Tokens::Expect(std::string_view word) {
    if (!TakeIf({word})) {
        throw Expected(word);
    }
}

void Tokens::ExpectSymbol(std::string_view symbol) {
    if (!TakeSymbolIf(symbol)) {
        throw Expected(fmt::format("\"{}\"", symbol));
    }
}

void Tokens::ExpectEnd() {
    if (!AtEnd()) {
        throw Expected("the end of the statement");
    }
}

Excerpt Tokens::Rest() const {
    size_t begin = next_ == 0 ? 0 : tokens_[next_ - 1].end;
    size_t first = std::min(text_.find_first_not_of(" \t\n\v\f\r", begin), text_.size());
    size_t last = text_.find_last_not_of(" \t\n\v\f\r") + 1;
    return {source_.text.substr(offset_ + first, first < last ? last - first : 0), offset_ + first};
}

Place Tokens::At(const Token& token) const {
    return source_.At(offset_ + token.begin, std::max<size_t>(token.end - token.begin, 1));
}

Error Tokens::Expected(std::string_view what) const {
    const Token& found = Peek();
    bool unclosed = found.kind == TokenKind::Symbol && !NextStretch(text_ + " ", found.begin).closed;
    std::string text = found.kind == TokenKind::End ? "the end of the statement" : fmt::format("\"{}\"", found.text);
    std::string message = unclosed ? "a quote is opened here and not closed"
                                   : fmt::format("syntax error: expected {}, found {}", what, text);
    return Error(Code::Syntax, message).At(At(found));
}

} // namespace freshet
