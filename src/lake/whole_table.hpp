#pragma once

#include "lake/catalog.hpp"

#include <set>
#include <string>

namespace freshet {

/// `relation`, SQL of the table or of a version of it, such that a filter above it meets all rows
/// (docs/explanation/ducklake.md):
/// * DuckLake 1.5.5 looks for rows of a value only in the files of the value's bucket, also where files of before the
///   table was partitioned so are in no bucket, or in one of other buckets.
/// * DuckDB 1.5 casts the constant of a filter to the type that the column has in a file (x > 1.5 becomes x > 2), and
///   fails where the keys of a join filter such a file. Only the file tells which type it has:
///   those that were added (ducklake_add_data_files) are asked. HUGEINT, UHUGEINT, TIMESTAMP_S and TIMESTAMP_MS have
///   another one in every file.
/// There no filter on such a column is let through to the scan, and the relation becomes a subquery. Everywhere else it
/// stays what it is. `at`: the version, or the transaction's snapshot.
std::string WholeTable(Session& session, const TableName& name, Snapshot at, const std::string& relation);
/// The same of a table as the transaction sees it, with filename and file_row_number of its rows.
std::string WholeTableWithPlaces(Session& session, const TableName& name, Snapshot at);
/// Names of the columns that this holds for, of a table to which nobody adds files.
std::set<std::string> UnfilteredColumns(Session& session, const TableName& name, Snapshot at);

} // namespace freshet
