#include "refresh/compute.hpp"

#include "refresh/affected_share.hpp"
#include "refresh/by_change.hpp"
#include "refresh/cost.hpp"
#include "refresh/derived.hpp"
#include "refresh/guessed_changes.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/result_types.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Computes one edit, step by step; lives for one transaction.
class EditComputation {
public:
    EditComputation(Session& session, const Pass& pass, const ComputeRequest& request)
        : session_(session), pass_(pass), request_(request), node_(*request.node) {}

    Edit Run() {
        Stopwatch watch;
        Prepare();
        if (request_.leave_empty) {
            CreateEmpty();
        } else if (request_.keep_content) {
            KeepContent();
        } else if (DecideToRefill() || DecideFull()) {
            Evaluate();
        } else if (std::string changed = WhatChanged(); changed.empty() ? !NoData() : !ByChange(changed)) {
            Evaluate();
        }
        edit_.compute_ms = watch.Milliseconds();
        return std::move(edit_);
    }

private:
    void Prepare() {
        if (!node_.definition) {
            throw *node_.error;
        }
        ApplySettings(session_, node_.table.settings);
        if (node_.definition->CutsRowsInside()) {
            session_.AvoidJoinFilters();
        }
        edit_.table = node_.table;
        edit_.read_at = CurrentSnapshot(session_);
        edit_.before = ReadFrontier(session_, node_.table.id);
        edit_.new_state = edit_.before.generation == 0;
        if (auto target = FindTable(session_, node_.table.name, edit_.read_at)) {
            edit_.target_id = target->id;
        }
        CheckStillFree();
        CheckNotPassed();
        inputs_ = ResolveInputs(session_, pass_, node_, edit_.read_at);
        bool timely = !node_.definition->TimeFunctions().empty();
        now_ = timely ? std::optional(pass_.data_timestamp) : std::nullopt;
        BoundQuery bound = OnceOrAnew(&Derived::result, [&] { return BindResult(); });
        edit_.columns = bound.columns;
        NoteReads(bound, inputs_);
        FillFrontier();
    }

    /// Binding sees today's catalog, and content never goes back: neither fits an S that the lake has left behind.
    void CheckNotPassed() {
        Snapshot snapshot = pass_.data_snapshot;
        if (edit_.before.data_snapshot > snapshot) {
            throw StaleSnapshot(node_.table.name.Text() + " was refreshed to a newer snapshot meanwhile");
        }
        bool moved = edit_.read_at > snapshot;
        if (moved && ChangeLog::Remembered(session_, snapshot, edit_.read_at).AnyDefinitionChange(session_)) {
            throw StaleSnapshot("tables or views were created, altered or dropped during the refresh");
        }
    }

    /// What `find` finds out, if possible once per definition and schema. Tables of the same commit are not of the
    /// schema that this holds for.
    template <class Part, class Find>
    Part OnceOrAnew(std::optional<Part> Derived::*part, const Find& find) {
        if (!node_.derived || !pass_.members.empty()) {
            return find();
        }
        std::lock_guard lock(node_.derived->mutex);
        auto& known = (*node_.derived).*part;
        if (!known) {
            known = find();
        }
        return *known;
    }

    std::string QuerySql() const { return node_.definition->VersionedSql(inputs_.ForSql(), now_); }

    BoundQuery BindResult() {
        BoundQuery bound;
        try {
            bound = BindQuery(session_, QuerySql());
            bound.columns = WithTableNames(bound.columns, node_.table.column_names);
        } catch (const EngineError& error) {
            if (error.IsConflict()) {
                throw;
            }
            ThrowBindError(error);
        }
        CheckResultColumns(bound.columns);
        return bound;
    }

    /// The same error, but with its place in the user's text, if binding that gives it too.
    [[noreturn]] void ThrowBindError(const EngineError& error) {
        Source source = DefinitionSource(node_.table);
        try {
            BindDefinition(session_, *node_.definition, {node_.table.definition, 0}, source);
        } catch (const Error& placed) {
            bool gone = placed.GetCode() == Code::UnknownColumn || placed.GetCode() == Code::UnknownTable ||
                        placed.GetCode() == Code::UnknownSchema;
            Error thrown(gone && !request_.create ? Code::SourceGone : placed.GetCode(), placed.Message(),
                         placed.Hint());
            throw placed.Where() ? thrown.At(*placed.Where()) : thrown;
        }
        throw Error(Code::RefreshFailed, error.Message());
    }

