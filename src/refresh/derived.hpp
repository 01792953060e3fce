#pragma once

#include "refresh/compute.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What follows from a definition under one version of the lake's schema. Each part is found out when it is first
/// wanted. Shared by sessions: take the mutex.
struct Derived {
    std::mutex mutex;
    std::shared_ptr<const Analysis> analysis;
    std::optional<std::string> fingerprint;
    std::optional<BoundQuery> result;          ///< columns that the query gives, and those that it reads
    std::optional<std::vector<Column>> stored; ///< columns that the result table has
};

/// Definitions that are understood, so that a refresh need not parse, bind and translate them again. Valid until the
/// definition or its settings change, or a table is created, dropped, renamed or altered whose name it, or a view or
/// macro that it goes through, holds; any other DDL makes all of them invalid. Part of EngineMemory; thread-safe.
class Meanings {
public:
    /// The node of a table as the session's transaction sees the lake, if it was kept.
    std::optional<TableNode> Find(Session& session, const DynamicTable& table);
    /// Keeps a node, unless what it means depends on more than the lake's schema. Gives it its `derived`.
    void Keep(Session& session, TableNode& node);

private:
    struct Entry {
        int64_t schema_version = 0;
        Snapshot at = kNoSnapshot; ///< a snapshot of that version
        TableNode node;
    };
    /// What DDL between two schema versions was about.
    struct Touched {
        int64_t from = -1;
        int64_t to = -1;
        std::optional<std::vector<TableName>> tables; ///< nothing: it may concern any definition
    };
    const Touched& TouchedSince(Session& session, const Entry& entry, int64_t version, Snapshot now);

    Touched touched_; ///< the last that was asked for: that of all tables, as a rule
    std::mutex mutex_;
    std::map<std::string, Entry> entries_; ///< by table id
};

} // namespace freshet
