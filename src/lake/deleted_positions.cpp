#include "lake/deleted_positions.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// A delete file that may have positions of the window.
struct DeleteFile {
    std::string path;
    std::string data_file;
    Snapshot begin_snapshot = 0;
    bool readable = true;
};

struct ChangedFiles {
    std::vector<std::string> filled; ///< data files at `to` that may hold rows of the window
    std::vector<std::string> ended;  ///< data files at `from` that are gone as a whole at `to`
    std::vector<DeleteFile> deletes;
};

std::string FilesAt(const TableName& table, Snapshot at) {
    return fmt::format("ducklake_list_files({}, {}, schema => {}, snapshot_version => {})", QuoteLiteral(kLake),
                       QuoteLiteral(table.name), QuoteLiteral(table.schema), at);
}

/// Delete files made since `from`: files are numbered in the order of their making, and an older one can't tell of
/// later deletes. Their own snapshots don't say as much: they are cumulative, and those that a flush makes name the
/// first only. Metadata has paths relative to the table's, so that files are told by their names, which are unique.
std::string DeleteFilesSinceFrom(const FeedRequest& request) {
    return fmt::format("SELECT parse_filename(path) AS name, begin_snapshot, "
                       "format = 'parquet' AND encryption_key IS NULL AS readable FROM {} "
                       "WHERE table_id = {} AND begin_snapshot <= {} "
                       "AND delete_file_id >= (SELECT next_file_id FROM {} WHERE snapshot_id = {})",
                       MetadataTable("ducklake_delete_file"), request.table_id, request.to,
                       MetadataTable("ducklake_snapshot"), request.from);
}

/// Files that a later flush or merge wrote hold rows of several snapshots: they are there at `from` already, and may
/// hold rows of the window all the same.
std::string FilesWithLaterRows(const FeedRequest& request) {
    return fmt::format("SELECT parse_filename(path) AS name FROM {} WHERE table_id = {} AND partial_max > {}",
                       MetadataTable("ducklake_data_file"), request.table_id, request.from);
}

ChangedFiles FindChangedFiles(Session& session, const FeedRequest& request) {
    ChangedFiles files;
    Table found = session.Query(fmt::format(
        "SELECT coalesce(now.data_file, was.data_file), was.data_file IS NULL, partial.name IS NOT NULL, "
        "now.data_file IS NULL, deletes.name IS NOT NULL, now.delete_file, deletes.begin_snapshot, deletes.readable "
        "FROM {} AS was FULL JOIN {} AS now ON was.data_file = now.data_file "
        "LEFT JOIN ({}) AS deletes ON parse_filename(now.delete_file) = deletes.name "
        "LEFT JOIN ({}) AS partial ON parse_filename(now.data_file) = partial.name "
        "WHERE was.data_file IS NULL OR now.data_file IS NULL OR deletes.name IS NOT NULL OR partial.name IS NOT NULL",
        FilesAt(request.table_at_from, request.from), FilesAt(request.table, request.to), DeleteFilesSinceFrom(request),
        FilesWithLaterRows(request)));
    for (const auto& row : found.rows) {
        bool is_new = AsInt(row[1]) != 0, has_later_rows = AsInt(row[2]) != 0;
        if (is_new || has_later_rows) {
            files.filled.push_back(AsText(row[0]));
        }
        if (AsInt(row[3]) != 0) {
            files.ended.push_back(AsText(row[0]));
        } else if (AsInt(row[4]) != 0 && !is_new) {
            files.deletes.push_back({AsText(row[5]), AsText(row[0]), AsInt(row[6]), AsInt(row[7]) != 0});
        }
    }
    return files;
}

std::string List(const std::vector<std::string>& texts) {
    std::string list;
    for (const std::string& text : texts) {
        list += (list.empty() ? "" : ", ") + QuoteLiteral(text);
    }
    return list;
}

/// Positions of the window in delete files. A file whose positions are of several snapshots has a column that tells
/// which; the empty relation stands in where no file has it.
std::string PositionsInFiles(const FeedRequest& request, const std::vector<DeleteFile>& files) {
    if (files.empty()) {
        return "";
    }
    std::vector<std::string> paths;
    std::string rows;
    for (const DeleteFile& file : files) {
        paths.push_back(file.path);
        rows += fmt::format("{}({}, {}, {})", rows.empty() ? "" : ", ", QuoteLiteral(file.path),
                            QuoteLiteral(file.data_file), file.begin_snapshot);
    }
    return fmt::format(
        "SELECT files.data_file, deleted.pos FROM (SELECT NULL::BIGINT AS _ducklake_internal_snapshot_id "
        "WHERE false UNION ALL BY NAME "
        "FROM read_parquet([{}], union_by_name = true, filename = true)) AS deleted "
        "JOIN (VALUES {}) AS files(path, data_file, begin_snapshot) ON deleted.filename = files.path "
        "WHERE coalesce(deleted._ducklake_internal_snapshot_id, files.begin_snapshot) BETWEEN {} AND {}",
        List(paths), rows, request.from + 1, request.to);
}

