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
/// definition, its settings or the lake's schema change. Part of EngineMemory; thread-safe.
class Meanings {
public:
    /// The node of a table under a schema version, if it was kept.
    std::optional<TableNode> Find(const DynamicTable& table, int64_t schema_version);
    /// Keeps a node, unless what it means depends on more than the lake's schema. Gives it its `derived`.
    void Keep(TableNode& node, int64_t schema_version);

private:
    struct Entry {
        int64_t schema_version = 0;
        TableNode node;
    };
    std::mutex mutex_;
    std::map<std::string, Entry> entries_; ///< by table id
};

} // namespace freshet
