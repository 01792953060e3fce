#include "base/identifier.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace freshet {

namespace {

/// PostgreSQL's and DuckDB's reserved words: these need quotes as identifiers.
constexpr std::array kReserved = {
    "all",        "analyse",  "analyze",      "and",         "any",       "array",     "as",      "asc",
    "asymmetric", "both",     "case",         "cast",        "check",     "collate",   "column",  "constraint",
    "create",     "default",  "deferrable",   "desc",        "describe",  "distinct",  "do",      "else",
    "end",        "except",   "false",        "fetch",       "for",       "foreign",   "from",    "grant",
    "group",      "having",   "in",           "initially",   "intersect", "into",      "lambda",  "lateral",
    "leading",    "limit",    "not",          "null",        "offset",    "on",        "only",    "or",
    "order",      "pivot",    "pivot_longer", "pivot_wider", "placing",   "primary",   "qualify", "references",
    "returning",  "select",   "show",         "some",        "summarize", "symmetric", "table",   "then",
    "to",         "trailing", "true",         "union",       "unique",    "unpivot",   "using",   "variadic",
    "when",       "where",    "window",       "with"};

std::string Doubled(const std::string& text, char quote) {
    std::string out(1, quote);
    for (char c : text) {
        out += c;
        if (c == quote) {
            out += c;
        }
    }
    out += quote;
    return out;
}

} // namespace

std::string QuoteIdentifier(const std::string& name) {
    return Doubled(name, '"');
}

std::string QuoteIfNeeded(const std::string& name) {
    bool plain = !name.empty() && !std::isdigit(static_cast<unsigned char>(name[0])) &&
                 std::all_of(name.begin(), name.end(),
                             [](unsigned char c) { return c == '_' || std::isdigit(c) || (std::islower(c) != 0); });
    bool reserved = std::find(kReserved.begin(), kReserved.end(), std::string_view(name)) != kReserved.end();
    return plain && !reserved ? name : QuoteIdentifier(name);
}

std::string NameText(const std::string& name) {
    std::string lower = name;
    for (char& c : lower) {
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return QuoteIfNeeded(lower) == lower ? name : QuoteIdentifier(name);
}

std::string QuoteLiteral(const std::string& text) {
    return Doubled(text, '\'');
}

std::string TableName::Sql() const {
    return QuoteIdentifier(kLake) + "." + QuoteIdentifier(schema) + "." + QuoteIdentifier(name);
}

} // namespace freshet
