#include "lake/whole_table.hpp"

#include "base/identifier.hpp"
#include "base/row_place.hpp"
#include "lake/added_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

bool HasFiles(Session& session, const TableInfo& table, Snapshot at, const std::string& condition) {
    return AsInt(session.QueryValue(
               fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} WHERE table_id = {} AND {} AND {} LIMIT 1)",
                           MetadataTable("ducklake_data_file"), table.id, ValidAt(at), condition))) > 0;
}

bool IsWideInteger(const std::string& type) {
    return type == "HUGEINT" || type == "UHUGEINT";
}

/// Has DuckLake's Parquet another type in its place, or does DuckLake compare the texts of its statistics with
/// constants that are written otherwise?
bool IsPrunedWrongly(const std::string& type) {
    return IsWideInteger(type) || type == "TIMESTAMP_S" || type == "TIMESTAMP_MS" || type == "BLOB" || type == "FLOAT";
}

/// Ids of columns by which the scan must not be filtered.
std::set<int64_t> Unfiltered(Session& session, const TableInfo& table, Snapshot at) {
    std::set<int64_t> columns;
    if (!table.bucketed.empty() &&
        HasFiles(session, table, at, fmt::format("partition_id IS DISTINCT FROM {}", table.partition_id))) {
        columns = table.bucketed;
    }
    // A file that DuckLake wrote anew without its deleted rows begins later than the column's type, and has the old
    // one.
    columns.insert(table.retyped.begin(), table.retyped.end());
    for (const ColumnInfo& column : table.columns) {
        if (IsPrunedWrongly(column.type)) {
            columns.insert(column.id);
        }
    }
    return columns;
}

/// An expression that is no plain column, and of the same value.
std::string Hidden(const ColumnInfo& column) {
    const char* form = IsWideInteger(column.type) ? "({0} | 0) AS {0}" : "[{0}][1] AS {0}"; // the former is quicker
    return fmt::format(fmt::runtime(form), QuoteIdentifier(column.name));
}

std::string Whole(Session& session, const TableName& name, Snapshot at, const std::string& relation, bool with_places) {
    auto table = FindTable(session, name, at);
    std::set<int64_t> unfiltered = table ? Unfiltered(session, *table, at) : std::set<int64_t>{};
    if (table && !with_places) { // to Freshet's own tables nobody adds files
        unfiltered.merge(ColumnsOfOtherTypeInAddedFiles(session, *table, at));
    }
    if (unfiltered.empty()) {
        return relation;
    }
    std::string replaced;
    for (const ColumnInfo& column : table->columns) {
        with_places = with_places && !IsRowPlace(column.name);
        if (unfiltered.contains(column.id)) {
            replaced += (replaced.empty() ? "" : ", ") + Hidden(column);
        }
    }
    if (replaced.empty()) {
        return relation;
    }
    return fmt::format("(SELECT * REPLACE ({}){} FROM {})", replaced, with_places ? ", filename, file_row_number" : "",
                       relation);
}

} // namespace

std::string WholeTable(Session& session, const TableName& name, Snapshot at, const std::string& relation) {
    return Whole(session, name, at, relation, false);
}

std::string WholeTableWithPlaces(Session& session, const TableName& name, Snapshot at) {
    return Whole(session, name, at, name.Sql(), true);
}

std::set<std::string> UnfilteredColumns(Session& session, const TableName& name, Snapshot at) {
    std::set<std::string> names;
    if (auto table = FindTable(session, name, at)) {
        std::set<int64_t> unfiltered = Unfiltered(session, *table, at);
        for (const ColumnInfo& column : table->columns) {
            if (unfiltered.contains(column.id)) {
                names.insert(column.name);
            }
        }
    }
    return names;
}

} // namespace freshet
