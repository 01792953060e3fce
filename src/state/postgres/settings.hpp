#pragma once

#include <map>
#include <string>

namespace freshet::postgres {

/// libpq's connection parameters by keyword.
using Settings = std::map<std::string, std::string>;

/// Reads a connection string or URI, adds Freshet's defaults where it says nothing, and makes Redact() know its
/// passwords. Throws BadConfiguration without quoting the text.
Settings ParseSettings(const std::string& address);

/// A connection string without its password, for those who show it, and the password. One that libpq doesn't understand
/// is left as it is.
struct SplitAddress {
    std::string connection;
    std::string password;
};
SplitAddress TakePassword(const std::string& address);

/// "postgres:host=db port=5432 dbname=lake": only what is no secret.
std::string Describe(const Settings& settings);

} // namespace freshet::postgres
