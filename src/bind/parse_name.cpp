#include "bind/parse_name.hpp"

#include "base/caseless.hpp"
#include "bind/lexical.hpp"

#include <duckdb.hpp>
#include <duckdb/parser/parser.hpp>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

bool NeedsQuotes(const Token& token) {
    auto category = duckdb::Parser::IsKeyword(duckdb::StringUtil::Lower(token.text));
    return category == duckdb::KeywordCategory::KEYWORD_RESERVED ||
           category == duckdb::KeywordCategory::KEYWORD_TYPE_FUNC;
}

/// One part of a name. Behind a dot every word is a name, as in DuckDB.
std::string TakePart(Tokens& tokens, std::string_view what, bool behind_dot) {
    const Token& token = tokens.Peek();
    if (token.kind == TokenKind::QuotedName) {
        return Unquote(tokens.Take().text);
    }
    if (token.kind != TokenKind::Word) {
        throw tokens.Expected(what);
    }
    if (!behind_dot && NeedsQuotes(token)) {
        Error error = tokens.Expected(what);
        throw Error(Code::Syntax, error.Message(), fmt::format("as a name it needs quotes: \"{}\"", token.text))
            .At(tokens.At(token));
    }
    return tokens.Take().text;
}

GivenName FromParts(const std::vector<std::string>& parts, const Place& place) {
    GivenName name{std::nullopt, parts.back(), place.offset, place.length};
    if (parts.size() > 3) {
        throw Error(Code::BadName, "a name has at most three parts: lake.schema.name").At(place);
    }
    if (parts.size() > 1) {
        name.schema = parts[parts.size() - 2];
    }
    CheckHome(parts.size() == 3 ? parts[0] : kLake, name.schema.value_or(""), "a dynamic table", place);
    return name;
}

} // namespace

void CheckHome(const std::string& database, const std::string& schema, const std::string& what, const Place& place) {
    if (!SameWord(database, kLake)) {
        throw Error(Code::BadName, fmt::format("{} can't be in database \"{}\"", what, database),
                    "it goes into the lake, whose name is lake")
            .At(place);
    }
    if (SameWord(schema, kOwnSchema)) {
        throw Error(Code::WriteRefused, fmt::format("schema {} is Freshet's own", kOwnSchema)).At(place);
    }
}

GivenName TakeName(Tokens& tokens) {
    Token first = tokens.Peek();
    size_t end = first.end;
    std::vector<std::string> parts = {TakePart(tokens, "a name", false)};
    while (tokens.TakeSymbolIf(".")) {
        end = tokens.Peek().end;
        parts.push_back(TakePart(tokens, "a name", true));
    }
    Place place = tokens.At(first);
    place.length = end - first.begin;
    return FromParts(parts, place);
}

std::vector<GivenName> TakeNameList(Tokens& tokens) {
    std::vector<GivenName> names = {TakeName(tokens)};
    while (tokens.TakeSymbolIf(",")) {
        names.push_back(TakeName(tokens));
    }
    return names;
}

std::vector<GivenColumn> TakeColumnListIf(Tokens& tokens) {
    std::vector<GivenColumn> columns;
    if (!tokens.TakeSymbolIf("(")) {
        return columns;
    }
    duckdb::case_insensitive_set_t seen;
    do {
        Place place = tokens.At(tokens.Peek());
        columns.push_back({TakePart(tokens, "a column name", false), place.offset, place.length});
        if (!seen.insert(columns.back().name).second) {
            throw Error(Code::BadName, fmt::format("column \"{}\" is named twice", columns.back().name)).At(place);
        }
    } while (tokens.TakeSymbolIf(","));
    if (tokens.Peek().kind == TokenKind::Word) {
        throw Error(Code::Syntax, "a column list of a dynamic table has names only", "types come from the query")
            .At(tokens.At(tokens.Peek()));
    }
    tokens.ExpectSymbol(")");
    return columns;
}

GivenName ParseName(const std::string& text) {
    Source source{"", text};
    try {
        Tokens tokens({text, 0}, source);
        GivenName name = TakeName(tokens);
        tokens.ExpectEnd();
        return name;
    } catch (const Error& error) {
        if (error.GetCode() != Code::Syntax) {
            throw;
        }
        throw Error(Code::BadName, fmt::format("\"{}\" is not the name of a table", text), error.Hint());
    }
}

} // namespace freshet
