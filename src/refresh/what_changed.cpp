#include "refresh/what_changed.hpp"

#include "lake/row_count.hpp"

#include <algorithm>
#include <set>

namespace freshet {

namespace {

Snapshot WindowStart(EditTask& task, const InputVersion& before) {
    return std::max(before.version, task.request.unchanged_until);
}

bool IsMaintained(const TableChanges& changes) {
    return changes.rewritten || changes.merged || changes.flushed;
}

/// Maintenance changes no row, unless what readers saw was wrong before (docs/explanation/ducklake.md).
bool HasOtherRows(EditTask& task, const InputVersion& input, const InputVersion& before) {
    return before.rows >= 0 && CountRows(task.session, input.name, input.table_id, input.version) != before.rows;
}

bool Changed(EditTask& task, const InputVersion& input, const InputVersion& before, const ChangeLog& log) {
    if (input.own_commit) {
        return true;
    }
    Snapshot start = WindowStart(task, before);
    if (start >= input.version) {
        return false;
    }
    TableChanges changes = log.Of(input.table_id, start);
    return changes.Data() || (IsMaintained(changes) && HasOtherRows(task, input, before));
}

/// "main.orders changed", for all inputs whose rows changed since the frontier, by the change log alone.
std::string ChangedInputs(EditTask& task) {
    Snapshot first = task.edit.read_at;
    for (const auto& before : task.edit.before.inputs) {
        first = std::min(first, WindowStart(task, before));
    }
    ChangeLog to_snapshot = ChangeLog::Remembered(task.session, first, task.pass.data_snapshot);
    ChangeLog to_pin = ChangeLog::Remembered(task.session, first, task.edit.read_at);
    std::string names;
    for (const auto& input : task.inputs.versions) {
        auto before = std::find_if(task.edit.before.inputs.begin(), task.edit.before.inputs.end(),
                                   [&](const auto& candidate) { return candidate.name == input.name; });
        const ChangeLog& log = input.dynamic_id.empty() ? to_snapshot : to_pin;
        if (Changed(task, input, *before, log)) {
            names += (names.empty() ? "" : ", ") + input.name.Text();
        }
    }
    return names.empty() ? "" : names + " changed";
}

bool FrontierExpired(EditTask& task) {
    std::set<Snapshot> versions;
    for (const auto& input : task.edit.before.inputs) {
        versions.insert(input.version);
    }
    return std::any_of(versions.begin(), versions.end(),
                       [&](Snapshot version) { return !SnapshotExists(task.session, version); });
}

} // namespace

std::string WhatChanged(EditTask& task) {
    std::string inputs = ChangedInputs(task);
    return inputs.empty() && task.now && task.now != task.edit.before.evaluated_at ? task.TimeMoved() : inputs;
}

bool MoveFrontier(EditTask& task) {
    task.edit.frontier_moves = true;
    CountInputs(task.session, task.edit.after.inputs);
    for (const InputVersion& input : task.edit.after.inputs) {
        auto before = std::find_if(task.edit.before.inputs.begin(), task.edit.before.inputs.end(),
                                   [&](const auto& candidate) { return candidate.name == input.name; });
        if (before == task.edit.before.inputs.end() || before->rows != input.rows) {
            task.edit.action = "REINITIALIZE";
            task.edit.reason = input.name.Text() + " has another number of rows than when it was read, though no "
                                                   "change is known: its history was rewritten";
            return false;
        }
    }
    return true;
}

bool NoData(EditTask& task) {
    task.edit.action = "NO_DATA";
    task.edit.strategy = "change log";
    task.edit.reason = "nothing that it reads changed";
    if (!FrontierExpired(task)) {
        task.edit.after = task.edit.before;
        return true;
    }
    task.edit.reason += "; the frontier moved, since versions that it names have expired";
    return MoveFrontier(task);
}

} // namespace freshet