    void FillFrontier() {
        edit_.after = edit_.before;
        edit_.after.data_snapshot = pass_.data_snapshot;
        edit_.after.data_timestamp = pass_.data_timestamp;
        edit_.after.evaluated_at = now_;
        edit_.after.fingerprint = KnownFingerprint();
        edit_.after.inputs = inputs_.versions;
        edit_.after.repair.clear();
    }

    std::string KnownFingerprint() {
        if (!node_.derived) {
            return MeaningFingerprint(session_, *node_.definition);
        }
        std::lock_guard lock(node_.derived->mutex);
        if (!node_.derived->fingerprint) {
            node_.derived->fingerprint = MeaningFingerprint(session_, *node_.definition);
        }
        return *node_.derived->fingerprint;
    }

    std::vector<Column> StoredColumns() {
        return OnceOrAnew(&Derived::stored,
                          [&] { return ResultColumns(session_, "SELECT * FROM " + node_.table.name.Sql()); });
    }

    /// What must become of the result table so that it has the query's columns.
    TargetChange TargetFor() {
        if (edit_.target_id < 0) {
            return TargetChange::Create;
        }
        std::vector<Column> stored = StoredColumns();
        if (stored == edit_.columns) {
            return TargetChange::Keep;
        }
        bool widens = stored.size() == edit_.columns.size();
        for (size_t i = 0; widens && i < stored.size(); i++) {
            widens = stored[i].name == edit_.columns[i].name &&
                     (stored[i].type == edit_.columns[i].type || Widens(stored[i].type, edit_.columns[i].type));
        }
        return widens ? TargetChange::Widen : TargetChange::Recreate;
    }

    void CreateEmpty() {
        edit_.action = "NO_DATA";
        edit_.strategy = "created";
        edit_.reason = "INITIALIZE = ON_SCHEDULE: the first refresh fills it";
        edit_.target = edit_.target_id < 0 ? TargetChange::Create : TargetChange::Recreate;
        Frontier empty;
        empty.generation = edit_.before.generation;
        empty.inputs = inputs_.versions;
        edit_.after = empty;
        edit_.frontier_moves = true;
    }

    /// Whether what is stored can't be built on, and why.
    bool DecideToRefill() {
        edit_.target = TargetFor();
        std::string reason = RefillReason();
        if (reason.empty()) {
            return false;
        }
        edit_.action = "REINITIALIZE";
        edit_.reason = reason;
        edit_.frontier_moves = true;
        return true;
    }

    /// Another process may have made a table of that name since CREATE was checked.
    void CheckStillFree() const {
        if (request_.create && edit_.new_state && !request_.adopt && edit_.target_id >= 0) {
            throw Error(Code::AlreadyExists, fmt::format("{} was created meanwhile", node_.table.name.Text()),
                        "use CREATE OR REPLACE DYNAMIC TABLE, or IF NOT EXISTS");
        }
    }

    std::string RefillReason() {
        if (request_.adopt) {
            return "adopted the table that existed";
        }
        if (request_.create && edit_.new_state) {
            return "first fill";
        }
        if (!edit_.before.Filled()) {
            return "first fill";
        }
        if (edit_.target == TargetChange::Create) {
            return "the table was dropped outside Freshet: created again";
        }
        if (!edit_.before.repair.empty()) {
            return edit_.before.repair;
        }
        if (std::string reason = ForeignWrite(); !reason.empty()) {
            return reason;
        }
        bool same_meaning = edit_.before.fingerprint == edit_.after.fingerprint;
        std::string replaced = InputsReplaced(edit_.before, inputs_.versions);
        bool same_text = HasText(edit_.before.fingerprint, *node_.definition);
        if (!replaced.empty() && (same_meaning || same_text)) {
            return replaced;
        }
        if (!same_meaning) {
            return request_.create ? "the definition was changed"
                                   : "the definition, or a view or macro that it uses, was changed";
        }
        if (edit_.target != TargetChange::Keep) {
            return "the columns of the result changed";
        }
        return "";
    }

