#include "refresh/compute.hpp"

#include "refresh/edit_task.hpp"
#include "refresh/evaluation.hpp"
#include "refresh/refill_reason.hpp"
#include "refresh/result_types.hpp"
#include "refresh/try_by_change.hpp"
#include "refresh/what_changed.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Computes one edit, step by step.
class EditComputation {
public:
    EditComputation(Session& session, const Pass& pass, const ComputeRequest& request)
        : task_(session, pass, request) {}

    Edit Run() {
        Stopwatch watch;
        task_.Prepare();
        if (task_.request.leave_empty) {
            CreateEmpty();
        } else if (task_.request.keep_content) {
            KeepContent();
        } else if (DecideToRefill() || DecideFull()) {
            Evaluate(task_);
        } else if (std::string changed = WhatChanged(task_);
                   changed.empty() ? !NoData(task_) : !TryByChange(task_, changed)) {
            Evaluate(task_);
        }
        task_.edit.compute_ms = watch.Milliseconds();
        return std::move(task_.edit);
    }

private:
    /// Whether what is stored can't be built on, and why.
    bool DecideToRefill() {
        task_.edit.target = TargetFor();
        std::string reason = RefillReason(task_);
        if (reason.empty()) {
            return false;
        }
        task_.edit.action = "REINITIALIZE";
        task_.edit.reason = reason;
        task_.edit.frontier_moves = true;
        return true;
    }

    /// Definitions and wishes that ask for a whole evaluation, whatever changed.
    bool DecideFull() {
        task_.edit.action = "FULL";
        task_.edit.reason = task_.request.full ? "asked for" : WhyAlwaysEvaluated();
        return !task_.edit.reason.empty();
    }

    std::string WhyAlwaysEvaluated() {
        const Definition& definition = *task_.node.definition;
        if (!definition.VolatileFunctions().empty()) {
            return definition.VolatileFunctions()[0].name + " gives another value at every evaluation";
        }
        if (!definition.WithoutFeed().empty()) {
            return definition.WithoutFeed()[0].name + " has no change feed";
        }
        bool by_time = !definition.TimeFunctions().empty() && (task_.node.table.options.Mode() == RefreshMode::Full ||
                                                               task_.GetAnalysis().mode != "INCREMENTAL");
        return by_time ? task_.TimeMoved() : "";
    }

    /// What must become of the result table so that it has the query's columns.
    TargetChange TargetFor() {
        if (task_.edit.target_id < 0) {
            return TargetChange::Create;
        }
        std::vector<Column> stored = task_.StoredColumns();
        if (stored == task_.edit.columns) {
            return TargetChange::Keep;
        }
        bool widens = stored.size() == task_.edit.columns.size();
        for (size_t i = 0; widens && i < stored.size(); i++) {
            widens =
                stored[i].name == task_.edit.columns[i].name &&
                (stored[i].type == task_.edit.columns[i].type || Widens(stored[i].type, task_.edit.columns[i].type));
        }
        return widens ? TargetChange::Widen : TargetChange::Recreate;
    }

    void CreateEmpty() {
        task_.edit.action = "NO_DATA";
        task_.edit.strategy = "created";
        task_.edit.reason = "INITIALIZE = ON_SCHEDULE: the first refresh fills it";
        task_.edit.target = task_.edit.target_id < 0 ? TargetChange::Create : TargetChange::Recreate;
        Frontier empty;
        empty.generation = task_.edit.before.generation;
        empty.inputs = task_.inputs.versions;
        task_.edit.after = empty;
        task_.edit.frontier_moves = true;
    }

    void KeepContent() {
        bool kept = !DecideToRefill() && !DecideFull() && WhatChanged(task_).empty() && NoData(task_);
        if (kept && task_.request.move_frontier && !task_.edit.frontier_moves) {
            task_.FillFrontier();
            task_.edit.reason += "; the frontier moved past what maintenance did";
            kept = MoveFrontier(task_);
        }
        if (!kept) {
            throw HasChanges(task_.node.table.name.Text() + " has to be refreshed");
        }
    }

    EditTask task_;
};

const char* HintFor(const EngineError& error) {
    if (error.Type() == "Conversion") {
        return "correct the rows that it reads, or use TRY_CAST in the query, which gives NULL for what can't be "
               "converted";
    }
    if (error.Message().find("File name too long") != std::string::npos) {
        return "give the table a shorter name: its files lie in a folder of that name";
    }
    if (error.Message().find("Failed to read inlined data") != std::string::npos) {
        return "no client can read rows of a source that lie in the catalog: docs/explanation/ducklake.md";
    }
    if (LacksMemory(error)) {
        return "raise engine.memory_limit, or make room in engine.temp_directory";
    }
    return error.Type() == "IO" || error.Type() == "HTTP"
               ? "see that the lake's files are there and can be read, and that there is room"
               : "correct the rows that it reads, or the query";
}

} // namespace

bool LacksMemory(const EngineError& error) {
    return error.Type() == "Out of Memory";
}

std::string EditPrefix(const DynamicTable& table) {
    return "freshet_" + table.id;
}

Error EvaluationFailed(const DynamicTable& table, const EngineError& error) {
    if (error.GetCode() == Code::Interrupted) {
        return {error.GetCode(), fmt::format("refresh of {} was interrupted; nothing was written", table.name.Text())};
    }
    std::string message = error.Message().substr(0, error.Message().find('\n'));
    return {Code::RefreshFailed, fmt::format("refresh of {} failed: {}", table.name.Text(), message), HintFor(error)};
}

std::string ContentAfter(const Edit& edit) {
    std::string columns = ColumnList(edit.columns);
    std::string in = fmt::format("SELECT {} FROM {}", columns, TempSql(edit.rows.in));
    bool all_new = edit.delete_all || edit.target == TargetChange::Create || edit.target == TargetChange::Recreate;
    if (all_new && !edit.rows.in.empty()) {
        return in;
    }
    std::string kept = fmt::format("SELECT {} FROM {} AS t", columns, edit.stored);
    if (!edit.rows.out.empty()) {
        kept += fmt::format(" ANTI JOIN {} AS o ON {}", TempSql(edit.rows.out), edit.rows.is_out);
    }
    return edit.rows.in.empty() ? kept : kept + " UNION ALL " + in;
}

Edit ComputeEdit(Session& session, const Pass& pass, const ComputeRequest& request) {
    return EditComputation(session, pass, request).Run();
}

} // namespace freshet
