#include "refresh/settings.hpp"

#include "base/identifier.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Every setting that counts, with DuckDB's default. default_collation is not among them: it would change how Freshet
/// itself compares rows.
const Settings& Defaults() {
    static const Settings defaults = {{"TimeZone", "UTC"},
                                      {"Calendar", "gregorian"},
                                      {"default_null_order", "NULLS_LAST"},
                                      {"default_order", "ASC"},
                                      {"ieee_floating_point_ops", "true"},
                                      {"integer_division", "false"},
                                      {"old_implicit_casting", "false"},
                                      {"order_by_non_integer_literal", "false"},
                                      {"scalar_subquery_error_on_multiple_rows", "true"}};
    return defaults;
}

} // namespace

Settings CaptureSettings(Session& session) {
    if (std::string collation = AsText(session.QueryValue("SELECT current_setting('default_collation')"));
        !collation.empty()) {
        throw Error(Code::Binding,
                    fmt::format("default_collation is {}: a definition can't keep that setting", collation),
                    "RESET default_collation, and write COLLATE behind the columns that it is meant for");
    }
    std::string names;
    for (const auto& [name, value] : Defaults()) {
        names += (names.empty() ? "" : ", ") + QuoteLiteral(name);
    }
    Settings settings;
    for (const auto& row :
         session.Query(fmt::format("SELECT name, value FROM duckdb_settings() WHERE name IN ({})", names)).rows) {
        // DuckDB shows its default by another word than the same value that was set.
        std::string value = AsText(row[1]) == "ASCENDING" ? "ASC" : AsText(row[1]);
        if (Defaults().at(AsText(row[0])) != value) {
            settings[AsText(row[0])] = value;
        }
    }
    return settings;
}

void ApplySettings(Session& session, const Settings& settings) {
    std::string statements = "SET SESSION default_collation = ''";
    for (const auto& [name, standard] : Defaults()) {
        auto kept = settings.find(name);
        statements +=
            fmt::format("; SET SESSION {} = {}", name, QuoteLiteral(kept == settings.end() ? standard : kept->second));
    }
    if (session.AppliedSettings() != statements) {
        session.Query(statements);
        session.AppliedSettings() = statements;
    }
}

} // namespace freshet
