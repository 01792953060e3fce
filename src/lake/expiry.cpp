#include "lake/expiry.hpp"

#include <duckdb.hpp>
#include <duckdb/common/file_system.hpp>
#include <duckdb/main/client_context.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace freshet {

namespace {

constexpr Timestamp kDay = Timestamp{86'400} * 1'000'000;

std::string TimeLiteral(Timestamp time) {
    return "TIMESTAMPTZ " + QuoteLiteral(TimestampText(time));
}

std::string MicrosecondsOf(const std::string& column) {
    return fmt::format("epoch_us({}::TIMESTAMPTZ)", column); // SQLite keeps text
}

/// A file's name without its folders. It holds a UUID, so that it tells the file however its path is written.
std::set<std::string> ScheduledSince(Session& session, Timestamp since) {
    std::set<std::string> names;
    for (const auto& row : session
                               .Query(fmt::format("SELECT parse_filename(path) FROM {} WHERE {} >= {}",
                                                  MetadataTable("ducklake_files_scheduled_for_deletion"),
                                                  MicrosecondsOf("schedule_start"), since))
                               .rows) {
        names.insert(AsText(row[0]));
    }
    return names;
}

std::string CleanUp(Timestamp older_than, bool dry_run) {
    return fmt::format("ducklake_cleanup_old_files({}, dry_run => {}, older_than => {})", QuoteLiteral(kLake), dry_run,
                       TimeLiteral(older_than));
}

} // namespace

std::vector<Snapshot> SnapshotsBefore(Session& session, Snapshot below, Timestamp until) {
    std::vector<Snapshot> snapshots;
    for (const auto& row : session
                               .Query(fmt::format("SELECT snapshot_id FROM {0} WHERE snapshot_id < {1} AND snapshot_id "
                                                  "< {2} AND {3} < {4} ORDER BY 1",
                                                  MetadataTable("ducklake_snapshot"), below, CurrentSnapshot(session),
                                                  MicrosecondsOf("snapshot_time"), until))
                               .rows) {
        snapshots.push_back(AsInt(row[0]));
    }
    return snapshots;
}

Snapshot OldestSince(Session& session, Timestamp since) {
    Value found =
        session.QueryValue(fmt::format("SELECT min(snapshot_id) FROM {} WHERE {} >= {}",
                                       MetadataTable("ducklake_snapshot"), MicrosecondsOf("snapshot_time"), since));
    return IsNull(found) ? CurrentSnapshot(session) : AsInt(found);
}

void ExpireSnapshots(Session& session, const std::vector<Snapshot>& snapshots) {
    if (!snapshots.empty()) {
        session.Query(fmt::format("SELECT count(*) FROM ducklake_expire_snapshots({}, versions => [{}])",
                                  QuoteLiteral(kLake), fmt::join(snapshots, ", ")));
    }
}

OldFiles FindOldFiles(Session& session, Timestamp until) {
    std::set<std::string> young = ScheduledSince(session, until);
    OldFiles files;
    for (Timestamp older_than : {until, until - kDay, until - 2 * kDay}) {
        files.count = 0;
        bool too_many = false;
        for (const auto& row : session.Query("SELECT parse_filename(path) FROM " + CleanUp(older_than, true)).rows) {
            files.count++;
            too_many = too_many || young.count(AsText(row[0])) > 0;
        }
        if (!too_many) {
            files.older_than = older_than;
            break;
        }
        files.count = 0;
    }
    files.waiting =
        AsInt(session.QueryValue("SELECT count(*) FROM " + MetadataTable("ducklake_files_scheduled_for_deletion"))) -
        files.count;
    return files;
}

void RemoveOldFiles(Session& session, const OldFiles& files) {
    if (files.count > 0) {
        session.Query("SELECT count(*) FROM " + CleanUp(files.older_than, false));
    }
}

std::vector<std::string> FindOrphans(Session& session, Timestamp until) {
    auto known = [](const char* table) { return "SELECT parse_filename(path) FROM " + MetadataTable(table); };
    // DuckLake compares whole paths, and takes every Parquet file: names are looked at here, so that neither a path
    // written in another way nor a file that isn't the lake's is taken.
    Table found = session.Query(
        fmt::format("SELECT path FROM ducklake_delete_orphaned_files({}, dry_run => true, older_than => {}) WHERE "
                    "regexp_full_match(parse_filename(path), 'ducklake-[0-9a-f-]{{36}}(-delete)?[.]parquet') AND "
                    "parse_filename(path) NOT IN ({} UNION ALL {} UNION ALL {}) ORDER BY 1",
                    QuoteLiteral(kLake), TimeLiteral(until), known("ducklake_data_file"), known("ducklake_delete_file"),
                    known("ducklake_files_scheduled_for_deletion")));
    std::vector<std::string> files;
    for (const auto& row : found.rows) {
        files.push_back(AsText(row[0]));
    }
    return files;
}

int64_t TotalBytes(Session& session, const std::vector<std::string>& files) {
    int64_t bytes = 0;
    try {
        auto& system = duckdb::FileSystem::GetFileSystem(*session.Raw().context);
        for (const auto& file : files) {
            auto handle = system.OpenFile(file, duckdb::FileFlags::FILE_FLAGS_READ |
                                                    duckdb::FileFlags::FILE_FLAGS_NULL_IF_NOT_EXISTS);
            bytes += handle ? handle->GetFileSize() : 0;
        }
    } catch (const std::exception& problem) {
        throw TranslateError(duckdb::ErrorData(problem));
    }
    return bytes;
}

void RemoveFile(Session& session, const std::string& path) {
    try {
        duckdb::FileSystem::GetFileSystem(*session.Raw().context).TryRemoveFile(path);
    } catch (const std::exception& problem) {
        throw TranslateError(duckdb::ErrorData(problem));
    }
}

} // namespace freshet
