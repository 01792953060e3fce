#pragma once

#include "base/identifier.hpp"
#include "bind/source.hpp"
#include "lake/session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

enum class WriteKind {
    Rows,        ///< INSERT, UPDATE, DELETE, TRUNCATE, MERGE, COPY FROM
    Create,      ///< CREATE [OR REPLACE] TABLE / VIEW of that name
    Alter,       ///< ALTER TABLE, COMMENT ON
    Drop,        ///< DROP TABLE / VIEW
    DropSchema,  ///< DROP SCHEMA: `table.name` is empty, everything in it goes
    Maintenance, ///< SET PARTITIONED BY, SET SORTED BY: allowed on dynamic tables
};

struct WriteTarget {
    WriteKind kind = WriteKind::Rows;
    TableName table;  ///< as stored where it exists, else as written
    std::string verb; ///< "INSERT", "DROP TABLE" ... for the message
    Place place;      ///< of the name if it can be found, else of the whole statement
};

/// Tables and views of the lake that a statement which isn't ours would write or change, looked up with the session's
/// search path. Looks through EXPLAIN ANALYZE, PREPARE, EXECUTE and COPY. Empty if the statement doesn't parse: running
/// it gives the error.
std::vector<WriteTarget> WriteTargets(Session& session, const Excerpt& statement, const Source& source);

/// Begins or ends a transaction block (BEGIN, COMMIT, ROLLBACK ...)?
bool IsTransactionStatement(const Excerpt& statement);

} // namespace freshet
