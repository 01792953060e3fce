#pragma once

#include "lake/catalog.hpp"

#include <cstdint>

namespace freshet {

/// The live files of a table as DuckLake's metadata has them, and which of them compaction could do something about.
struct FileLayout {
    int64_t files = 0;
    int64_t bytes = 0;
    int64_t small = 0;   ///< below kSmallFile, and without deleted rows: merging takes no others
    int64_t nibbled = 0; ///< below kSmallFile, and at least kNibbledShare of their rows are deleted
    int64_t worn = 0;    ///< of any size, and at least kWornShare of their rows are deleted
    int64_t inlined = 0; ///< rows and deletions that are in the catalog instead of files

    /// A merge that saves a file or two isn't worth a snapshot.
    bool WorthMerging() const { return small >= kManySmall; }
    bool WorthRewriting() const { return worn > 0 || nibbled >= kManySmall; }
    bool WorthFlushing() const { return inlined > 0; }
    bool WorthAnything() const { return WorthMerging() || WorthRewriting() || WorthFlushing(); }

    bool operator==(const FileLayout&) const = default;

    static constexpr int64_t kSmallFile = int64_t{32} << 20;
    static constexpr int64_t kManySmall = 8;
    static constexpr double kNibbledShare = 0.05;
    static constexpr double kWornShare = 0.5;
};

/// In a transaction that has called CurrentSnapshot().
FileLayout ReadFileLayout(Session& session, int64_t table_id);

/// DuckLake's compactions of one table, each a commit of its own where there is something to do. No row changes, and
/// no row's version; a merge leaves the snapshot that wrote a row as it is, a rewrite doesn't. Throw EngineError, for
/// which IsConflict() holds if another writer was faster.
void FlushInlinedRows(Session& session, const TableName& table);
/// The files of which at least that share is deleted. Who reads DuckLake's change feed sees each of their rows deleted
/// and inserted, which nets to nothing.
void RewriteFiles(Session& session, const TableName& table, double deleted_share);
/// The files below kSmallFile: what has grown beyond it is not written again and again.
void MergeSmallFiles(Session& session, const TableName& table);

} // namespace freshet