    /// Did anybody but the commit that the frontier stands for write the result table?
    std::string ForeignWrite() {
        auto at_commit = FindTable(session_, node_.table.name, edit_.before.committed);
        if (at_commit && at_commit->id != edit_.target_id) {
            return "the table was replaced outside Freshet";
        }
        ChangeLog log = ChangeLog::Remembered(session_, edit_.before.committed, edit_.read_at);
        TableChanges changes = log.Of(edit_.target_id);
        if (changes.Data() && !changes.gaps) {
            return "the table was changed outside Freshet";
        }
        for (const auto& companion : edit_.before.companions) {
            auto info = FindTable(session_, {kOwnSchema, companion.table}, edit_.read_at);
            if (!info || (log.Of(info->id).Data() && !log.Of(info->id).gaps)) {
                return "its accumulators were changed outside Freshet";
            }
        }
        if (changes.Any()) {
            int64_t rows = CountRows(session_, node_.table.name, edit_.read_at);
            if (rows != edit_.before.row_count) {
                return fmt::format("the table was changed outside Freshet: it has {} rows instead of {}", rows,
                                   edit_.before.row_count);
            }
        }
        return "";
    }

    /// Definitions and wishes that ask for a whole evaluation, whatever changed.
    bool DecideFull() {
        edit_.action = "FULL";
        edit_.reason = request_.full ? "asked for" : WhyAlwaysEvaluated();
        return !edit_.reason.empty();
    }

    std::string WhyAlwaysEvaluated() {
        const Definition& definition = *node_.definition;
        if (!definition.VolatileFunctions().empty()) {
            return definition.VolatileFunctions()[0].name + " gives another value at every evaluation";
        }
        if (!definition.WithoutFeed().empty()) {
            return definition.WithoutFeed()[0].name + " has no change feed";
        }
        bool by_time = !definition.TimeFunctions().empty() &&
                       (node_.table.options.Mode() == RefreshMode::Full || GetAnalysis().mode != "INCREMENTAL");
        return by_time ? TimeMoved() : "";
    }

    std::string TimeMoved() const {
        return node_.definition->TimeFunctions()[0].name + " moved with the data timestamp";
    }

    /// Why a table that changed is not refreshed by change; empty if it may be.
    std::string WhyNotByChange() {
        if (node_.table.options.Mode() == RefreshMode::Full) {
            return "REFRESH_MODE = FULL";
        }
        if (!request_.not_by_change.empty()) {
            return request_.not_by_change;
        }
        const Analysis& analysis = GetAnalysis();
        if (analysis.mode != "INCREMENTAL") {
            return analysis.mode_reason;
        }
        if (now_ && !edit_.before.evaluated_at) {
            return "it is not known as of when it was evaluated";
        }
        if (std::string unwanted = WhyAutoDoesNot(); !unwanted.empty()) {
            return unwanted;
        }
        return LacksRequired() ? "the accumulators that it needs are not kept" : "";
    }

    bool LacksRequired() {
        const auto& required = GetAnalysis().plan->required;
        return std::any_of(required.begin(), required.end(), [&](int operator_id) {
            return std::none_of(
                edit_.before.companions.begin(), edit_.before.companions.end(),
                [&](const CompanionVersion& companion) { return companion.operator_id == operator_id; });
        });
    }

    std::string WhyAutoDoesNot() {
        return node_.table.options.Mode() == RefreshMode::Auto ? GetAnalysis().WhyAutoDoesNot() : "";
    }

