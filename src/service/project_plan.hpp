#pragma once

#include "base/value.hpp"
#include "project/model.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What a step of a plan does. Alter changes options or words and leaves the content alone; Refill changes the query,
/// and the content by difference; Replace is that of a view or macro.
enum class StepAction { Create, Alter, Refill, Replace, Drop };

/// "create", "alter" ...
std::string ActionText(StepAction action);

struct OptionChange {
    std::string name;
    std::string before;
    std::string after;
};

/// What becomes of a dynamic table that reads what a step changes.
struct StepEffect {
    TableName table;
    std::string what;
    bool fails = false; ///< its next refresh will
};

/// One object that is created, changed or dropped.
struct PlanStep {
    ObjectKind kind = ObjectKind::DynamicTable;
    TableName name;
    StepAction action = StepAction::Create;
    std::string reason;
    std::string
        made_by;      ///< what the step takes over: "by hand" or "by project x"; empty: nothing, or the project's own
    std::string file; ///< empty for drops
    int64_t line = 0;

    std::string mode; ///< that a dynamic table will get: INCREMENTAL or FULL
    std::string mode_reason;
    std::vector<OptionChange> changes;
    std::string text_before; ///< query, or statement of a view or macro; empty where there was none
    std::string text_after;
    std::vector<StepEffect> effects;
    std::vector<std::string> warnings;
    std::vector<TableName> reads; ///< for a first fill or refill
    int64_t rows_to_read = 0;     ///< about so many, in those of them that exist
    int64_t bytes_to_read = 0;

    // Where its text stands, for errors of apply. A plan that was read from a file knows the beginning.
    std::shared_ptr<const ModelText> model_text;
    size_t text_offset = 0; ///< of text_after in model_text
    int64_t text_line = 1;  ///< in `file`
    int64_t text_column = 1;

    // What is done.
    std::vector<std::string> column_names;
    TableOptions options;
    std::string search_path;
    std::string found;       ///< what the step was planned for, to be found again by apply; empty: nothing
    bool makes_room = false; ///< a drop that doesn't mind what reads it: an object of its name and another kind follows
    std::vector<size_t> needs; ///< steps that have to be done before
    /// Dynamic tables without a step that it reads, whose columns follow those steps once they are refreshed.
    std::vector<TableName> refresh_first;

    std::string Title() const { return KindText(kind) + " " + name.Text(); }
};

/// Everything that is to be done, so that it can be shown, kept in a file and done later, exactly so.
struct ProjectPlan {
    std::string project;
    std::vector<std::string> schemas; ///< that are created
    std::vector<PlanStep> steps;      ///< in an order in which they can be done
    int64_t unchanged = 0;
    /// Objects of the project, made by this plan or before, as "kind schema.name": what --prune may drop later.
    std::vector<std::pair<ObjectKind, TableName>> objects;
    /// Of those that were made before: no model makes them any more, they exist, and this plan doesn't drop them.
    std::vector<std::pair<ObjectKind, TableName>> orphans;

    bool Empty() const { return steps.empty() && schemas.empty(); }
};

struct PlanRequest {
    ProjectSettings project;
    std::vector<std::string> select;
    std::vector<std::string> exclude;
    bool prune = false; ///< drop what the project made and no model makes any more
};

/// How one step ended.
struct StepOutcome {
    enum class Status { Done, DoneBefore, Failed, Skipped };
    size_t step = 0;
    Status status = Status::Done;
    int64_t rows = 0; ///< written
    double duration_ms = 0;
    std::optional<Error> error;
    std::vector<std::string> warnings;
};

struct ApplyRequest {
    int64_t parallel = 4;                 ///< so many steps at a time
    std::function<bool()> stop;           ///< begin no further step
    std::function<void(size_t)> on_begin; ///< of one step; from several threads, one after the other
    std::function<void(const StepOutcome&)> on_end;
};

struct ApplyReport {
    std::vector<StepOutcome> outcomes; ///< one per step of the plan
    bool Good() const;
};

/// A plan as a file, and back. ReadPlan throws NewerProject, or StalePlan for what is no plan.
std::string WritePlan(const ProjectPlan& plan);
ProjectPlan ReadPlan(const std::string& text, const std::string& file);

} // namespace freshet
