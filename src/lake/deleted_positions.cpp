#include "lake/deleted_positions.hpp"

#include <duckdb.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

/// A delete file with positions of the window. Delete files are cumulative: one that spans several snapshots has the
/// snapshot of each position, in another all positions are of one snapshot.
struct DeleteFile {
    std::string path;
    std::string data_file;
    bool spans_snapshots = false;
    bool readable = true;
};

struct ChangedFiles {
    std::vector<std::string> ended; ///< data files at `from` that are gone as a whole at `to`
    std::vector<DeleteFile> deletes;
};

std::string FilesAt(const TableName& table, Snapshot at) {
    return fmt::format("ducklake_list_files({}, {}, schema => {}, snapshot_version => {})", QuoteLiteral(kLake),
                       QuoteLiteral(table.name), QuoteLiteral(table.schema), at);
}

/// Delete files that got positions in the window. Metadata has paths relative to the table's, so that files are told
/// by their names, which are unique.
std::string DeleteFilesOfWindow(const FeedRequest& request) {
    return fmt::format("SELECT parse_filename(path) AS name, partial_max IS NOT NULL AS spans_snapshots, "
                       "format = 'parquet' AND encryption_key IS NULL AS readable FROM {} "
                       "WHERE table_id = {} AND begin_snapshot <= {} AND coalesce(partial_max, begin_snapshot) > {}",
                       MetadataTable("ducklake_delete_file"), request.table_id, request.to, request.from);
}

ChangedFiles FindChangedFiles(Session& session, const FeedRequest& request) {
    ChangedFiles files;
    Table found = session.Query(fmt::format(
        "SELECT was.data_file, now.data_file IS NULL, now.delete_file, deletes.spans_snapshots, deletes.readable "
        "FROM {} AS was LEFT JOIN {} AS now ON was.data_file = now.data_file "
        "LEFT JOIN ({}) AS deletes ON parse_filename(now.delete_file) = deletes.name "
        "WHERE now.data_file IS NULL OR deletes.name IS NOT NULL",
        FilesAt(request.table_at_from, request.from), FilesAt(request.table, request.to),
        DeleteFilesOfWindow(request)));
    for (const auto& row : found.rows) {
        if (AsInt(row[1]) != 0) {
            files.ended.push_back(AsText(row[0]));
        } else {
            files.deletes.push_back({AsText(row[2]), AsText(row[0]), AsInt(row[3]) != 0, AsInt(row[4]) != 0});
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

/// Positions in delete files of one kind; empty if there are none.
std::string PositionsInFiles(const FeedRequest& request, const ChangedFiles& files, bool spans_snapshots) {
    std::vector<std::string> paths;
    std::string pairs;
    for (const DeleteFile& file : files.deletes) {
        if (file.spans_snapshots == spans_snapshots) {
            paths.push_back(file.path);
            pairs += fmt::format("{}({}, {})", pairs.empty() ? "" : ", ", QuoteLiteral(file.path),
                                 QuoteLiteral(file.data_file));
        }
    }
    if (paths.empty()) {
        return "";
    }
    std::string in_window = fmt::format(
        "WHERE _ducklake_internal_snapshot_id > {} AND _ducklake_internal_snapshot_id <= {}", request.from, request.to);
    return fmt::format("SELECT pairs.data_file, deleted.pos FROM read_parquet([{}], filename = true) AS deleted "
                       "JOIN (VALUES {}) AS pairs(delete_file, data_file) ON deleted.filename = pairs.delete_file {}",
                       List(paths), pairs, spans_snapshots ? in_window : "");
}

/// DuckLake makes its tables of inlined data when it first needs them.
bool MetadataTableExists(Session& session, const std::string& name) {
    return session.Raw().TableInfo(fmt::format("__ducklake_metadata_{}", kLake), "", name) != nullptr;
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
    Table tables = session.Query(fmt::format("SELECT table_name FROM {} WHERE table_id = {}",
                                             MetadataTable("ducklake_inlined_data_tables"), request.table_id));
    for (const auto& row : tables.rows) {
        queries.push_back(fmt::format("SELECT {}, row_id FROM {} WHERE begin_snapshot <= {} AND end_snapshot > {} "
                                      "AND end_snapshot <= {}",
                                      QuoteLiteral(AsText(row[0])), MetadataTable(QuoteIdentifier(AsText(row[0]))),
                                      request.from, request.from, request.to));
    }
    return queries;
}

std::vector<std::string> PositionQueries(Session& session, const FeedRequest& request, const ChangedFiles& files) {
    std::vector<std::string> queries;
    if (request.changes.inlined) {
        queries = PositionsOfInlinedRows(session, request);
        queries.push_back(InlinedPositionsInFiles(session, request));
    }
    queries.push_back(PositionsInFiles(request, files, true));
    queries.push_back(PositionsInFiles(request, files, false));
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
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {}(filename VARCHAR, position BIGINT)", positions));
    std::string queries = UnionAll(PositionQueries(session, request, files));
    if (!queries.empty()) {
        session.Query(fmt::format("INSERT INTO {} {}", positions, queries));
    }
    return FeedSql{SurvivingInsertions(request),
                   UnionAll({RowsAtPositions(session, request, positions), RowsOfEndedFiles(request, files)})};
}

} // namespace freshet
