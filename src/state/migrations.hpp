#pragma once

#include "state/sql_connection.hpp"

#include <string>
#include <vector>

namespace freshet {

/// One step from version - 1 to `version`. Steps that were released are never changed, only followed by others. Names
/// stand without schema, and the SQL is what both databases understand.
struct Migration {
    int64_t version;
    std::string name;
    std::vector<std::string> statements;
};

/// All steps of this program, versions 1, 2, 3 ...
const std::vector<Migration>& Migrations();

/// Version of the store behind the connection; 0: there is none yet.
int64_t StoredVersion(SqlConnection& connection);

/// Brings the store to the last of the steps, in one transaction; several processes may try at once. Throws
/// StoreVersion if it is newer than that, StoreUnreachable if there is none and `create` is not set.
void Migrate(SqlConnection& connection, const std::vector<Migration>& steps, bool create);

} // namespace freshet
