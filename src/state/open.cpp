#include "state/migrations.hpp"
#include "state/postgres/connection.hpp"
#include "state/sql_store.hpp"
#include "state/sqlite/connection.hpp"

namespace freshet {

namespace {

std::unique_ptr<SqlConnection> Connect(const StateOptions& options) {
    const std::string& address = options.address;
    auto after = [&](std::string_view kind) { return address.substr(kind.size()); };
    if (address.starts_with("sqlite:") && address.size() > 7) {
        return OpenSqlite(after("sqlite:"), options.create, options.lock_timeout_ms);
    }
    if (address.starts_with("postgres://") || address.starts_with("postgresql://")) {
        return OpenPostgres(address, options.lock_timeout_ms);
    }
    if (address.starts_with("postgres:")) {
        return OpenPostgres(after("postgres:"), options.lock_timeout_ms);
    }
    // The text is not shown: it may be a connection string with its kind mistyped.
    throw Error(Code::BadConfiguration, "`state` is neither sqlite:FILE nor postgres:<libpq connection string>");
}

} // namespace

std::unique_ptr<StateStore> OpenStateStore(const StateOptions& options) {
    std::unique_ptr<SqlConnection> connection = Connect(options);
    Migrate(*connection, Migrations(), options.create);
    return std::make_unique<SqlStore>(std::move(connection));
}

} // namespace freshet
