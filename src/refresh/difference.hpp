#pragma once

#include "base/identifier.hpp"
#include "lake/session.hpp"

#include <set>
#include <string>
#include <vector>

namespace freshet {

/// "temp"."main"."name": TEMP tables are always named in full, for a lake table may have the same name.
std::string TempSql(const std::string& name);
/// "a", "b" of columns, each optionally behind `prefix`.
std::string ColumnList(const std::vector<Column>& columns, const std::string& prefix = "");

/// Condition that tells a row of a table (t) by its place, which `o` has.
constexpr const char* kSamePlace = "t.filename = o.filename AND t.file_row_number = o.file_row_number";

/// Rows that leave a stored table and rows that come, in TEMP tables.
struct RowEdit {
    std::string out; ///< one row for each that leaves, told by `is_out`; empty: none are named
    std::string in;  ///< rows that come; empty: none
    int64_t out_count = 0;
    int64_t in_count = 0;
    std::string is_out = kSamePlace; ///< condition over a stored row (t) and one of `out` (o)

    bool LeavesByKey() const { return is_out != kSamePlace; }
};

/// The least edit that turns the stored table, as this transaction sees it, into `content` (SQL of a relation whose
/// columns are `columns`). `stored` is SQL of a relation with its rows, their filename and file_row_number. Rows are
/// compared as bags and NULL-safely; values of `inexact` columns count as equal within 1e-12 relative. Creates TEMP
/// tables named `prefix`_out and `prefix`_in.
RowEdit ComputeDifference(Session& session, const std::string& stored, const std::vector<Column>& columns,
                          const std::set<std::string>& inexact, const std::string& content, const std::string& prefix);

/// The edit that turns a part of the stored rows into `content`. `part` is SQL of a relation that holds them with their
/// filename and file_row_number. Without `deduplicate` all of them leave and the whole content comes.
RowEdit DifferenceOfParts(Session& session, const std::string& part, const std::vector<Column>& columns,
                          const std::string& content, const std::string& prefix, bool deduplicate);

/// The edit that turns a part of the stored rows into `content`, where `part`, SQL of a relation, tells what they are,
/// but not where: they leave by their keys, of which each has one row.
struct PartByKey {
    std::string rows;              ///< SQL of a relation
    std::vector<std::string> keys; ///< names of columns, one or more
    bool null_safe = true;         ///< the keys may hold NULL
};
RowEdit DifferenceByKey(Session& session, const PartByKey& part, const std::vector<Column>& columns,
                        const std::string& content, const std::string& prefix, bool deduplicate);

/// How many rows of two relations differ, compared as above.
struct BagDifference {
    int64_t leaves = 0; ///< rows that only the first one has
    int64_t comes = 0;  ///< rows that only the second one has
};
BagDifference CompareBags(Session& session, const std::string& stored, const std::vector<Column>& columns,
                          const std::set<std::string>& inexact, const std::string& content, const std::string& prefix);

/// The rows that differ, compared as above: TEMP table `target` with the columns and kWeight, which says how many more
/// copies the second relation has (negative: fewer).
void DifferingRows(Session& session, const std::string& stored, const std::vector<Column>& columns,
                   const std::set<std::string>& inexact, const std::string& content, const std::string& target);

/// The physical places of the rows that `minus` (SQL of a relation with the stored table's columns, one row per copy)
/// takes away, into TEMP table `target`. Returns how many were found.
int64_t LocateRows(Session& session, const std::string& stored, const std::vector<Column>& columns,
                   const std::string& minus, const std::string& target);

} // namespace freshet