    /// Refreshes by change; false if the table has to be evaluated, with action and reason set.
    bool ByChange(const std::string& changed) {
        edit_.action = "FULL";
        edit_.reason = WhyNotByChange();
        GuessChanges();
        if (!edit_.reason.empty()) {
            bool promised = node_.table.options.Mode() == RefreshMode::Incremental;
            edit_.action = promised ? "REINITIALIZE" : "FULL";
            edit_.frontier_moves = promised;
            edit_.reason += "; " + changed;
            return false;
        }
        if (guess_ && !Choose(*guess_)) {
            return false;
        }
        InputChanges changes = ReadInputChanges(session_, pass_, GetAnalysis().plan->query, edit_.before, inputs_,
                                                edit_.read_at, EditPrefix(node_.table));
        if (!changes.usable) {
            edit_.action = "REINITIALIZE";
            edit_.reason = changes.problem;
            edit_.frontier_moves = true;
            return false;
        }
        TakeCounts(changes);
        return Choose(changes) && Apply(changes);
    }

    /// Where costs decide, and metadata tell what changed.
    void GuessChanges() {
        if (!CostsDecide() || GetAnalysis().mode != "INCREMENTAL" || !WhyAutoDoesNot().empty()) {
            return;
        }
        InputChanges guess = GuessInputChanges(session_, GetAnalysis().plan->query, edit_.before, inputs_);
        if (guess.usable) {
            guess_ = std::move(guess);
        }
    }

    /// Reading the changes has counted the rows of what they lead to.
    void TakeCounts(const InputChanges& changes) {
        const auto& sources = GetAnalysis().plan->query.sources;
        for (size_t i = 0; i < sources.size(); i++) {
            for (auto& input : edit_.after.inputs) {
                if (input.name == sources[i].table && !input.own_commit) {
                    input.rows = changes.sources[i].rows;
                }
            }
        }
    }

    std::optional<double> Threshold() const {
        bool free_choice = node_.table.options.Mode() == RefreshMode::Auto;
        return free_choice ? node_.table.options.cardinality_threshold : std::nullopt;
    }

    bool CostsDecide() const { return node_.table.options.Mode() == RefreshMode::Auto && !Threshold(); }

    const Experience& KnownExperience() {
        if (!experience_) {
            experience_ = request_.experience ? request_.experience() : Experience{};
        }
        return *experience_;
    }

    /// The way to take; false: evaluate.
    bool Choose(const InputChanges& changes) {
        CostEstimate costs = EstimateCosts(*GetAnalysis().plan, StoredBy(edit_.before), changes, KnownExperience());
        const char* given = Threshold() ? "CARDINALITY_THRESHOLD" : "REFRESH_MODE = INCREMENTAL";
        Choice choice = CostsDecide() ? ChooseCheaper(costs, KnownExperience()) : Choice{true, given, given};
        edit_.candidates = CandidatesJson(costs, choice);
        edit_.estimated_ms = choice.by_change ? costs.by_change_ms : costs.full_ms;
        const char* unchanged = now_ ? "time moved" : "changes cancel out";
        edit_.reason = changes.summary.empty() ? unchanged : changes.summary;
        if (CostsDecide()) {
            edit_.reason +=
                fmt::format("; estimated {:.0f} ms by change, {:.0f} ms in full", costs.by_change_ms, costs.full_ms);
            if (choice.by_change != (costs.by_change_ms <= costs.full_ms)) {
                edit_.reason += "; " + choice.why;
            }
        }
        return choice.by_change;
    }

    /// False if more keys are affected than CARDINALITY_THRESHOLD allows.
    bool Apply(const InputChanges& changes) {
        Edit before = edit_;
        edit_.action = "INCREMENTAL";
        RunRules(changes);
        if (auto threshold = Threshold()) {
            AffectedShare share = ShareOf(changes);
            if (share.Exceeds(*threshold)) {
                std::vector<std::string> made = std::move(edit_.temporary_tables);
                edit_ = std::move(before);
                edit_.temporary_tables.insert(edit_.temporary_tables.end(), made.begin(), made.end());
                edit_.reason += fmt::format("; {}: more than CARDINALITY_THRESHOLD = {}", share.Text(), *threshold);
                return false;
            }
        }
        if (edit_.rows.in_count > 0) {
            CheckStorableValues(session_, node_.table.name, edit_.columns, TempSql(edit_.rows.in));
        }
        if (MissesAccumulators(*GetAnalysis().plan, StoredBy(edit_.before), changes)) {
            RunQuery([&] { FillCompanions(session_, *GetAnalysis().plan, inputs_, edit_); });
            edit_.reason += "; accumulators built, since the data have grown";
        }
        return true;
    }

