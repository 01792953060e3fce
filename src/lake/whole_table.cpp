#include "lake/whole_table.hpp"

#include "base/identifier.hpp"
#include "base/row_place.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

bool HasFilesOfOtherPartitions(Session& session, const TableInfo& table, Snapshot at) {
    return AsInt(session.QueryValue(fmt::format(
               "SELECT count(*) FROM (SELECT 1 FROM {} WHERE table_id = {} AND {} AND partition_id IS DISTINCT FROM {} "
               "LIMIT 1)",
               MetadataTable("ducklake_data_file"), table.id, ValidAt(at), table.partition_id))) > 0;
}

/// An expression that is no plain column, and of the same value.
std::string Hidden(const std::string& column) {
    return fmt::format("[{0}][1] AS {0}", QuoteIdentifier(column));
}

std::string Whole(Session& session, const TableName& name, Snapshot at, const std::string& relation, bool with_places) {
    auto table = FindTable(session, name, at);
    if (!table || table->bucketed.empty() || !HasFilesOfOtherPartitions(session, *table, at)) {
        return relation;
    }
    std::string replaced;
    for (const ColumnInfo& column : table->columns) {
        with_places = with_places && !IsRowPlace(column.name);
        if (table->bucketed.count(column.id) > 0) {
            replaced += (replaced.empty() ? "" : ", ") + Hidden(column.name);
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

} // namespace freshet
