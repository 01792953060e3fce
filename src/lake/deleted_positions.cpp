#include "lake/deleted_positions.hpp"

#include "lake/file_paths.hpp"

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

/// Delete files made since `from`: an older one can't tell of later deletes.
std::string DeleteFilesSinceFrom(const FeedRequest& request, const std::string& folder) {
    return fmt::format("SELECT data_file_id, {} AS path, begin_snapshot, format = 'parquet' AND encryption_key IS NULL "
                       "AS readable FROM {} AS f WHERE table_id = {} AND {} "
                       "AND {}",
                       FilePath(folder, "f"), MetadataTable("ducklake_delete_file"), request.table_id,
                       ValidAt(request.to), MadeSince(request.from));
}

/// The table's data files at `from` or `to`. Files that a later flush or merge wrote hold rows of several snapshots:
/// they are there at `from` already, and may hold rows of the window all the same.
std::string FilesOfBothEnds(const FeedRequest& request, const std::string& folder) {
    return fmt::format("SELECT data_file_id, {} AS path, {} AS was, {} AS now, coalesce(partial_max > {}, false) AS "
                       "partial FROM {} AS f WHERE table_id = {} AND (was OR now)",
                       FilePath(folder, "f"), ValidAt(request.from), ValidAt(request.to), request.from,
                       MetadataTable("ducklake_data_file"), request.table_id);
}

ChangedFiles FindChangedFiles(Session& session, const FeedRequest& request, const std::string& folder) {
    ChangedFiles files;
    Table found = session.Query(
        fmt::format("SELECT data.path, was, now, partial, deletes.path, deletes.begin_snapshot, deletes.readable "
                    "FROM ({}) AS data LEFT JOIN ({}) AS deletes USING (data_file_id) "
                    "WHERE NOT was OR NOT now OR partial OR deletes.path IS NOT NULL",
                    FilesOfBothEnds(request, folder), DeleteFilesSinceFrom(request, folder)));
    for (const auto& row : found.rows) {
        bool was = AsInt(row[1]) != 0, now = AsInt(row[2]) != 0, partial = AsInt(row[3]) != 0;
        if (!was || partial) {
            files.filled.push_back(AsText(row[0]));
        }
        if (!now) {
            files.ended.push_back(AsText(row[0]));
        } else if (was && !IsNull(row[4])) {
            files.deletes.push_back({AsText(row[4]), AsText(row[0]), AsInt(row[5]), AsInt(row[6]) != 0});
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
    return fmt::format("SELECT files.data_file, deleted.pos FROM {} AS deleted "
                       "JOIN (VALUES {}) AS files(path, data_file, begin_snapshot) ON deleted.filename = files.path "
                       "WHERE coalesce(deleted._ducklake_internal_snapshot_id, files.begin_snapshot) BETWEEN {} AND {}",
                       DeleteFileRows(paths), rows, request.from + 1, request.to);
}

/// Positions in data files that were deleted by a note in the catalog. A file that is gone at `to` is read whole.
std::string InlinedPositionsInFiles(Session& session, const FeedRequest& request, const std::string& folder) {
    std::string table = fmt::format("ducklake_inlined_delete_{}", request.table_id);
    if (!MetadataTableExists(session, table)) {
        return "";
    }
    return fmt::format("SELECT data.path, deleted.row_id FROM (SELECT file_id, row_id FROM {} "
                       "WHERE begin_snapshot > {} AND begin_snapshot <= {}) AS deleted "
                       "JOIN (SELECT data_file_id, {} AS path FROM {} AS f WHERE table_id = {} AND {}) AS data "
                       "ON data.data_file_id = deleted.file_id",
                       MetadataTable(table), request.from, request.to, FilePath(folder, "f"),
                       MetadataTable("ducklake_data_file"), request.table_id, ValidAt(request.to));
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

std::vector<std::string> PositionQueries(Session& session, const FeedRequest& request, const std::string& folder,
                                         const ChangedFiles& files) {
    std::vector<std::string> queries;
    if (request.changes.inlined) {
        queries = PositionsOfInlinedRows(session, request);
        queries.push_back(InlinedPositionsInFiles(session, request, folder));
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

bool FeedOpensFarFewerFiles(Session& session, const FeedRequest& request) {
    constexpr int64_t kManyFiles = 1000;
    constexpr int64_t kRowsPerFile = 3000; // of one that is there anyway: they take as long to read as it takes to open
    Table found = session.Query(fmt::format(
        "SELECT count(*) FILTER (NOT ever), coalesce(sum(1 + record_count / {}) FILTER (ever), 0)::BIGINT "
        "FROM (SELECT record_count, data_file_id IN (SELECT data_file_id FROM {} WHERE table_id = {}) AS ever, "
        "{} AS was FROM {} WHERE table_id = {}) WHERE was OR ever",
        kRowsPerFile, MetadataTable("ducklake_delete_file"), request.table_id, ValidAt(request.from),
        MetadataTable("ducklake_data_file"), request.table_id));
    int64_t whole = AsInt(found.rows.at(0).at(0)), with_deletes = AsInt(found.rows.at(0).at(1));
    return whole > kManyFiles && whole > with_deletes;
}

std::optional<FeedSql> ByPositionSql(Session& session, const FeedRequest& request, const std::string& target) {
    auto folder = TableFolder(session, request.table_id, request.to);
    if (!folder) {
        return std::nullopt;
    }
    ChangedFiles files = FindChangedFiles(session, request, *folder);
    for (const DeleteFile& file : files.deletes) {
        if (!file.readable) {
            return std::nullopt;
        }
    }
    std::string positions = PositionsTable(target);
    std::string queries = UnionAll(PositionQueries(session, request, *folder, files));
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT filename::VARCHAR AS filename, "
                              "position::BIGINT AS position FROM ({}) AS deleted(filename, position)",
                              positions, queries.empty() ? "SELECT '', 0 LIMIT 0" : queries));
    return FeedSql{RowsThatCame(session, request, files),
                   UnionAll({RowsAtPositions(session, request, positions), RowsOfEndedFiles(request, files)})};
}

} // namespace freshet
