#include "lake/change_feed.hpp"

#include "base/row_place.hpp"
#include "lake/deleted_positions.hpp"
#include "lake/feed_sql.hpp"
#include "lake/row_count.hpp"
#include "lake/staged_change.hpp"
#include "lake/written_files.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <strings.h>
#include <utility>

namespace freshet {

namespace {

/// A column that the old version doesn't have can't be read there.
bool OldVersionHasColumns(const FeedRequest& request) {
    return std::none_of(request.columns_at_from.begin(), request.columns_at_from.end(),
                        [](const std::string& name) { return name.empty(); });
}

bool Unchanged(const FeedRequest& request) {
    return request.from == request.to || !request.changes.Data();
}

/// Nothing at all was done in the window, and nothing later that could be stamped into it.
bool Untouched(const FeedRequest& request) {
    return !request.changes.Any() && !request.deleted_later;
}

/// Inserts, and nothing that could change what was there before them.
bool OnlyInserts(const FeedRequest& request) {
    const TableChanges& changes = request.changes;
    bool more = changes.deleted || changes.altered || changes.dropped || changes.rewritten || changes.merged ||
                changes.flushed || changes.gaps || request.deleted_later;
    return changes.inserted && !more;
}

/// A rewrite reports every live row, and wrong ones where deletions were inlined (A6); in a window with gaps nobody
/// knows whether there was one.
bool FeedIsExact(const TableChanges& changes) {
    return !changes.rewritten && !changes.gaps;
}

/// Compaction moves rows to other positions, a flush gives them their first one.
bool PositionsHold(const TableChanges& changes) {
    return FeedIsExact(changes) && !changes.merged && !changes.flushed;
}

bool Applies(FeedMethod method, const FeedRequest& request) {
    switch (method) {
    case FeedMethod::Unchanged:
        return Unchanged(request);
    case FeedMethod::AppendOnly:
        return !request.changes.deleted && FeedIsExact(request.changes);
    case FeedMethod::ByPosition:
        return PositionsHold(request.changes) && OldVersionHasColumns(request);
    case FeedMethod::Feed:
        return FeedIsExact(request.changes);
    case FeedMethod::VersionDifference:
        return OldVersionHasColumns(request);
    }
    return false;
}

/// A way of reading the window, with what is staged by it.
struct Attempt {
    FeedMethod method = FeedMethod::Unchanged;
    FeedSql sql;
    bool by_value = false; ///< takes all that both versions hold: the sum is right by definition, only the net counts
};

bool HasVirtualName(Session& session, const TableName& name, Snapshot at) {
    auto table = FindTable(session, name, at);
    return !table || std::any_of(table->columns.begin(), table->columns.end(), [](const ColumnInfo& column) {
        return IsRowPlace(column.name) || strcasecmp(column.name.c_str(), "snapshot_id") == 0;
    });
}

/// Does the table have, or had it, a column that hides one of the virtual columns by which rows are told apart?
bool IdentityIsHidden(Session& session, const FeedRequest& request) {
    if (!request.changes.altered) {
        return HasVirtualName(session, request.table, request.to);
    }
    return AsInt(session.QueryValue(
               fmt::format("SELECT count(*) FROM {} WHERE table_id = {} AND parent_column IS NULL "
                           "AND lower(column_name) IN ('filename', 'file_row_number', 'snapshot_id')",
                           MetadataTable("ducklake_column"), request.table_id))) > 0;
}

/// Ways to read the window, cheapest first.
std::vector<Attempt> Attempts(Session& session, const FeedRequest& request, const std::string& target) {
    std::vector<Attempt> attempts;
    auto wanted = [&](FeedMethod method) {
        return request.force.value_or(method) == method && Applies(method, request);
    };
    if (Untouched(request) && wanted(FeedMethod::Unchanged)) {
        return {{FeedMethod::Unchanged, {}}};
    }
    bool identity = !IdentityIsHidden(session, request);
    if (wanted(FeedMethod::Unchanged)) {
        attempts.push_back({FeedMethod::Unchanged, {}});
    } else if (wanted(FeedMethod::AppendOnly)) {
        attempts.push_back({FeedMethod::AppendOnly, AppendOnlySql(request, identity)});
    } else if (identity && wanted(FeedMethod::ByPosition) &&
               (request.force || !FeedOpensFarFewerFiles(session, request))) {
        if (auto sql = ByPositionSql(session, request, target)) {
            attempts.push_back({FeedMethod::ByPosition, *sql});
        }
    }
    if (wanted(FeedMethod::Feed)) {
        attempts.push_back({FeedMethod::Feed, ChangeFeedSql(request, identity)});
    }
    if (identity && wanted(FeedMethod::VersionDifference)) {
        attempts.push_back({FeedMethod::VersionDifference, IdentityDifferenceSql(request)});
    }
    if (wanted(FeedMethod::VersionDifference)) {
        attempts.push_back({FeedMethod::VersionDifference, ValueDifferenceSql(request), true});
    }
    return attempts;
}

/// Are the names at both ends those of one table? AT resolves a name as of its version, so that after a replacement it
/// finds another table there.
bool IsOneTable(Session& session, const FeedRequest& request) {
    auto is = [&](const TableName& name, Snapshot at) {
        auto table = FindTable(session, name, at);
        return table && table->id == request.table_id;
    };
    return is(request.table_at_from, request.from) && is(request.table, request.to);
}

/// Empty if version `from` is still there.
std::string Expired(Session& session, const FeedRequest& request) {
    return request.from_exists || SnapshotExists(session, request.from)
               ? ""
               : fmt::format("version {} of {} has expired", request.from, request.table.Text());
}

/// Maintenance has its own bugs in what old versions show (#1406): there a scan tells what is read.
int64_t Count(Session& session, const FeedRequest& request, const TableName& name, Snapshot at) {
    return PositionsHold(request.changes) ? CountRows(session, name, request.table_id, at)
                                          : CountRows(session, name, at);
}

/// Has a data file more than one delete file at one of the window's ends? Two transactions that deleted from it at once
/// have both committed: scans show its rows more than once, and how often in an older version changes with later
/// deletes.
bool DeletesAreDoubled(Session& session, const FeedRequest& request) {
    auto doubled = [&](Snapshot at) {
        return fmt::format(
            "EXISTS (SELECT 1 FROM {} WHERE table_id = {} AND {} GROUP BY data_file_id HAVING count(*) > 1)",
            MetadataTable("ducklake_delete_file"), request.table_id, ValidAt(at));
    };
    return AsInt(session.QueryValue(
               fmt::format("SELECT ({} OR {})::INTEGER", doubled(request.from), doubled(request.to)))) != 0;
}

/// What is wrong with the versions that the change leads from and to; empty if they are what was consumed.
std::string Foundation(Session& session, const FeedRequest& request, FeedResult& result) {
    if ((request.changes.altered || request.changes.dropped) && !IsOneTable(session, request)) {
        return fmt::format("{} is another table than at version {}", request.table.Text(), request.from);
    }
    result.rows_at_to = request.rows_at_from;
    // What rewrites history is in the log when it is committed, so an empty log needs no count.
    if (Untouched(request)) {
        return "";
    }
    if (!OnlyInserts(request) && DeletesAreDoubled(session, request)) {
        return fmt::format(
            "two deletes from a file of {} were committed at once, and its older versions are not what they "
            "were since",
            request.table.Text());
    }
    int64_t rows = Count(session, request, request.table_at_from, request.from);
    if (rows != request.rows_at_from) {
        return fmt::format("version {} of {} had {} rows when it was read and has {} now: its history was rewritten",
                           request.from, request.table.Text(), request.rows_at_from, rows);
    }
    result.rows_at_to = Count(session, request, request.table, request.to);
    return "";
}

/// Stages the attempt's rows and counts them; the reason if the sum of the window is wrong.
std::string Try(const Attempt& attempt, const FeedRequest& request, StagedChange& staged, FeedResult& result) {
    result.method = attempt.method;
    staged.Fill(attempt.sql);
    if (!staged.IsComplete()) {
        return fmt::format("{} of {} was not kept as it was read", FeedMethodName(attempt.method),
                           request.table.Text());
    }
    if (attempt.by_value) {
        staged.Net();
        staged.Recount();
    }
    result.inserted = staged.Inserted();
    result.deleted = staged.Deleted();
    int64_t sum = request.rows_at_from + result.inserted - result.deleted;
    if (sum != result.rows_at_to) {
        return fmt::format("{} leads from {} to {} rows, but version {} of {} has {}", FeedMethodName(attempt.method),
                           request.rows_at_from, sum, request.to, request.table.Text(), result.rows_at_to);
    }
    staged.Net();
    return "";
}

/// Reads a window of inserts. DuckLake's metadata must tell of as many rows in new files, none of which was merged with
/// later ones, and of no file that ended or was cut down; if not (rows in the catalog, files that were merged since),
/// false: the other ways look closer. The feed knows the files of the window; a scan for rows by their snapshot opens
/// every file of the table.
bool ReadOnlyInserts(Session& session, const FeedRequest& request, StagedChange& staged, FeedResult& result) {
    WrittenFiles files =
        request.written ? request.written()
                        : ReadWrittenFiles(session, {request.table_id}, request.from, request.to)[request.table_id];
    if (files.others > 0 || files.rows == 0) {
        return false;
    }
    result.method = FeedMethod::AppendOnly;
    session.Expect(files.rows);
    staged.Fill({Insertions(request), ""});
    result.inserted = staged.Inserted();
    result.rows_at_to = request.rows_at_from + result.inserted;
    result.usable = result.inserted == files.rows;
    return result.usable;
}

} // namespace

std::string FeedMethodName(FeedMethod method) {
    switch (method) {
    case FeedMethod::Unchanged:
        return "unchanged";
    case FeedMethod::AppendOnly:
        return "append only";
    case FeedMethod::ByPosition:
        return "by position";
    case FeedMethod::Feed:
        return "feed";
    case FeedMethod::VersionDifference:
        return "version difference";
    }
    throw Error(Code::Defect, "unknown feed method");
}

FeedResult ReadChanges(Session& session, const FeedRequest& request, const std::string& target) {
    FeedResult result;
    result.problem = Expired(session, request);
    StagedChange staged(session, request, target);
    if (!result.problem.empty() ||
        (OnlyInserts(request) && !request.force && ReadOnlyInserts(session, request, staged, result))) {
        return result;
    }
    result.problem = Foundation(session, request, result);
    if (!result.problem.empty()) {
        return result;
    }
    for (const Attempt& attempt : Attempts(session, request, target)) {
        result.note = std::exchange(result.problem, "");
        result.problem = Try(attempt, request, staged, result);
        result.usable = result.problem.empty();
        if (result.usable) {
            break;
        }
    }
    DropPositions(session, target);
    if (!result.usable) {
        result.note.clear();
        result.problem = result.problem.empty() ? "no way of reading changes applies to this window" : result.problem;
    }
    return result;
}

} // namespace freshet
