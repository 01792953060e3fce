#pragma once

#include "state/sql_connection.hpp"

#include <filesystem>
#include <memory>

namespace freshet {

/// A state store in a SQLite file. A missing file is created, with its folder, only if `create`. Throws
/// StoreUnreachable, also for a file that is damaged or holds something else.
std::unique_ptr<SqlConnection> OpenSqlite(const std::filesystem::path& file, bool create, int lock_timeout_ms);

} // namespace freshet