    void RunRules(const InputChanges& changes) {
        try {
            CountInputs(session_, edit_.after.inputs);
            ComputeByChange(session_, *GetAnalysis().plan, changes, edit_);
        } catch (const EngineError& error) {
            if (error.IsConflict()) {
                throw;
            }
            throw ByChangeFailed(node_.table.id, error);
        } catch (const Error& error) {
            if (error.GetCode() != Code::InvariantBroken) {
                throw;
            }
            throw ByChangeFailed(node_.table.id, error);
        }
    }

    AffectedShare ShareOf(const InputChanges& changes) {
        AffectedShare share = AffectedShareOf(session_, *GetAnalysis().plan, changes, edit_);
        if (GetAnalysis().plan->shape == delta::RootShape::Keyed) {
            edit_.extent.result_keys = share.all;
        }
        return share;
    }

    const Analysis& GetAnalysis() {
        if (!analysis_) {
            analysis_ = Analyze(session_, node_);
        }
        return *analysis_;
    }

    Snapshot WindowStart(const InputVersion& before) const {
        return std::max(before.version, request_.unchanged_until);
    }

    /// "main.orders changed", for all inputs whose rows changed since the frontier, by the change log alone.
    std::string ChangedInputs() {
        Snapshot first = edit_.read_at;
        for (const auto& before : edit_.before.inputs) {
            first = std::min(first, WindowStart(before));
        }
        ChangeLog to_snapshot = ChangeLog::Remembered(session_, first, pass_.data_snapshot);
        ChangeLog to_pin = ChangeLog::Remembered(session_, first, edit_.read_at);
        std::string names;
        for (const auto& input : inputs_.versions) {
            auto before = std::find_if(edit_.before.inputs.begin(), edit_.before.inputs.end(),
                                       [&](const auto& candidate) { return candidate.name == input.name; });
            const ChangeLog& log = input.dynamic_id.empty() ? to_snapshot : to_pin;
            if (Changed(input, *before, log)) {
                names += (names.empty() ? "" : ", ") + input.name.Text();
            }
        }
        return names.empty() ? "" : names + " changed";
    }

    /// Inputs, or time where the definition asks for it.
    std::string WhatChanged() {
        std::string inputs = ChangedInputs();
        return inputs.empty() && now_ && now_ != edit_.before.evaluated_at ? TimeMoved() : inputs;
    }

    bool Changed(const InputVersion& input, const InputVersion& before, const ChangeLog& log) const {
        if (input.own_commit) {
            return true;
        }
        Snapshot start = WindowStart(before);
        if (start >= input.version) {
            return false;
        }
        return log.Of(input.table_id, start).Data();
    }

    /// False if the table has to be evaluated after all, with action and reason set.
    bool NoData() {
        edit_.action = "NO_DATA";
        edit_.strategy = "change log";
        edit_.reason = "nothing that it reads changed";
        if (!FrontierExpired()) {
            edit_.after = edit_.before;
            return true;
        }
        edit_.reason += "; the frontier moved, since versions that it names have expired";
        return MoveFrontier();
    }

    /// To S without a change, if each input has as many rows as when it was read: rewritten history has fewer.
    bool MoveFrontier() {
        edit_.frontier_moves = true;
        CountInputs(session_, edit_.after.inputs);
        for (const InputVersion& input : edit_.after.inputs) {
            auto before = std::find_if(edit_.before.inputs.begin(), edit_.before.inputs.end(),
                                       [&](const auto& candidate) { return candidate.name == input.name; });
            if (before == edit_.before.inputs.end() || before->rows != input.rows) {
                edit_.action = "REINITIALIZE";
                edit_.reason = input.name.Text() + " has another number of rows than when it was read, though no "
                                                   "change is known: its history was rewritten";
                return false;
            }
        }
        return true;
    }

