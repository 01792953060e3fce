#pragma once

#include "lake/catalog.hpp"
#include "lake/written_files.hpp"

#include <functional>
#include <string>
#include <vector>

namespace freshet {

/// How a window of changes was read. All are exact where they apply; they differ in cost.
enum class FeedMethod {
    Unchanged,         ///< the change log shows no insert and no delete: nothing is read
    AppendOnly,        ///< no deletes in the window: rows at `to` that were written after `from`
    ByPosition,        ///< rows deleted in the window, read at `from` by the positions in delete files
    Feed,              ///< ducklake_table_insertions/deletions, deletions grouped by physical identity
    VersionDifference, ///< difference of the two versions by physical identity, or else by value
};
std::string FeedMethodName(FeedMethod method);

struct FeedRequest {
    TableName table;         ///< its name at `to`
    TableName table_at_from; ///< its name at `from` (RENAME keeps the id)
    int64_t table_id = 0;
    Snapshot from = 0;                ///< exclusive: content at `from` is what was consumed
    Snapshot to = 0;                  ///< inclusive
    std::vector<std::string> columns; ///< names of needed columns at `to` ...
    /// ... and their names at `from`, same order (renames keep ids); empty for a column added since, whose value at
    /// `from` is its default: only methods that read everything as at `to` can tell that.
    std::vector<std::string> columns_at_from;
    std::string weight = "w"; ///< name of the weight's column: one that no needed column has
    TableChanges changes;     ///< of the window, from the change log
    /// Deletes were committed after `to`: DuckLake stamps some of them with older snapshots, inside the window (A11).
    bool deleted_later = false;
    bool from_exists = false; ///< the caller has just seen snapshot `from`
    /// Of this table in the window; from a caller that asks for the files of several tables at once, and once.
    std::function<WrittenFiles()> written;
    int64_t rows_at_from = 0;        ///< count(*) recorded by the frontier
    std::optional<FeedMethod> force; ///< tests and the bench choose a method; there is no fallback then
};

/// What the window holds. When `usable` is false nothing may be built on it: recompute.
struct FeedResult {
    bool usable = false;
    std::string problem; ///< why not usable, fit for a refresh's reason
    FeedMethod method = FeedMethod::Unchanged;
    std::string note;     ///< a fallback that was taken and why, for the reason
    int64_t inserted = 0; ///< raw rows before netting
    int64_t deleted = 0;
    int64_t rows_at_to = 0; ///< count(*) at `to`, checked: rows_at_from + inserted - deleted
};

/// Reads the net change of one table into TEMP table `target` (a plain name): the requested columns (names and types as
/// at `to`) and the weight TINYINT: +1 inserted, -1 deleted; one physical row per copy (weights are never other than
/// +-1), netted by value over the requested columns. The table is created also when the window is empty; when the
/// result is not usable its content means nothing, or it doesn't exist.
///
/// Checks what it stands on first: `from` exists and count(*) at `from` is `rows_at_from`; and after reading:
/// rows_at_from + inserted - deleted = count(*) at `to`, counted before netting. Where nothing but inserts was
/// committed, what was consumed can't have changed, and the rows read are checked against what DuckLake's metadata says
/// was written: that opens no file. Takes the cheapest method that applies
/// to the window, falls back to the next where its sum fails, and gives up (usable = false) where the old version is
/// gone or rewritten. Must run in a transaction that has written nothing to the lake and has called
/// CurrentSnapshot(), which is `to` or later.
FeedResult ReadChanges(Session& session, const FeedRequest& request, const std::string& target);

} // namespace freshet
