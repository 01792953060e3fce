#include "refresh/edit_task.hpp"

#include "lake/whole_table.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/result_types.hpp"

#include <fmt/format.h>
#include <mutex>

namespace freshet {

void EditTask::Prepare() {
    if (!node.definition) {
        throw *node.error;
    }
    ApplySettings(session, node.table.settings);
    if (node.definition->CutsRowsInside()) {
        session.AvoidJoinFilters();
    }
    edit.table = node.table;
    edit.read_at = CurrentSnapshot(session);
    edit.before = ReadFrontier(session, node.table.id);
    edit.new_state = edit.before.generation == 0 && !edit.before.damaged;
    if (auto target = FindTable(session, node.table.name, edit.read_at)) {
        edit.target_id = target->id;
    }
    edit.stored = WholeTableWithPlaces(session, node.table.name, edit.read_at);
    CheckStillFree();
    CheckNotPassed();
    inputs = ResolveInputs(session, pass, node, edit.read_at);
    bool timely = !node.definition->TimeFunctions().empty();
    now = timely ? std::optional(pass.data_timestamp) : std::nullopt;
    BoundQuery bound = OnceOrAnew(&Derived::result, [&] { return BindResult(); });
    edit.columns = bound.columns;
    NoteReads(bound, inputs);
    FillFrontier();
}

/// Binding sees today's catalog, and content never goes back: neither fits an S that the lake has left behind.
void EditTask::CheckNotPassed() {
    Snapshot snapshot = pass.data_snapshot;
    if (edit.before.data_snapshot > snapshot) {
        throw StaleSnapshot(node.table.name.Text() + " was refreshed to a newer snapshot meanwhile");
    }
    bool moved = edit.read_at > snapshot;
    if (moved && ChangeLog::Remembered(session, snapshot, edit.read_at).AnyDefinitionChange(session)) {
        throw StaleSnapshot("tables or views were created, altered or dropped during the refresh");
    }
}

/// Another process may have made a table of that name since CREATE was checked.
void EditTask::CheckStillFree() const {
    if (request.create && edit.new_state && !request.adopt && edit.target_id >= 0) {
        throw Error(Code::AlreadyExists, fmt::format("{} was created meanwhile", node.table.name.Text()),
                    "use CREATE OR REPLACE DYNAMIC TABLE, or IF NOT EXISTS");
    }
}

/// The same error, but with its place in the user's text, if binding that gives it too.
void EditTask::ThrowBindError(const EngineError& error) {
    Source source = DefinitionSource(node.table);
    try {
        BindDefinition(session, *node.definition, {node.table.definition, 0}, source);
    } catch (const Error& placed) {
        bool gone = placed.GetCode() == Code::UnknownColumn || placed.GetCode() == Code::UnknownTable ||
                    placed.GetCode() == Code::UnknownSchema;
        Error thrown(gone && !request.create ? Code::SourceGone : placed.GetCode(), placed.Message(), placed.Hint());
        throw placed.Where() ? thrown.At(*placed.Where()) : thrown;
    }
    throw Error(error.GetCode() == Code::Interrupted ? error.GetCode() : Code::RefreshFailed, error.Message());
}

BoundQuery EditTask::BindResult() {
    BoundQuery bound;
    try {
        bound = BindQuery(session, node.definition->VersionedSql(inputs.ForBinding(), now));
        bound.columns = WithTableNames(bound.columns, node.table.column_names);
    } catch (const EngineError& error) {
        if (error.IsConflict()) {
            throw;
        }
        ThrowBindError(error);
    }
    CheckResultColumns(bound.columns);
    return bound;
}

std::string EditTask::KnownFingerprint() {
    if (!node.derived) {
        return MeaningFingerprint(session, *node.definition, node.table.settings);
    }
    std::lock_guard lock(node.derived->mutex);
    if (!node.derived->fingerprint) {
        node.derived->fingerprint = MeaningFingerprint(session, *node.definition, node.table.settings);
    }
    return *node.derived->fingerprint;
}

std::vector<Column> EditTask::StoredColumns() {
    return OnceOrAnew(&Derived::stored,
                      [&] { return ResultColumns(session, "SELECT * FROM " + node.table.name.Sql()); });
}

void EditTask::FillFrontier() {
    edit.after = edit.before;
    edit.after.data_snapshot = pass.data_snapshot;
    edit.after.data_timestamp = pass.data_timestamp;
    edit.after.evaluated_at = now;
    edit.after.fingerprint = KnownFingerprint();
    edit.after.inputs = inputs.versions;
    edit.after.repair.clear();
}

const Analysis& EditTask::GetAnalysis() {
    if (!analysis_) {
        analysis_ = Analyze(session, node);
    }
    return *analysis_;
}

const Experience& EditTask::GetExperience() {
    if (!experience_) {
        experience_ = request.experience ? request.experience() : Experience{};
    }
    return *experience_;
}

std::optional<double> EditTask::Threshold() const {
    bool free_choice = node.table.options.Mode() == RefreshMode::Auto;
    return free_choice ? node.table.options.cardinality_threshold : std::nullopt;
}

std::string EditTask::WhyAutoDoesNot() {
    return node.table.options.Mode() == RefreshMode::Auto ? GetAnalysis().WhyAutoDoesNot() : "";
}

} // namespace freshet
