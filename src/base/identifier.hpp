#pragma once

#include <compare>
#include <string>

namespace freshet {

/// "name" with quotes doubled: always quoted, so that no word is ever taken for a keyword.
std::string QuoteIdentifier(const std::string& name);
/// As DuckDB writes names in types and expressions: quoted where SQL needs it, and where there are capitals, which are
/// kept.
std::string QuoteIfNeeded(const std::string& name);
/// Quoted where DuckDB's SQL needs it, which capitals don't: for names that people and programs read.
std::string NameText(const std::string& name);
/// 'text' with quotes doubled.
std::string QuoteLiteral(const std::string& text);

/// A table of the lake: schema and name as stored, compared exactly.
struct TableName {
    std::string schema;
    std::string name;

    auto operator<=>(const TableName&) const = default;
    /// schema.name, each part quoted where SQL needs it: the form of the machine interface.
    std::string Text() const { return NameText(schema) + "." + NameText(name); }
    /// "lake"."schema"."name": for generated SQL.
    std::string Sql() const;
};

/// The alias under which every session attaches the lake, and the schema of Freshet's own tables in it.
inline constexpr const char* kLake = "lake";
inline constexpr const char* kOwnSchema = "__freshet";
/// Begins the names of the engine's functions that stand for now() and its synonyms while a definition is bound. They
/// have no value then, so that none can be worked into the plan.
inline constexpr const char* kMomentPrefix = "freshet_moment_";
/// The column of a change that tells insert (+1) from delete (-1). A name that no user's column has.
inline constexpr const char* kWeight = "__freshet_w";

} // namespace freshet
