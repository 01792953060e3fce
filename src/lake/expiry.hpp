#pragma once

#include "base/clock.hpp"
#include "lake/catalog.hpp"

#include <string>
#include <vector>

namespace freshet {

/// What follows reads and writes in the session's transaction, which has called CurrentSnapshot(), and does nothing
/// that lasts before its commit, but for the removal of files.

/// Snapshots below `below` that were committed before `until`, ascending; never the newest.
std::vector<Snapshot> SnapshotsBefore(Session& session, Snapshot below, Timestamp until);
/// The oldest snapshot committed at `since` or later; the newest if all are older.
Snapshot OldestSince(Session& session, Timestamp since);
/// Forgets these versions of all tables. What only they needed is scheduled for deletion.
void ExpireSnapshots(Session& session, const std::vector<Snapshot>& snapshots);

/// Files that were scheduled for deletion before `until`, and what to ask DuckLake for to have those removed: on some
/// catalogs its comparison of times is coarse (by days on SQLite), so that the bound may have to be older than `until`.
struct OldFiles {
    int64_t count = 0;
    Timestamp older_than = 0;
    int64_t waiting = 0; ///< scheduled, but not to be removed yet
};
OldFiles FindOldFiles(Session& session, Timestamp until);
void RemoveOldFiles(Session& session, const OldFiles& files);

/// Files below the data path that have names as DuckLake gives them, were last written before `until`, and are known to
/// no snapshot: what a writer left that never came to its commit.
std::vector<std::string> FindOrphans(Session& session, Timestamp until);
/// Another process may have removed some by now.
int64_t TotalBytes(Session& session, const std::vector<std::string>& files);
/// Throws EngineError where a file can't be removed. One that is gone already is not missed.
void RemoveFile(Session& session, const std::string& path);

} // namespace freshet
