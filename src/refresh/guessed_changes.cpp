#include "refresh/guessed_changes.hpp"

#include "lake/change_estimate.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

bool MetadataTells(const TableChanges& changes) {
    return !changes.gaps && !changes.rewritten && !changes.merged && !changes.flushed;
}

void Add(const InputVersion& input, const EstimatedChange& estimate, delta::SourceInterval& source,
         InputChanges& changes) {
    // Rows in the catalog have no file: few, but some.
    source.inserted = estimate.inserted + estimate.deleted == 0 ? 1 : estimate.inserted;
    source.deleted = estimate.deleted;
    source.rows += source.inserted - source.deleted;
    changes.rows += source.inserted + source.deleted;
    changes.summary += fmt::format("{}{} about +{} -{}", changes.summary.empty() ? "" : ", ", input.name.Text(),
                                   source.inserted, source.deleted);
}

} // namespace

InputChanges GuessInputChanges(Session& session, const plan::Query& query, const Frontier& before,
                               const Inputs& inputs) {
    InputChanges changes;
    std::vector<ChangeWindow> windows;
    std::vector<size_t> changed;
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
            windows.push_back({input.table_id, then.version, input.version, then.rows});
            changed.push_back(changes.sources.size() - 1);
        }
    }
    std::vector<EstimatedChange> estimates = EstimateChanges(session, windows);
    for (size_t i = 0; i < estimates.size(); i++) {
        const InputVersion& input = InputOf(inputs.versions, query.sources[changed[i]].table);
        Add(input, estimates[i], changes.sources[changed[i]], changes);
    }
    return changes;
}

} // namespace freshet