    void KeepContent() {
        bool kept = !DecideToRefill() && !DecideFull() && WhatChanged().empty() && NoData();
        if (kept && request_.move_frontier && !edit_.frontier_moves) {
            FillFrontier();
            edit_.reason += "; the frontier moved past what maintenance did";
            kept = MoveFrontier();
        }
        if (!kept) {
            throw HasChanges(node_.table.name.Text() + " has to be refreshed");
        }
    }

    bool FrontierExpired() {
        std::set<Snapshot> versions;
        for (const auto& input : edit_.before.inputs) {
            versions.insert(input.version);
        }
        return std::any_of(versions.begin(), versions.end(),
                           [&](Snapshot version) { return !SnapshotExists(session_, version); });
    }

    std::string NamedSql() const {
        return fmt::format("SELECT * FROM ({}) AS q({})", content_sql_.empty() ? QuerySql() : content_sql_,
                           ColumnList(edit_.columns));
    }

    void Evaluate() {
        bool fresh = edit_.target == TargetChange::Create || edit_.target == TargetChange::Recreate;
        if (fresh && !request_.keep_rows_in_temp && !NeedValueCheck(edit_.columns)) {
            return FillDirectly();
        }
        std::string content = EditPrefix(node_.table) + "_new";
        CountInputs(session_, edit_.after.inputs);
        KeepCompanions();
        MakeContent(content);
        CheckStorableValues(session_, node_.table.name, edit_.columns, TempSql(content));
        int64_t rows = AsInt(session_.QueryValue("SELECT count(*) FROM " + TempSql(content)));
        if (fresh) {
            edit_.strategy = "replace";
            edit_.rows = {"", content, 0, rows};
            return;
        }
        int64_t stored = AsInt(session_.QueryValue("SELECT count(*) FROM " + node_.table.name.Sql()));
        edit_.before.row_count = stored;
        WriteDifference(content, rows, stored);
    }

    /// There is nothing to compare with: the commit inserts the query's rows as they come.
    void FillDirectly() {
        CountInputs(session_, edit_.after.inputs);
        KeepCompanions();
        edit_.strategy = "replace";
        edit_.insert_sql = NamedSql();
    }

    /// A table that may be refreshed by change later needs its accumulators to fit its content.
    void KeepCompanions() {
        edit_.after.companions.clear();
        if (node_.table.options.Mode() == RefreshMode::Full || ReadsReshapedMember() ||
            GetAnalysis().mode != "INCREMENTAL" || !WhyAutoDoesNot().empty()) {
            return;
        }
        const delta::Analysis& plan = *GetAnalysis().plan;
        if (CostsDecide() && !plan.settled &&
            !AccumulatorsPay(plan, StoredBy(edit_.before), SourceRows(), guess_, KnownExperience())) {
            return;
        }
        delta::Contents filled;
        RunQuery([&] { filled = FillCompanions(session_, plan, inputs_, edit_); });
        // Who asks for a full refresh, or needs one after a failure, gets the query as it was written, unless rows have
        // to be told from what they were computed of later.
        bool as_written = request_.full || !request_.not_by_change.empty();
        if (plan.settled || (!filled.companions.empty() && !as_written)) {
            content_sql_ = delta::ResultSql(plan, filled);
        }
    }

    /// Of the plan's sources, at their new versions.
    std::vector<int64_t> SourceRows() {
        std::vector<int64_t> rows;
        for (const auto& source : GetAnalysis().plan->query.sources) {
            rows.push_back(InputOf(edit_.after.inputs, source.table).rows);
        }
        return rows;
    }

    /// The analysis stands on the columns that the lake has.
    bool ReadsReshapedMember() const {
        return std::any_of(inputs_.versions.begin(), inputs_.versions.end(), [&](const InputVersion& input) {
            auto member = pass_.members.find(input.dynamic_id);
            return member != pass_.members.end() && member->second.reshaped;
        });
    }

    void MakeContent(const std::string& content) {
        RunQuery([&] {
            session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", QuoteIdentifier(content), NamedSql()));
        });
    }

