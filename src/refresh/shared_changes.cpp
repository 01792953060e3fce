#include "refresh/shared_changes.hpp"

#include "refresh/difference.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Does the window hold nothing but inserts? Then what was consumed can't have changed: deletes may be stamped with
/// older snapshots than that of their commit (A11).
bool OnlyInserts(const FeedRequest& window) {
    TableChanges others = window.changes;
    others.inserted = false;
    return !others.Any() && !window.deleted_later;
}

/// Tables that were refreshed one after another begin at different snapshots, though nothing may have happened to the
/// source between these.
bool BeginAlike(Session& session, const FeedRequest& a, const FeedRequest& b) {
    auto [first, last] = std::minmax(a.from, b.from);
    return first == last ||
           (OnlyInserts(a) && OnlyInserts(b) && !ChangeLog::Remembered(session, first, last).Of(a.table_id).Any());
}

/// Beside the columns, on which more than one request of a window may differ.
bool IsSameWindow(Session& session, const FeedRequest& a, const FeedRequest& b) {
    return a.table == b.table && a.table_at_from == b.table_at_from && a.table_id == b.table_id && a.to == b.to &&
           a.rows_at_from == b.rows_at_from && a.weight == b.weight && BeginAlike(session, a, b);
}

std::set<std::string> Columns(const FeedRequest& request) {
    return {request.columns.begin(), request.columns.end()};
}

} // namespace

bool SharedChanges::Serves(const Entry& entry, const FeedRequest& wanted) const {
    if (!IsSameWindow(session_, entry.request, wanted)) {
        return false;
    }
    std::set<std::string> held = Columns(entry.request), needed = Columns(wanted);
    return held == needed || (entry.OneSign() && std::includes(held.begin(), held.end(), needed.begin(), needed.end()));
}

FeedRequest SharedChanges::Widened(const FeedRequest& request) const {
    FeedRequest wide = request;
    for (const Entry& entry : entries_) {
        if (!IsSameWindow(session_, entry.request, request) || !entry.OneSign()) {
            continue;
        }
        for (size_t i = 0; i < entry.request.columns.size(); i++) {
            const std::string& name = entry.request.columns[i];
            if (std::find(wide.columns.begin(), wide.columns.end(), name) == wide.columns.end()) {
                wide.columns.push_back(name);
                wide.columns_at_from.push_back(entry.request.columns_at_from[i]);
            }
        }
    }
    return wide;
}

SharedChanges::Change SharedChanges::Read(const FeedRequest& request) {
    if (rolled_back_ != session_.RolledBack()) { // what was read is gone, some of it at least
        entries_.clear();
        rolled_back_ = session_.RolledBack();
    }
    auto known =
        std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return Serves(entry, request); });
    if (known != entries_.end()) {
        return known->change;
    }
    Entry entry{Widened(request), {{}, fmt::format("freshet_shared_{}_{}", request.table_id, tables_.size())}};
    tables_.push_back(entry.change.table);
    entry.change.result = ReadChanges(session_, entry.request, entry.change.table);
    entry.request.written = {}; // its caller's, who goes
    if (entry.change.result.usable) {
        entries_.push_back(entry);
    }
    return entry.change;
}

void SharedChanges::Drop() {
    try {
        for (const auto& table : tables_) {
            session_.Query("DROP TABLE IF EXISTS " + TempSql(table));
        }
    } catch (const EngineError&) { // what the run has done is done
    }
    tables_.clear();
    entries_.clear();
}

} // namespace freshet