/// Positions in data files that were deleted by a note in the catalog. A file that is gone at `to` is read whole.
std::string InlinedPositionsInFiles(Session& session, const FeedRequest& request) {
    std::string table = fmt::format("ducklake_inlined_delete_{}", request.table_id);
    if (!MetadataTableExists(session, table)) {
        return "";
    }
    return fmt::format(
        "SELECT now.data_file, deleted.row_id FROM (SELECT file_id, row_id FROM {} "
        "WHERE begin_snapshot > {} AND begin_snapshot <= {}) AS deleted "
        "JOIN (SELECT data_file_id, parse_filename(path) AS name FROM {} WHERE table_id = {}) AS data "
        "ON data.data_file_id = deleted.file_id JOIN {} AS now ON parse_filename(now.data_file) = data.name",
        MetadataTable(table), request.from, request.to, MetadataTable("ducklake_data_file"), request.table_id,
        FilesAt(request.table, request.to));
}

/// Rows that live in the catalog: scans call the metadata table their file and the row id their position.
std::vector<std::string> PositionsOfInlinedRows(Session& session, const FeedRequest& request) {
    std::vector<std::string> queries;
    for (const auto& name : InlinedDataTables(session, request.table_id)) {
        queries.push_back(fmt::format("SELECT {}, row_id FROM {} WHERE begin_snapshot <= {} AND end_snapshot > {} "
                                      "AND end_snapshot <= {}",
                                      QuoteLiteral(name), MetadataTable(QuoteIdentifier(name)), request.from,
                                      request.from, request.to));
    }
    return queries;
}

/// Rows of the window that are still there. They lie in a few files, or in the catalog; those are named
/// because DuckLake looks for rows by their snapshot in every file.
std::string RowsThatCame(Session& session, const FeedRequest& request, const ChangedFiles& files) {
    constexpr size_t kMostNames = 1000;
    if (!request.changes.inserted) {
        return "";
    }
    std::vector<std::string> names = InlinedDataTables(session, request.table_id);
    names.insert(names.end(), files.filled.begin(), files.filled.end());
    if (names.empty()) {
        return "";
    }
    std::string all = SurvivingInsertions(request);
    return names.size() > kMostNames ? all : fmt::format("{} AND filename IN ({})", all, List(names));
}

std::vector<std::string> PositionQueries(Session& session, const FeedRequest& request, const ChangedFiles& files) {
    std::vector<std::string> queries;
    if (request.changes.inlined) {
        queries = PositionsOfInlinedRows(session, request);
        queries.push_back(InlinedPositionsInFiles(session, request));
    }
    queries.push_back(PositionsInFiles(request, files.deletes));
    std::erase(queries, "");
    return queries;
}

/// Rows of the positions. The files are named besides, since only constants keep the others from being opened.
std::string RowsAtPositions(Session& session, const FeedRequest& request, const std::string& positions) {
    std::vector<std::string> names;
    for (const auto& row : session.Query("SELECT DISTINCT filename FROM " + positions).rows) {
        names.push_back(AsText(row[0]));
    }
    if (names.empty()) {
        return "";
    }
    return fmt::format("SELECT {} FROM {} SEMI JOIN {} AS gone ON was.filename = gone.filename "
                       "AND was.file_row_number = gone.position WHERE was.filename IN ({})",
                       ColumnsAtFrom(request, "was."), OldVersion(request, "was"), positions, List(names));
}

std::string RowsOfEndedFiles(const FeedRequest& request, const ChangedFiles& files) {
    if (files.ended.empty()) {
        return "";
    }
    return fmt::format("SELECT {} FROM {} WHERE was.filename IN ({})", ColumnsAtFrom(request, "was."),
                       OldVersion(request, "was"), List(files.ended));
}

std::string UnionAll(const std::vector<std::string>& queries) {
    std::string all;
    for (const std::string& query : queries) {
        if (!query.empty()) {
            all += (all.empty() ? "" : " UNION ALL ") + query;
        }
    }
    return all;
}

std::string PositionsTable(const std::string& target) {
    return "temp.main." + QuoteIdentifier(target + " positions");
}

} // namespace

void DropPositions(Session& session, const std::string& target) {
    session.Query("DROP TABLE IF EXISTS " + PositionsTable(target));
}

std::optional<FeedSql> ByPositionSql(Session& session, const FeedRequest& request, const std::string& target) {
    ChangedFiles files = FindChangedFiles(session, request);
    for (const DeleteFile& file : files.deletes) {
        if (!file.readable) {
            return std::nullopt;
        }
    }
    std::string positions = PositionsTable(target);
    std::string queries = UnionAll(PositionQueries(session, request, files));
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT filename::VARCHAR AS filename, "
                              "position::BIGINT AS position FROM ({}) AS deleted(filename, position)",
                              positions, queries.empty() ? "SELECT '', 0 LIMIT 0" : queries));
    return FeedSql{RowsThatCame(session, request, files),
                   UnionAll({RowsAtPositions(session, request, positions), RowsOfEndedFiles(request, files)})};
}

} // namespace freshet
