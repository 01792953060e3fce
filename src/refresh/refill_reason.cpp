#include "refresh/refill_reason.hpp"

#include "lake/row_count.hpp"
#include "refresh/lake_state.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Did anybody but the commit that the frontier stands for write the result table?
std::string ForeignWrite(EditTask& task) {
    auto at_commit = FindTable(task.session, task.node.table.name, task.edit.before.committed);
    if (at_commit && at_commit->id != task.edit.target_id) {
        return "the table was replaced outside Freshet";
    }
    ChangeLog log = ChangeLog::Remembered(task.session, task.edit.before.committed, task.edit.read_at);
    TableChanges changes = log.Of(task.edit.target_id);
    if (changes.Data() && !changes.gaps) {
        return "the table was changed outside Freshet";
    }
    for (const auto& companion : task.edit.before.companions) {
        auto info = FindTable(task.session, {kOwnSchema, companion.table}, task.edit.read_at);
        if (!info || (log.Of(info->id).Data() && !log.Of(info->id).gaps)) {
            return "its accumulators were changed outside Freshet";
        }
    }
    if (changes.Any()) {
        int64_t rows = CountRows(task.session, task.node.table.name, task.edit.target_id, task.edit.read_at);
        if (rows != task.edit.before.row_count) {
            return fmt::format("the table was changed outside Freshet: it has {} rows instead of {}", rows,
                               task.edit.before.row_count);
        }
    }
    return "";
}

} // namespace

std::string RefillReason(EditTask& task) {
    if (task.request.adopt) {
        return "adopted the table that existed";
    }
    if (task.request.create && task.edit.new_state) {
        return "first fill";
    }
    if (task.edit.before.damaged) {
        return "its state was changed outside Freshet";
    }
    if (!task.edit.before.Filled()) {
        return "first fill";
    }
    if (task.edit.target == TargetChange::Create) {
        return "the table was dropped outside Freshet: created again";
    }
    if (!task.edit.before.repair.empty()) {
        return task.edit.before.repair;
    }
    if (std::string reason = ForeignWrite(task); !reason.empty()) {
        return reason;
    }
    bool same_meaning = task.edit.before.fingerprint == task.edit.after.fingerprint;
    std::string replaced = InputsReplaced(task.edit.before, task.inputs.versions);
    bool same_text = HasText(task.edit.before.fingerprint, *task.node.definition, task.node.table.settings);
    if (!replaced.empty() && (same_meaning || same_text)) {
        return replaced;
    }
    if (!same_meaning) {
        return task.request.create ? "the definition was changed"
                                   : "the definition, or a view or macro that it uses, was changed";
    }
    if (task.edit.target != TargetChange::Keep) {
        return "the columns of the result changed";
    }
    return "";
}

} // namespace freshet
