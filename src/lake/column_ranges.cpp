#include "lake/column_ranges.hpp"

#include <fmt/format.h>
#include <mutex>

namespace freshet {

namespace {

struct RememberedBounds {
    struct Entry {
        int64_t rows = 0;
        DistinctBounds bounds;
    };
    std::mutex mutex;
    std::map<int64_t, Entry> tables;
};

bool IsFresh(const RememberedBounds& remembered, const TableSize& table) {
    auto known = remembered.tables.find(table.table_id);
    return known != remembered.tables.end() && table.rows <= 2 * known->second.rows &&
           known->second.rows <= 2 * table.rows;
}

void Read(Session& session, RememberedBounds& remembered, const std::string& ids) {
    // Statistics are text; those of other types than these tell nothing about how many values there are.
    Table found = session.Query(fmt::format(
        "SELECT table_id, column_id, coalesce(TRY_CAST(max_value AS HUGEINT)::DOUBLE - TRY_CAST(min_value AS "
        "HUGEINT)::DOUBLE, date_diff('day', TRY_CAST(min_value AS DATE), TRY_CAST(max_value AS DATE)))::DOUBLE + 1 "
        "FROM (SELECT s.table_id, s.column_id, min_value, max_value FROM {} AS s JOIN (SELECT DISTINCT table_id, "
        "column_id FROM {} WHERE end_snapshot IS NULL AND (column_type LIKE '%int%' OR column_type = 'date')) AS c ON "
        "s.table_id = c.table_id AND s.column_id = c.column_id WHERE s.table_id IN ({}))",
        MetadataTable("ducklake_table_column_stats"), MetadataTable("ducklake_column"), ids));
    for (const auto& row : found.rows) {
        if (!IsNull(row[2])) {
            remembered.tables[AsInt(row[0])].bounds[AsInt(row[1])] = std::get<double>(row[2]);
        }
    }
}

} // namespace

std::vector<DistinctBounds> ReadDistinctBounds(Session& session, const std::vector<TableSize>& tables) {
    auto& remembered = session.Memory<RememberedBounds>();
    std::lock_guard lock(remembered.mutex);
    std::string ids;
    for (const auto& table : tables) {
        if (!IsFresh(remembered, table)) {
            ids += (ids.empty() ? "" : ", ") + std::to_string(table.table_id);
            remembered.tables[table.table_id] = {table.rows, {}};
        }
    }
    if (!ids.empty()) {
        Read(session, remembered, ids);
    }
    std::vector<DistinctBounds> bounds;
    for (const auto& table : tables) {
        bounds.push_back(remembered.tables[table.table_id].bounds);
    }
    return bounds;
}

} // namespace freshet
