#include "bind/definition.hpp"

#include "base/caseless.hpp"
#include "base/redact.hpp"
#include "bind/catalog_lookup.hpp"
#include "bind/derived_columns.hpp"
#include "bind/lexical.hpp"
#include "bind/name_resolver.hpp"
#include "bind/shown_place.hpp"
#include "lake/extension_files.hpp"

#include <algorithm>
#include <array>
#include <duckdb.hpp>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/main/attached_database.hpp>
#include <duckdb/main/database_manager.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/alter_statement.hpp>
#include <fmt/format.h>
#include <regex>
#include <string_view>

namespace freshet {

namespace {

/// A form of DuckDB's messages about a name. A message fits if it begins with `before` and goes on, behind the name,
/// with `after`.
struct Form {
    std::string_view before;
    std::string_view after;
    Code code;
    std::string_view ours; ///< {} is the name
};

constexpr std::array<Form, 20> kForms = {{
    {"Table with name ", "does not exist because schema", Code::UnknownSchema, "schema \"{}\" does not exist"},
    {"Table with name ", "does not exist", Code::UnknownTable, "table \"{}\" does not exist"},
    {"View with name ", "does not exist", Code::UnknownTable, "view \"{}\" does not exist"},
    {"Referenced table ", "not found", Code::UnknownTable, "no table \"{}\" is in the FROM clause"},
    {"Referenced column ", "not found", Code::UnknownColumn, "column \"{}\" does not exist"},
    {"Referenced column ", "was not found", Code::UnknownColumn, "column \"{}\" does not exist"},
    {"Column ", "does not exist on", Code::UnknownColumn, "column \"{}\" does not exist on both sides of the join"},
    {"Column ", "referenced that exists in the SELECT clause", Code::UnknownColumn,
     "column \"{}\" does not exist, and what SELECT calls so can't be referred to here"},
    {"Column ", "in EXCLUDE list not found", Code::UnknownColumn, "column \"{}\" of EXCLUDE does not exist"},
    {"Column ", "in REPLACE list not found", Code::UnknownColumn, "column \"{}\" of REPLACE does not exist"},
    {"Failed to rename column - column ", "does not exist", Code::UnknownColumn, "column \"{}\" does not exist"},
    {"Referenced update column ", "not found in table", Code::UnknownColumn, "column \"{}\" does not exist"},
    {"Schema ", "not found in DuckLakeCatalog", Code::UnknownSchema, "schema \"{}\" does not exist"},
    {"SET schema: No catalog + schema named ", "found", Code::UnknownSchema,
     "database or schema \"{}\" does not exist"},
    {"Schema with name ", "does not exist", Code::UnknownSchema, "schema \"{}\" does not exist"},
    {"Catalog ", "does not exist", Code::UnknownSchema, "database \"{}\" does not exist"},
    {"Scalar Function with name ", "does not exist", Code::Binding, "function \"{}\" does not exist"},
    {"Table Function with name ", "does not exist", Code::Binding, "table function \"{}\" does not exist"},
    {"Aggregate Function with name ", "does not exist", Code::Binding, "function \"{}\" does not exist"},
    {"Type with name ", "does not exist", Code::Binding, "type \"{}\" does not exist"},
}};

struct Understood {
    Code code;
    std::string message;
    std::string name;    ///< what is wrong
    std::string of = {}; ///< the relation that lacks it
};

bool Begins(std::string_view text, std::string_view start) {
    return text.substr(0, start.size()) == start;
}

/// Reads a name, quoted or not, from the front of `text`.
std::string TakeName(std::string_view& text) {
    size_t end = text[0] == '"' ? text.find('"', 1) + 1 : text.find(' ');
    std::string name(text.substr(0, end));
    text.remove_prefix(std::min(end, text.size()));
    return name.size() > 1 && name[0] == '"' ? name.substr(1, name.size() - 2) : name;
}

std::optional<Understood> Match(const Form& form, std::string_view message) {
    if (!Begins(message, form.before) || message.size() == form.before.size()) {
        return std::nullopt;
    }
    message.remove_prefix(form.before.size());
    std::string name = TakeName(message);
    if (!Begins(message, " ") || !Begins(message.substr(1), form.after)) {
        return std::nullopt;
    }
    if (form.code == Code::UnknownSchema) { // DuckDB names the table
        name = name.substr(0, name.rfind('.'));
    }
    return Understood{form.code, fmt::format(fmt::runtime(form.ours), name), name};
}

/// Table "o" does not have a column named "x", or, where a table is altered, with name "x"; a view, subquery or CTE is
/// called: Values list "o"
std::optional<Understood> MatchColumnOfTable(std::string_view message) {
    constexpr std::string_view kBetween = " does not have a column ";
    size_t quote = message.find('"');
    if (quote == std::string_view::npos || message.find('\n') < quote) {
        return std::nullopt;
    }
    message.remove_prefix(quote);
    std::string table = TakeName(message);
    if (!Begins(message, kBetween)) {
        return std::nullopt;
    }
    message.remove_prefix(kBetween.size());
    quote = message.find('"');
    if (quote == std::string_view::npos) {
        return std::nullopt;
    }
    message.remove_prefix(quote);
    std::string column = TakeName(message);
    return Understood{Code::UnknownColumn, fmt::format("column \"{}\" does not exist in \"{}\"", column, table), column,
                      table};
}

std::optional<Understood> Understand(const std::string& message) {
    for (const auto& form : kForms) {
        if (auto match = Match(form, message)) {
            return match;
        }
    }
    return MatchColumnOfTable(message);
}

/// DuckDB's own relations, which nobody meant.
bool IsInternal(const std::string& name) {
    constexpr std::array<std::string_view, 6> kParts = {
        "pg_", "information_schema.", "sqlite_", "pragma_", "duckdb_", "ducklake_"};
    return std::any_of(kParts.begin(), kParts.end(), [&](std::string_view part) {
        return Begins(name, part) || name.find("." + std::string(part)) != std::string::npos;
    });
}

/// What DuckDB proposes: the quoted names behind "Did you mean" or "Candidate ...".
std::vector<std::string> Candidates(const std::string& message) {
    size_t at = std::min(message.find("Did you mean"), message.find("Candidate "));
    std::vector<std::string> names;
    while (at != std::string::npos && (at = message.find('"', at)) != std::string::npos) {
        size_t end = message.find('"', at + 1);
        if (end == std::string::npos) {
            break;
        }
        std::string name = message.substr(at + 1, end - at - 1);
        if (!IsInternal(name)) {
            names.push_back(name);
        }
        at = end + 1;
    }
    return names;
}

std::string LastPart(const std::string& name) {
    size_t dot = name.rfind('.');
    return dot == std::string::npos ? name : name.substr(dot + 1);
}

/// Of candidates with a schema, the name alone has to be near.
std::optional<std::string> NearestCandidate(const std::string& name, const std::vector<std::string>& candidates) {
    if (auto nearest = NearestName(name, candidates)) {
        return nearest;
    }
    auto near = [&](const std::string& candidate) { return NearestName(name, {LastPart(candidate)}).has_value(); };
    auto found = std::find_if(candidates.begin(), candidates.end(), near);
    return found == candidates.end() ? std::nullopt : std::optional(*found);
}

std::string NameHint(const std::string& name, const std::vector<std::string>& candidates) {
    if (auto nearest = NearestCandidate(name, candidates)) {
        return fmt::format("did you mean \"{}\"?", *nearest);
    }
    bool list = candidates.size() > 1; // a single one that is not near is the engine's guess
    return list ? fmt::format("there is \"{}\"", fmt::join(candidates, "\", \"")) : "";
}

/// Relations that only a session has, where they are made for the statement that mentions them.
bool BelongsToSession(const std::string& function) {
    constexpr std::array<std::string_view, 3> kNames = {"freshet_tables", "freshet_refresh_history", "freshet_graph"};
    return std::find(kNames.begin(), kNames.end(), duckdb::StringUtil::Lower(function)) != kNames.end();
}

/// Is a table of the text read AT a version?
bool ReadsVersions(const std::string& text) {
    static const std::regex at(R"(\bAT\s*\()", std::regex::icase);
    return std::regex_search(text, at);
}

Error Explained(const Understood& understood, const std::string& message, const std::string& text) {
    if (BelongsToSession(understood.name)) {
        return {Code::Binding, fmt::format("a definition can't read {}()", understood.name),
                "it tells of Freshet's own state, which has no versions: query it where it is needed"};
    }
    auto candidates = Candidates(message);
    bool same = std::any_of(candidates.begin(), candidates.end(), [&](const std::string& candidate) {
        return SameWord(LastPart(candidate), LastPart(understood.name));
    });
    if (same && understood.code == Code::UnknownTable && ReadsVersions(text)) {
        return {understood.code, fmt::format("table \"{}\" does not exist at that version", understood.name),
                "it was made, or given this name, later: name a newer version, or the name that it had then"};
    }
    return {understood.code, understood.message, NameHint(understood.name, candidates)};
}

/// The extension that the engine wants to have loaded, as its file is named; empty: none.
std::string WantedExtension(const std::string& message) {
    for (const char* form : {R"(/(\w+)\.duckdb_extension\" not found)", R"(INSTALL (\w+))"}) {
        std::smatch found;
        if (std::regex_search(message, found, std::regex(form))) {
            return found[1];
        }
    }
    return "";
}

/// The session's extensions are those of the configuration, and the engine would look for them elsewhere.
std::string ExtensionHint(const std::string& extension) {
    bool with_freshet = ReadExtensionFile(extension).has_value();
    return fmt::format("{0}extensions: [{1}] in freshet.yml, or --set extensions={1}, loads it in every session",
                       with_freshet ? "" : fmt::format("INSTALL {} fetches it, once; then ", extension), extension);
}

/// The text's first lines, and how many more there are.
std::string FirstLines(const std::string& text) {
    constexpr int kMost = 4;
    size_t end = 0;
    for (int line = 0; line < kMost && end != std::string::npos; line++) {
        end = text.find('\n', end == 0 ? 0 : end + 1);
    }
    if (end == std::string::npos) {
        return text;
    }
    auto more = std::count(text.begin() + static_cast<std::ptrdiff_t>(end), text.end(), '\n');
    return fmt::format("{}\n\t... and {} more", text.substr(0, end), more);
}

/// The message's first line; what follows is explanation.
Error Plain(Code code, const std::string& message) {
    size_t line = message.find('\n');
    if (code == Code::Syntax && line != std::string::npos) { // the rest is the user's text
        return {code, message.substr(0, line) + "\""};
    }
    if (std::string extension = WantedExtension(message); !extension.empty()) {
        return {code, message.substr(0, line), ExtensionHint(extension)};
    }
    size_t next = line == std::string::npos ? line : message.find_first_not_of('\n', line);
    std::string rest = next == std::string::npos ? "" : message.substr(next);
    while (!rest.empty() && rest.back() == '\n') {
        rest.pop_back();
    }
    return {code, message.substr(0, line), FirstLines(rest)};
}

/// Where the parser stopped. When it runs a statement, DuckDB puts the place into the message's text only.
std::optional<size_t> SyntaxErrorPosition(const std::string& text) {
    duckdb::Parser parser;
    try {
        parser.ParseQuery(text);
    } catch (const std::exception& problem) {
        duckdb::ErrorData error(problem);
        auto position = error.ExtraInfo().find("position");
        size_t end = text.find_last_not_of(" \t\r\n") + 1;
        return position == error.ExtraInfo().end() ? end : std::min<size_t>(std::stoull(position->second), end);
    }
    return std::nullopt;
}

} // namespace

Error TranslateBindError(const EngineError& error, const Excerpt& query, const Source& source) {
    if (error.GetCode() == Code::Interrupted) { // no place of the text is to blame
        return error;
    }
    QueryPlaces places(query, source);
    std::string message = RedactAlong(error.Message(), query.text);
    auto understood = Understand(message);
    Error ours = understood ? Explained(*understood, message, query.text) : Plain(error.GetCode(), message);
    auto position = error.Position();
    if (!position) {
        position =
            error.GetCode() == Code::Syntax ? SyntaxErrorPosition(query.text) : ShownPlace(error.Shown(), query.text);
    }
    if (position && *position <= query.text.size()) {
        ours.At(places.At(*position));
    } else if (understood) {
        ours.At(places.Find(LastPart(understood->name)));
    } else {
        ours.At(places.At(SkipBlanks(query.text, 0)));
    }
    return ours;
}

namespace {

/// Schemas of the lake, and databases.
std::vector<std::string> SchemasAndDatabases(duckdb::ClientContext& context) {
    std::vector<std::string> names;
    for (auto& schema : duckdb::Catalog::GetSchemas(context, kLake)) {
        names.push_back(schema.get().name);
    }
    for (const auto& database : duckdb::DatabaseManager::Get(context).GetDatabases(context)) {
        names.push_back(database->GetName());
    }
    return names;
}

/// Columns of the table that an ALTER changes, or of what a query calls `of`; else none.
std::vector<std::string> ColumnsMeant(duckdb::ClientContext& context, const std::string& text, const std::string& of) {
    duckdb::Parser parser;
    parser.ParseQuery(text);
    bool alters = parser.statements.size() == 1 && parser.statements[0]->type == duckdb::StatementType::ALTER_STATEMENT;
    if (!alters) {
        return DerivedColumns(context, text, of);
    }
    const auto& altered = *parser.statements[0]->Cast<duckdb::AlterStatement>().info;
    auto table = FindRelation(context, altered.catalog, altered.schema, altered.name);
    bool has_columns = table && table->type == duckdb::CatalogType::TABLE_ENTRY;
    return has_columns ? table->Cast<duckdb::TableCatalogEntry>().GetColumns().GetColumnNames()
                       : std::vector<std::string>();
}

} // namespace

Error TranslateBindError(Session& session, const EngineError& error, const Excerpt& query, const Source& source) {
    Error ours = TranslateBindError(error, query, source);
    auto understood = Understand(error.Message());
    bool schema = ours.GetCode() == Code::UnknownSchema, column = ours.GetCode() == Code::UnknownColumn;
    if (!understood || !ours.Hint().empty() || (!schema && !column)) {
        return ours;
    }
    std::vector<std::string> known;
    try {
        WithCatalog(session, [&](duckdb::ClientContext& context) {
            known = schema ? SchemasAndDatabases(context) : ColumnsMeant(context, query.text, understood->of);
        });
    } catch (const EngineError&) { // a transaction that has failed can't be asked
    }
    auto nearest = NearestName(LastPart(understood->name), known);
    if (!nearest) {
        return ours;
    }
    Error hinted(ours.GetCode(), ours.Message(), fmt::format("did you mean \"{}\"?", *nearest));
    return ours.Where() ? hinted.At(*ours.Where()) : hinted;
}

} // namespace freshet
