#include "refresh/settings.hpp"

#include "base/caseless.hpp"
#include "base/identifier.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Every setting that counts, with DuckDB's default. default_collation and default_order are not among them: they would
/// change how Freshet itself compares rows, and in which order it reads columns.
const Settings& Defaults() {
    static const Settings defaults = {{"TimeZone", "UTC"},
                                      {"Calendar", "gregorian"},
                                      {"default_null_order", "NULLS_LAST"},
                                      {"ieee_floating_point_ops", "true"},
                                      {"integer_division", "false"},
                                      {"old_implicit_casting", "false"},
                                      {"order_by_non_integer_literal", "false"},
                                      {"scalar_subquery_error_on_multiple_rows", "true"}};
    return defaults;
}

} // namespace

const std::set<std::string>& SettingNames() {
    static const std::set<std::string> names = [] {
        std::set<std::string> all = {"default_collation", "default_order", "null_order"};
        for (const auto& [name, value] : Defaults()) {
            all.insert(Lower(name));
        }
        return all;
    }();
    return names;
}

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
        if (Defaults().at(AsText(row[0])) != AsText(row[1])) {
            settings[AsText(row[0])] = AsText(row[1]);
        }
    }
    return settings;
}

void ApplySettings(Session& session, const Settings& settings) {
    std::string statements = "SET SESSION default_collation = ''; SET SESSION default_order = 'ASC'";
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

void RenewSession(Session& session) {
    session.Renew();
    ApplySettings(session, {});
}

} // namespace freshet