    /// Whatever the user's expressions raise is a failure of the refresh.
    template <class Work>
    void RunQuery(const Work& work) {
        try {
            work();
        } catch (const EngineError& error) {
            if (error.IsConflict()) {
                throw;
            }
            throw EvaluationFailed(node_.table, error);
        }
    }

    void WriteDifference(const std::string& content, int64_t rows, int64_t stored) {
        edit_.strategy = "difference";
        if (stored == 0) {
            edit_.rows = {"", content, 0, rows};
            return;
        }
        if (HidesPhysicalPlace(edit_.columns)) {
            return ReplaceAll(content, rows, stored, "a column hides the physical place of rows");
        }
        if (!node_.table.options.Deduplicate()) {
            return ReplaceAll(content, rows, stored, "DEDUPLICATION = FALSE");
        }
        edit_.rows = ComputeDifference(session_, node_.table.name, edit_.columns, Inexact(), TempSql(content),
                                       EditPrefix(node_.table));
        edit_.extent.recomputed_rows = rows;
        edit_.extent.equal_rows = stored - edit_.rows.out_count;
        if (edit_.rows.out_count * 2 > stored) {
            ReplaceAll(content, rows, stored,
                       fmt::format("{} of {} rows differ: written anew", edit_.rows.out_count, stored));
        }
    }

    /// Columns of which noise is no change. There is none where content always comes from the settled plan.
    std::set<std::string> Inexact() {
        if (!content_sql_.empty() && GetAnalysis().plan->settled) {
            return {};
        }
        bool floating = std::any_of(edit_.columns.begin(), edit_.columns.end(), [](const Column& column) {
            return column.type == "DOUBLE" || column.type == "FLOAT";
        });
        return floating ? GetAnalysis().inexact : std::set<std::string>{};
    }

    void ReplaceAll(const std::string& content, int64_t rows, int64_t stored, const std::string& why) {
        edit_.strategy = "replace";
        edit_.reason += (edit_.reason.empty() ? "" : "; ") + why;
        edit_.delete_all = true;
        edit_.rows = {"", content, stored, rows};
    }

    Session& session_;
    const Pass& pass_;
    const ComputeRequest& request_;
    const TableNode& node_;
    Inputs inputs_;
    std::shared_ptr<const Analysis> analysis_;
    std::optional<Experience> experience_;
    std::optional<InputChanges> guess_; ///< what metadata tell, where costs decide
    std::optional<Timestamp> now_;
    std::string content_sql_; ///< of the result over filled companions; empty: the query is evaluated
    Edit edit_;
};

} // namespace

std::string EditPrefix(const DynamicTable& table) {
    return "freshet_" + table.id;
}

Error EvaluationFailed(const DynamicTable& table, const EngineError& error) {
    std::string message = error.Message().substr(0, error.Message().find('\n'));
    const char* hint = error.Type() == "Conversion"
                           ? "correct the rows that it reads, or use TRY_CAST in the query, which "
                             "gives NULL for what can't be converted"
                           : "correct the rows that it reads, or the query";
    return {Code::RefreshFailed, fmt::format("refresh of {} failed: {}", table.name.Text(), message), hint};
}

std::string ContentAfter(const Edit& edit) {
    std::string columns = ColumnList(edit.columns);
    std::string in = fmt::format("SELECT {} FROM {}", columns, TempSql(edit.rows.in));
    bool all_new = edit.delete_all || edit.target == TargetChange::Create || edit.target == TargetChange::Recreate;
    if (all_new && !edit.rows.in.empty()) {
        return in;
    }
    std::string kept = fmt::format("SELECT {} FROM {} AS s", columns, edit.table.name.Sql());
    if (!edit.rows.out.empty()) {
        kept += fmt::format(" ANTI JOIN {} AS o ON s.filename = o.filename AND s.file_row_number = o.file_row_number",
                            TempSql(edit.rows.out));
    }
    return edit.rows.in.empty() ? kept : kept + " UNION ALL " + in;
}

Edit ComputeEdit(Session& session, const Pass& pass, const ComputeRequest& request) {
    return EditComputation(session, pass, request).Run();
}

} // namespace freshet
