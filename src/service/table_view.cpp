#include "service/table_view.hpp"

namespace freshet {

namespace {

TableView ViewOf(const WatchedTable& watched, const Progress& progress, const FailureNote& note, Timestamp now) {
    const TableOptions& options = watched.table.options;
    TableView view;
    view.id = watched.table.id;
    view.parents = watched.parents;
    if (options.target_lag && !options.target_lag->downstream) {
        view.lag_seconds = options.target_lag->seconds;
    }
    view.priority = options.Priority();
    view.retries = options.Retries();
    view.suspended = watched.table.suspended != Suspension::None;
    view.definition_version = watched.table.definition_version;
    view.data_snapshot = progress.data_snapshot;
    view.data_timestamp = progress.data_timestamp;
    view.age = now - progress.data_timestamp;
    view.always_changes = watched.always_changes;
    if (note.definition_version == watched.table.definition_version) {
        view.failed = {note.failures, note.retries};
        view.failed_at = note.noted_at;
        view.retry_in = note.retry_at - now;
    }
    return view;
}

} // namespace

TablesSeen ViewsOf(const std::map<std::string, WatchedTable>& watched, const std::vector<StoredTable>& stored,
                   const std::vector<FailureNote>& failures, Timestamp now) {
    std::map<std::string, FailureNote> notes;
    for (const FailureNote& note : failures) {
        notes[note.table_id] = note;
    }
    TablesSeen seen;
    for (const StoredTable& table : stored) {
        auto known = watched.find(table.id);
        if (known != watched.end()) {
            seen.tables.push_back(ViewOf(known->second, table.progress, notes[table.id], now));
        }
    }
    return seen;
}

} // namespace freshet
