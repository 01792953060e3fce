#include "refresh/guessed_changes.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

bool MetadataTells(const TableChanges& changes) {
    return !changes.gaps && !changes.rewritten && !changes.merged && !changes.flushed;
}

void Add(const InputVersion& input, bool deleted, const WrittenFiles& written, delta::SourceInterval& source,
         InputChanges& changes) {
    source.inserted = written.rows;
    // DuckLake extends delete files and leaves their begin: what was deleted follows from what is left.
    source.deleted = deleted ? std::max<int64_t>(0, source.rows + written.rows - written.live) : 0;
    if (source.inserted + source.deleted == 0) { // rows in the catalog have no file: few, but some
        source.inserted = 1;
    }
    source.rows += source.inserted - source.deleted;
    changes.rows += source.inserted + source.deleted;
    changes.summary += fmt::format("{}{} about +{} -{}", changes.summary.empty() ? "" : ", ", input.name.Text(),
                                   source.inserted, source.deleted);
}

} // namespace

InputChanges GuessInputChanges(Session& session, const plan::Query& query, const Frontier& before,
                               const Inputs& inputs) {
    InputChanges changes;
    using Window = std::pair<Snapshot, Snapshot>;
    std::map<size_t, std::pair<Window, TableChanges>> changed; // by source
    std::map<Window, std::vector<int64_t>> tables;
    for (const auto& source : query.sources) {
        const InputVersion& input = InputOf(inputs.versions, source.table);
        const InputVersion& then = InputOf(before.inputs, source.table);
        changes.sources.emplace_back().rows = then.rows;
        TableChanges log = ChangeLog::Remembered(session, then.version, input.version).Of(input.table_id);
        if (input.own_commit || then.rows < 0 || !MetadataTells(log)) {
            changes.usable = false;
            return changes;
        }
        if (log.Data()) {
            Window window(then.version, input.version);
            changed.emplace(changes.sources.size() - 1, std::pair(window, log));
            tables[window].push_back(input.table_id);
        }
    }
    for (const auto& [window, ids] : tables) {
        changes.written[window] = ReadWrittenFiles(session, ids, window.first, window.second);
    }
    for (const auto& [i, change] : changed) {
        const auto& [window, log] = change;
        const InputVersion& input = InputOf(inputs.versions, query.sources[i].table);
        Add(input, log.deleted, changes.written[window][input.table_id], changes.sources[i], changes);
    }
    return changes;
}

} // namespace freshet
