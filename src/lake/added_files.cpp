#include "lake/added_files.hpp"

#include "base/caseless.hpp"
#include "base/identifier.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

namespace {

/// Types by column, in small letters. Files never change.
using FileSchema = std::map<std::string, std::string>;

/// Part of EngineMemory. Thread-safe.
class KnownSchemas {
public:
    FileSchema Of(Session& session, const std::string& path) {
        std::lock_guard lock(mutex_);
        auto known = schemas_.find(path);
        return known != schemas_.end() ? known->second : schemas_.emplace(path, Read(session, path)).first->second;
    }

private:
    static FileSchema Read(Session& session, const std::string& path) {
        FileSchema schema;
        Table columns = session.Query(
            fmt::format("DESCRIBE FROM read_parquet({}, hive_partitioning => false)", QuoteLiteral(path)));
        for (const auto& row : columns.rows) {
            schema[Lower(AsText(row[0]))] = AsText(row[1]);
        }
        return schema;
    }

    std::mutex mutex_;
    std::map<std::string, FileSchema> schemas_;
};

/// Tables to which files were ever added: asked once per snapshot, since most lakes have none, and every source of
/// every refresh wants to know. Part of EngineMemory. Thread-safe.
class TablesWithAddedFiles {
public:
    bool Has(Session& session, int64_t table_id) {
        Snapshot now = CurrentSnapshot(session);
        std::lock_guard lock(mutex_);
        if (known_at_ != now) {
            tables_.clear();
            Table found = session.Query("SELECT DISTINCT table_id FROM " + MetadataTable("ducklake_column_mapping"));
            for (const auto& row : found.rows) {
                tables_.insert(AsInt(row[0]));
            }
            known_at_ = now;
        }
        return tables_.contains(table_id);
    }

private:
    std::mutex mutex_;
    std::optional<Snapshot> known_at_;
    std::set<int64_t> tables_;
};

/// As the metadata have them: relative to the table's folder, or else a whole path.
std::vector<std::string> AddedPaths(Session& session, const TableInfo& table, Snapshot at) {
    std::vector<std::string> paths;
    Table found = session.Query(fmt::format("SELECT path FROM {} WHERE table_id = {} AND {} AND mapping_id IS NOT NULL",
                                            MetadataTable("ducklake_data_file"), table.id, ValidAt(at)));
    for (const auto& row : found.rows) {
        paths.push_back(AsText(row[0]));
    }
    return paths;
}

/// Paths that can be opened.
std::vector<std::string> WholePaths(Session& session, const TableInfo& table, Snapshot at,
                                    const std::vector<std::string>& added) {
    std::vector<std::string> paths;
    Table files = session.Query(
        fmt::format("SELECT data_file FROM ducklake_list_files({}, {}, schema => {}, snapshot_version => {})",
                    QuoteLiteral(kLake), QuoteLiteral(table.name.name), QuoteLiteral(table.name.schema), at));
    for (const auto& row : files.rows) {
        std::string path = AsText(row[0]);
        if (std::any_of(added.begin(), added.end(), [&](const auto& end) { return path.ends_with(end); })) {
            paths.push_back(path);
        }
    }
    return paths;
}

} // namespace

std::set<int64_t> ColumnsOfOtherTypeInAddedFiles(Session& session, const TableInfo& table, Snapshot at) {
    std::set<int64_t> columns;
    if (!session.Memory<TablesWithAddedFiles>().Has(session, table.id)) {
        return columns;
    }
    std::vector<std::string> added = AddedPaths(session, table, at);
    if (added.empty()) { // they were merged or deleted since
        return columns;
    }
    for (const std::string& path : WholePaths(session, table, at, added)) {
        FileSchema schema = session.Memory<KnownSchemas>().Of(session, path);
        for (const ColumnInfo& column : table.columns) {
            auto stored = schema.find(Lower(column.name));
            if (stored == schema.end() || stored->second != column.type) {
                columns.insert(column.id);
            }
        }
    }
    return columns;
}

} // namespace freshet
