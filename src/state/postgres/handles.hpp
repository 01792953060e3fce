#pragma once

#include <libpq-fe.h>
#include <memory>

namespace freshet::postgres {

struct FinishConnection {
    void operator()(PGconn* connection) const { PQfinish(connection); }
};
struct ClearResult {
    void operator()(PGresult* result) const { PQclear(result); }
};
struct FreeOptions {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

using Connection = std::unique_ptr<PGconn, FinishConnection>;
using Result = std::unique_ptr<PGresult, ClearResult>;
using ConnectionOptions = std::unique_ptr<PQconninfoOption, FreeOptions>;

} // namespace freshet::postgres
