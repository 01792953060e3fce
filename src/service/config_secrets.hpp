#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// Properties of a secret, `${...}` replaced: type, provider, key_id ...
using SecretValues = std::map<std::string, std::vector<std::string>>;

/// Tells Redact() all values but those that are known to be public, such as type and region.
void RememberSecretValues(const SecretValues& values);
/// Tells Redact() the password of a connection string or URI.
void RememberConnectionSecrets(const std::string& address);

/// What makes these values unfit for CREATE SECRET, if anything. Names no value.
std::optional<std::string> SecretProblem(const SecretValues& values);
std::string CreateSecretSql(const std::string& name, const SecretValues& values);
/// Extensions that know this type and provider of secret.
std::vector<std::string> ExtensionsOfSecret(const SecretValues& values);

/// "postgres:host=db", "postgres:postgresql://db", "postgres://db", "postgresql://db"
bool IsPostgresAddress(const std::string& address);
/// Its libpq connection string or URI.
std::string PostgresConnection(const std::string& address);

/// A database that sessions attach read-only.
struct Attachment {
    std::string sql;
    std::string extension; ///< that it needs; empty: none
};
/// Nothing if the address is of no kind that can be attached. `absolute` makes a file's path absolute.
std::optional<Attachment> ReadAttachment(const std::string& name, const std::string& address,
                                         const std::function<std::string(const std::string&)>& absolute);

} // namespace freshet
