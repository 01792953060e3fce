#include "service/names.hpp"

#include "base/caseless.hpp"
#include "bind/resolve.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Matches with one sign for any text and one for any character.
bool Wildcard(const char* text, const char* pattern, char any, char one) {
    for (; *pattern != 0; text++, pattern++) {
        if (*pattern == any) {
            for (const char* rest = text;; rest++) {
                if (Wildcard(rest, pattern + 1, any, one)) {
                    return true;
                }
                if (*rest == 0) {
                    return false;
                }
            }
        }
        if (*text == 0 || (*pattern != one && *pattern != *text)) {
            return false;
        }
    }
    return *text == 0;
}

bool SameName(const TableName& table, const GivenName& name) {
    return Lower(table.name) == Lower(name.name) && (!name.schema || Lower(table.schema) == Lower(*name.schema));
}

/// A dynamic table that was dropped by another client still is one: the next refresh makes it again.
std::optional<DynamicTable> FindByName(const Registry& registry, const GivenName& name) {
    std::optional<DynamicTable> found;
    for (const auto& table : registry.Tables()) {
        if (SameName(table.name, name)) {
            if (found && !name.schema) {
                return {}; // in several schemas: the name alone doesn't say which
            }
            found = table;
        }
    }
    return found;
}

Place PlaceOf(const GivenName& name, const Source& source) {
    return source.At(name.offset, std::max<size_t>(1, name.length));
}

std::string GivenText(const GivenName& name) {
    return (name.schema ? NameText(*name.schema) + "." : "") + NameText(name.name);
}

std::optional<std::string> Nearest(const Registry& registry, const std::string& name) {
    std::vector<std::string> candidates;
    for (const auto& table : registry.Tables()) {
        candidates.push_back(name.find('.') == std::string::npos ? table.name.name : table.name.Text());
    }
    return NearestName(name, candidates);
}

std::string Suggestion(const Registry& registry, const std::string& name) {
    auto nearest = Nearest(registry, name);
    return nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "SHOW DYNAMIC TABLES lists them";
}

/// Stand for * and ? of a pattern, so that those within double quotes mean themselves.
constexpr char kAny = '\1', kOne = '\2';

/// The pattern without its quotes, in small letters, with its wildcards marked.
std::string MarkWildcards(const std::string& pattern) {
    std::string marked;
    bool quoted = false;
    for (char c : Lower(pattern)) {
        if (c == '"') {
            quoted = !quoted;
        } else {
            marked += quoted ? c : c == '*' ? kAny : c == '?' ? kOne : c;
        }
    }
    return marked;
}

bool IsGlob(const std::string& pattern) {
    return MarkWildcards(pattern).find_first_of({kAny, kOne}) != std::string::npos;
}

bool MatchesGlob(const TableName& table, const std::string& pattern) {
    std::string wanted = MarkWildcards(pattern);
    return Wildcard(Lower(table.name).c_str(), wanted.c_str(), kAny, kOne) ||
           Wildcard(Lower(table.schema + "." + table.name).c_str(), wanted.c_str(), kAny, kOne);
}

std::vector<std::string> MatchGlob(const Registry& registry, const std::string& pattern) {
    std::vector<std::string> ids;
    for (const auto& table : registry.Tables()) {
        if (MatchesGlob(table.name, pattern)) {
            ids.push_back(table.id);
        }
    }
    return ids;
}

/// The one table that a plain name means: without a schema that of main, else the only one of this name.
std::vector<std::string> MatchName(const Registry& registry, const std::string& text) {
    GivenName name = ParseName(text);
    std::vector<std::string> ids;
    for (const auto& table : registry.Tables()) {
        if (SameName(table.name, name)) {
            if (!name.schema && table.name.schema == "main") {
                return {table.id};
            }
            ids.push_back(table.id);
        }
    }
    if (ids.size() > 1) {
        throw Error(Code::NothingMatches, fmt::format("dynamic tables of several schemas are named {}", text),
                    "name one with its schema, or all with a glob: \"*." + text + "\"");
    }
    return ids;
}

/// The last dot outside double quotes.
size_t LastDot(const std::string& text) {
    size_t dot = std::string::npos;
    bool quoted = false;
    for (size_t i = 0; i < text.size(); i++) {
        quoted ^= text[i] == '"';
        dot = text[i] == '.' && !quoted ? i : dot;
    }
    return dot;
}

} // namespace

std::optional<DynamicTable> FindDynamic(Session& session, const Registry& registry, const GivenName& name,
                                        const Source& source) {
    auto existing = ResolveExisting(session, name);
    if (!existing) {
        return FindByName(registry, name);
    }
    const DynamicTable* table = registry.Find(*existing);
    if (table == nullptr) {
        Error error(Code::NotADynamicTable, existing->Text() + " is not a dynamic table",
                    "use the statements for ordinary tables and views");
        throw error.At(PlaceOf(name, source));
    }
    return *table;
}

DynamicTable RequireDynamic(Session& session, const Registry& registry, const GivenName& name, const Source& source) {
    auto table = FindDynamic(session, registry, name, source);
    if (!table) {
        Error error(Code::UnknownTable, fmt::format("dynamic table {} does not exist", GivenText(name)),
                    Suggestion(registry, name.name));
        throw error.At(PlaceOf(name, source));
    }
    return *table;
}

std::vector<std::string> MatchNames(const Registry& registry, const std::vector<std::string>& patterns) {
    std::vector<std::string> ids;
    for (const auto& pattern : patterns) {
        std::vector<std::string> found = IsGlob(pattern) ? MatchGlob(registry, pattern) : MatchName(registry, pattern);
        if (found.empty()) {
            throw Error(Code::NothingMatches, fmt::format("no dynamic table matches {}", pattern),
                        Suggestion(registry, pattern));
        }
        for (const auto& id : found) {
            if (std::find(ids.begin(), ids.end(), id) == ids.end()) {
                ids.push_back(id);
            }
        }
    }
    return ids;
}

std::pair<DynamicTable, std::optional<std::string>> MatchColumn(const Registry& registry, const std::string& text) {
    size_t dot = LastDot(text);
    if (dot != std::string::npos) {
        std::vector<std::string> ids = MatchName(registry, text.substr(0, dot));
        if (!ids.empty()) {
            return {registry.At(ids[0]), ParseName(text.substr(dot + 1)).name};
        }
    }
    return {registry.At(MatchNames(registry, {text}).front()), std::nullopt};
}

bool Like(const std::string& text, const std::string& pattern) {
    return Wildcard(Lower(text).c_str(), Lower(pattern).c_str(), '%', '_');
}

} // namespace freshet
