#include "service/config_secrets.hpp"

#include "base/caseless.hpp"
#include "base/identifier.hpp"
#include "base/redact.hpp"
#include "state/postgres/settings.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <regex>
#include <string_view>

namespace freshet {

namespace {

/// Properties whose values may be shown; any other may be a secret.
constexpr std::array kPublic = {"type",     "provider", "scope",   "region",       "endpoint",  "url_style",
                                "use_ssl",  "chain",    "profile", "account_name", "host",      "port",
                                "database", "user",     "sslmode", "validation",   "verify_ssl"};

bool IsPublic(const std::string& property) {
    std::string lower = Lower(property);
    return std::find(kPublic.begin(), kPublic.end(), std::string_view(lower)) != kPublic.end();
}

std::string FirstValue(const SecretValues& values, const std::string& property) {
    auto found = values.find(property);
    return found == values.end() || found->second.empty() ? "" : found->second[0];
}

std::string ValueSql(const std::vector<std::string>& values) {
    if (values.size() == 1) {
        return QuoteLiteral(values[0]);
    }
    std::vector<std::string> literals;
    std::transform(values.begin(), values.end(), std::back_inserter(literals), QuoteLiteral);
    return fmt::format("[{}]", fmt::join(literals, ", "));
}

/// Replaces %41 by A: a URI may write its password so, and messages may show either form.
std::string PercentDecoded(const std::string& text) {
    std::string out;
    for (size_t i = 0; i < text.size(); i++) {
        bool escaped = text[i] == '%' && i + 2 < text.size() &&
                       std::isxdigit(static_cast<unsigned char>(text[i + 1])) &&
                       std::isxdigit(static_cast<unsigned char>(text[i + 2]));
        out += escaped ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
        i += escaped ? 2 : 0;
    }
    return out;
}

std::string Unescaped(const std::string& quoted) {
    std::string out;
    for (size_t i = 0; i < quoted.size(); i++) {
        i += quoted[i] == '\\' && i + 1 < quoted.size() ? 1 : 0;
        out += quoted[i];
    }
    return out;
}

} // namespace

void RememberSecretValues(const SecretValues& values) {
    for (const auto& [property, given] : values) {
        if (!IsPublic(property)) {
            std::for_each(given.begin(), given.end(), RememberSecret);
        }
    }
}

void RememberConnectionSecrets(const std::string& address) {
    static const std::regex in_words(R"((?:password|passwd|pwd)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|([^\s&;]+)))",
                                     std::regex::icase);
    static const std::regex in_uri(R"(://[^\s:/@]*:([^\s@]+)@)");
    for (auto match = std::sregex_iterator(address.begin(), address.end(), in_words); match != std::sregex_iterator();
         ++match) {
        RememberSecret((*match)[1].str());
        RememberSecret(Unescaped((*match)[1].str()));
        RememberSecret((*match)[2].str());
        RememberSecret(PercentDecoded((*match)[2].str()));
    }
    std::smatch match;
    if (std::regex_search(address, match, in_uri)) {
        RememberSecret(match[1].str());
        RememberSecret(PercentDecoded(match[1].str()));
    }
}

std::optional<std::string> SecretProblem(const SecretValues& values) {
    if (FirstValue(values, "type").empty()) {
        return "type is missing (s3, gcs, r2, azure, http, postgres, mysql ...)";
    }
    static const std::regex word("[A-Za-z_][A-Za-z0-9_]*");
    for (const auto& [property, given] : values) {
        if (!std::regex_match(property, word)) {
            return fmt::format("\"{}\" is not the name of a property", property);
        }
    }
    for (const char* property : {"type", "provider"}) {
        std::string value = FirstValue(values, property);
        if (!value.empty() && !std::regex_match(value, word)) {
            return fmt::format("{} must be a plain word", property);
        }
    }
    return std::nullopt;
}

std::string CreateSecretSql(const std::string& name, const SecretValues& values) {
    std::string sql = fmt::format("CREATE SECRET {} (TYPE {}", QuoteIdentifier(name), FirstValue(values, "type"));
    if (std::string provider = FirstValue(values, "provider"); !provider.empty()) {
        sql += ", PROVIDER " + provider;
    }
    for (const auto& [property, given] : values) {
        if (property != "type" && property != "provider" && !given.empty()) {
            sql += fmt::format(", {} {}", property, ValueSql(given));
        }
    }
    return sql + ")";
}

std::vector<std::string> ExtensionsOfSecret(const SecretValues& values) {
    static const std::map<std::string, std::string> by_type = {{"s3", "httpfs"},
                                                               {"gcs", "httpfs"},
                                                               {"r2", "httpfs"},
                                                               {"http", "httpfs"},
                                                               {"azure", "azure"},
                                                               {"mysql", "mysql_scanner"},
                                                               {"postgres", "postgres_scanner"}};
    std::vector<std::string> names;
    if (auto found = by_type.find(FirstValue(values, "type")); found != by_type.end()) {
        names.push_back(found->second);
    }
    if (FirstValue(values, "provider") == "credential_chain" && !names.empty() && names[0] == "httpfs") {
        names.emplace_back("aws");
    }
    return names;
}

bool IsPostgresAddress(const std::string& address) {
    return address.rfind("postgres:", 0) == 0 || address.rfind("postgresql:", 0) == 0;
}

std::string PostgresConnection(const std::string& address) {
    size_t colon = address.find(':');
    return address.compare(colon, 3, "://") == 0 ? address : address.substr(colon + 1);
}

std::optional<Attachment> ReadAttachment(const std::string& name, const std::string& address,
                                         const std::function<std::string(const std::string&)>& absolute) {
    std::string kind = address.substr(0, address.find(':'));
    std::string rest = address.substr(std::min(address.find(':') + 1, address.size()));
    std::string target, extension, password, options;
    if (kind == "duckdb") {
        target = absolute(rest);
    } else if (kind == "sqlite") {
        target = absolute(rest), extension = "sqlite_scanner";
    } else if (IsPostgresAddress(address)) {
        kind = "postgres", extension = "postgres_scanner";
        auto split = postgres::TakePassword(PostgresConnection(address));
        target = split.connection, password = split.password;
    } else if (kind == "mysql") {
        target = rest, extension = "mysql_scanner";
    } else {
        return std::nullopt;
    }
    std::string create_secret;
    if (!password.empty()) { // in the path SQL would show it
        std::string secret = "freshet_attach_" + name;
        create_secret = fmt::format("CREATE SECRET {} (TYPE postgres, PASSWORD {}); ", QuoteIdentifier(secret),
                                    QuoteLiteral(password));
        options = ", SECRET " + QuoteLiteral(secret);
    }
    return Attachment{fmt::format("{}ATTACH {} AS {} (TYPE {}, READ_ONLY{})", create_secret, QuoteLiteral(target),
                                  QuoteIdentifier(name), kind, options),
                      extension};
}

} // namespace freshet
