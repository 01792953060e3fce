#pragma once

#include <memory>
#include <sqlite3.h>

namespace freshet::sqlite {

struct CloseDatabase {
    // close_v2: statements may still be alive while members are destroyed.
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
};
struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};

using Database = std::unique_ptr<sqlite3, CloseDatabase>;
using Statement = std::unique_ptr<sqlite3_stmt, FinalizeStatement>;

} // namespace freshet::sqlite
