#pragma once

#include "lake/catalog_memory.hpp"
#include "refresh/dependencies.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// A dynamic table as the watch understands it.
struct WatchedTable {
    DynamicTable table;
    std::vector<std::string> parents; ///< ids of the dynamic tables that it reads directly
    std::set<TableName> sources;      ///< tables that it reads, directly or not, dynamic ones included
    bool always_changes = false;      ///< the change log doesn't tell: now(), random(), tables of other databases
    std::shared_ptr<Derived> meaning; ///< another one: the definition means something else now; null: not kept
};

/// What a look at the lake brought.
struct LakeNews {
    Snapshot newest = kNoSnapshot;
    bool definitions_changed = false;                      ///< Tables() may be new; true at the first look
    std::vector<std::pair<std::string, Snapshot>> changed; ///< table ids, and the snapshot that changed what they read
};

/// Notices what others commit, without reading any data: while nothing happens a look is one query for the newest
/// snapshot id; else the commits since the last look are read from the change log. DDL that no definition has to do
/// with concerns nobody. Says rather too often than too rarely that something has changed. One thread at a time.
class LakeWatch {
public:
    /// Throws EngineError where the lake can't be read; then nothing has been noticed, and the next look tells it.
    LakeNews Look(Session& session);

    /// By id, as of the last look.
    const std::map<std::string, WatchedTable>& Tables() const { return tables_; }

private:
    /// Reads them again. Calls those tables changed that are new, or defined otherwise, or that read such a table.
    void ReadDefinitions(Session& session, LakeNews& news);
    bool IsOther(const WatchedTable& table) const;
    void AddChanges(Session& session, Snapshot after, LakeNews& news);
    void Mark(const TableName& source, Snapshot at, LakeNews& news) const;
    void MarkAll(Snapshot at, LakeNews& news) const;

    Snapshot seen_ = kNoSnapshot;
    std::map<std::string, WatchedTable> tables_;
    std::map<TableName, std::set<std::string>> readers_; ///< source -> ids of the tables that read it
    std::map<TableName, std::string> results_;           ///< result table -> id
};

} // namespace freshet
