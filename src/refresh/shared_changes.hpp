#pragma once

#include "lake/change_feed.hpp"

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace freshet {

/// Changes of sources that several tables of a run read: each window is read once. They stay in TEMP tables until
/// Drop(). Lives for one run, in whose session it reads.
class SharedChanges {
public:
    struct Change {
        FeedResult result;
        std::string table; ///< plain name of a TEMP table with the requested columns, others perhaps, and the weight
    };

    explicit SharedChanges(Session& session) : session_(session) {}

    /// `sources`: what more than one table of the run reads.
    void Expect(std::set<TableName> sources) { sources_ = std::move(sources); }
    bool Concerns(const TableName& table) const { return sources_.count(table) > 0; }
    /// As ReadChanges() does, in the open transaction. What was read before is read again only for columns that it
    /// lacks, or where rows were netted over other columns.
    Change Read(const FeedRequest& request);
    /// Outside a transaction, which could roll back. Where it fails the session is one that failed.
    void Drop();

private:
    struct Entry {
        FeedRequest request;
        Change change;
        /// No two of its rows cancel out, so that fewer columns need no other netting.
        bool OneSign() const { return change.result.inserted == 0 || change.result.deleted == 0; }
    };

    bool Serves(const Entry& entry, const FeedRequest& wanted) const;
    /// The request with the columns that were read before besides, if they can be read together.
    FeedRequest Widened(const FeedRequest& request) const;

    Session& session_;
    std::set<TableName> sources_;
    std::vector<Entry> entries_;
    std::vector<std::string> tables_; ///< to be dropped
    int64_t rolled_back_ = 0;         ///< the session's count when the entries were read
};

} // namespace freshet
