#pragma once

#include "state/sql_connection.hpp"

#include <memory>
#include <string>

namespace freshet {

/// A state store in the schema freshet_state of a PostgreSQL database. Throws StoreUnreachable.
std::unique_ptr<SqlConnection> OpenPostgres(const std::string& address, int lock_timeout_ms);

} // namespace freshet
