#include "state/postgres/temporary_database.hpp"

#include "base/error.hpp"
#include "base/identifier.hpp"
#include "base/redact.hpp"
#include "state/postgres/handles.hpp"
#include "state/postgres/settings.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// libpq's quoting of a value in a connection string.
std::string QuoteSetting(const std::string& value) {
    std::string quoted = "'";
    for (char character : value) {
        if (character == '\'' || character == '\\') {
            quoted += '\\';
        }
        quoted += character;
    }
    return quoted + "'";
}

std::string ConnectionString(const postgres::Settings& settings) {
    std::string text;
    for (const auto& [keyword, value] : settings) {
        text += fmt::format("{}{}={}", text.empty() ? "" : " ", keyword, QuoteSetting(value));
    }
    return text;
}

void Administer(const std::string& server, const std::string& sql) {
    postgres::Connection connection(PQconnectdb(server.c_str()));
    PQsetNoticeProcessor(
        connection.get(), [](void*, const char*) {}, nullptr);
    postgres::Result result(PQexec(connection.get(), sql.c_str()));
    if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
        throw Error(Code::StoreUnreachable,
                    fmt::format("PostgreSQL refuses {}: {}", sql, Redact(PQerrorMessage(connection.get()))),
                    "name a server that runs, and a user who may create databases");
    }
}

} // namespace

TemporaryDatabase::TemporaryDatabase(const std::string& server, const std::string& name)
    : server_(ConnectionString(postgres::ParseSettings(server))), name_(name) {
    postgres::Settings settings = postgres::ParseSettings(server);
    settings["dbname"] = name_;
    connection_ = ConnectionString(settings);
    Administer(server_, "CREATE DATABASE " + QuoteIdentifier(name_));
}

TemporaryDatabase::~TemporaryDatabase() {
    if (kept_) {
        return;
    }
    try {
        // Connections that still stand must not keep it.
        Administer(server_, fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", QuoteIdentifier(name_)));
    } catch (const Error&) {
        // A server that went away took the database out of reach; there is nobody to tell.
    }
}

std::string TemporaryDatabase::Description() const {
    return postgres::Describe(postgres::ParseSettings(connection_));
}

} // namespace freshet
