#include "state/postgres/settings.hpp"

#include "base/error.hpp"
#include "base/redact.hpp"
#include "state/postgres/handles.hpp"

#include <cstdlib>

namespace freshet::postgres {

namespace {

/// A server that doesn't answer must not hang a command.
const Settings kDefaults = {{"client_encoding", "UTF8"},
                            {"connect_timeout", "10"},
                            {"fallback_application_name", "freshet"},
                            {"tcp_user_timeout", "30000"}};

void RememberSecrets(const Settings& settings) {
    for (const char* keyword : {"password", "sslpassword"}) {
        auto found = settings.find(keyword);
        if (found != settings.end()) {
            RememberSecret(found->second);
        }
    }
    if (const char* password = std::getenv("PGPASSWORD")) {
        RememberSecret(password);
    }
}

/// As libpq reads it behind keyword=.
std::string QuotedValue(const std::string& value) {
    bool plain = !value.empty() && value.find_first_of(" \t\n\r\v\f'\\") == std::string::npos;
    if (plain) {
        return value;
    }
    std::string quoted = "'";
    for (char c : value) {
        quoted += c == '\'' || c == '\\' ? "\\" : "";
        quoted += c;
    }
    return quoted + "'";
}

} // namespace

Settings ParseSettings(const std::string& address) {
    char* problem = nullptr;
    ConnectionOptions options(PQconninfoParse(address.c_str(), &problem));
    // libpq's own message quotes what it stumbled over, which may be half a password.
    PQfreemem(problem);
    if (!options) {
        throw Error(Code::BadConfiguration, "the PostgreSQL connection string of the state store can't be understood",
                    "write postgres:key=value pairs, values with blanks in single quotes, or a postgresql:// URI");
    }
    Settings settings = kDefaults;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; option++) {
        if (option->val != nullptr) {
            settings[option->keyword] = option->val;
        }
    }
    RememberSecrets(settings);
    return settings;
}

SplitAddress TakePassword(const std::string& address) {
    char* problem = nullptr;
    ConnectionOptions options(PQconninfoParse(address.c_str(), &problem));
    PQfreemem(problem);
    SplitAddress split;
    for (const PQconninfoOption* option = options.get(); option != nullptr && option->keyword != nullptr; option++) {
        if (option->val == nullptr) {
            continue;
        }
        if (std::string(option->keyword) == "password") {
            split.password = option->val;
        } else {
            split.connection +=
                (split.connection.empty() ? "" : " ") + std::string(option->keyword) + "=" + QuotedValue(option->val);
        }
    }
    if (split.password.empty()) {
        split.connection = address;
    }
    return split;
}

std::string Describe(const Settings& settings) {
    std::string text;
    for (const char* keyword : {"service", "host", "hostaddr", "port", "user", "dbname"}) {
        auto found = settings.find(keyword);
        if (found != settings.end()) {
            text += (text.empty() ? "" : " ") + std::string(keyword) + "=" + found->second;
        }
    }
    return "postgres:" + text;
}

} // namespace freshet::postgres
