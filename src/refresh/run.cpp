#include "refresh/run.hpp"

#include "lake/inlined_schemas.hpp"
#include "refresh/commit.hpp"
#include "refresh/failure_point.hpp"
#include "refresh/inlining.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/settings.hpp"
#include "refresh/shared_changes.hpp"
#include "refresh/undisturbed.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <set>
#include <utility>

namespace freshet {

namespace {

constexpr int kMaxAttempts = 60;
/// Somebody who expires snapshots all the time must not keep a run busy for ever.
constexpr int kMostExpired = 30;
/// Once may be a coincidence.
constexpr int kOftenExpired = 2;
constexpr int kMostRenewed = 5;

/// What the engine's instance remembers of the lake's catalog can't be relied on: begin again in another one.
class CatalogInDoubt : public Error {
public:
    explicit CatalogInDoubt(const Error& cause) : Error(cause) {}
};

/// One run over the lake. Lives for one call.
class RefreshRun {
public:
    RefreshRun(Session& session, const Registry& registry, const RunRequest& request,
               const RunSurroundings& surroundings)
        : session_(session), given_(registry), request_(request), surroundings_(surroundings), failed_(request.failed) {
    }

    std::vector<TableOutcome> Run() {
        for (int attempt = 1;; attempt++) {
            try {
                Begin(attempt > 1);
                together_ = request_.atomic || expired_ >= kOftenExpired;
                together_ ? RunTogether() : RunOneByOne();
                shared_.Drop();
                if (!UnblockedByRecreation()) {
                    return Outcomes();
                }
            } catch (const CatalogInDoubt& doubt) {
                Renew(doubt);
            } catch (const StaleSnapshot&) {
                session_.Rollback();
                if (attempt >= kMaxAttempts + static_cast<int>(failed_.size())) { // each made one attempt end
                    throw;
                }
            } catch (const Error& error) { // while the definitions were read
                session_.Rollback();
                if (NeedsRenewal(session_, error)) {
                    Renew(error);
                } else if (!TellsOfExpiry(error) || ++expired_ > kMostExpired) {
                    throw;
                }
            }
        }
    }

private:
    void Take(const Registry& stored) {
        stored_ = registry_ = stored;
        if (request_.change) {
            registry_.Replace(request_.change->table);
        }
    }

    /// Chooses the data snapshot, and reads what the definitions mean now. The transaction stays open for the tables.
    void Begin(bool again) {
        UntilUndisturbed(session_, [&] {
            pass_ = {};
            pass_.registry = &registry_;
            pass_.shared = &shared_;
            pass_.data_timestamp = BeginToRead();
            pass_.data_snapshot = Pin();
            if (request_.at && !again && request_.at->snapshot <= pass_.data_snapshot) {
                pass_.data_snapshot = request_.at->snapshot;
                pass_.data_timestamp = request_.at->known_newest_at;
            }
            Take(ReadRegistry(session_)); // tables may have been dropped or altered since they were named
            dependencies_ = Dependencies::Of(session_, registry_, request_.ids);
            Admit();
        });
        order_ = dependencies_.Order();
        shared_.Expect(ReadBySeveral());
        FailurePoint(failure::kAfterSnapshot);
    }

    std::set<TableName> ReadBySeveral() const {
        std::set<TableName> once, often;
        for (const auto& id : order_) {
            const auto& definition = dependencies_.At(id).definition;
            for (const TableName& table : definition ? definition->Tables() : std::set<TableName>{}) {
                (once.insert(table).second ? once : often).insert(table);
            }
        }
        return often;
    }

    /// In each transaction that computes, before anything is read in it: throws Overtaken where what it counts would
    /// not be what it reads. Returns what it sees.
    Snapshot Pin() {
        if (!ViewsAgree(session_)) {
            throw Overtaken("another process committed as this one began to read");
        }
        if (!LoadInlinedSchemas(session_)) {
            throw CatalogInDoubt(SchemasForgotten());
        }
        return CurrentSnapshot(session_);
    }

    /// After the last read of a transaction that computes.
    void CheckRead() {
        if (!KeptInlinedSchemas(session_)) {
            throw CatalogInDoubt(SchemasForgotten());
        }
    }

    void Renew(const Error& cause) {
        session_.Rollback();
        if (++renewed_ > kMostRenewed) {
            throw cause;
        }
        if (session_.CanRenew()) {
            pass_ = {};
            dependencies_ = {};
            RenewSession(session_);
        }
    }

    /// A moment before the snapshot that the open transaction sees.
    Timestamp BeginToRead() {
        if (request_.reads_since && session_.InTransaction()) {
            return *request_.reads_since;
        }
        Timestamp moment = surroundings_.clock();
        Begin();
        return moment;
    }

    /// A named table that reads a suspended one can't be brought to a common snapshot with it: it is refused, and what
    /// only it needs is left alone. So is one that was dropped since it was named.
    void Admit() {
        std::vector<std::string> admitted;
        refused_.clear();
        for (const auto& id : request_.ids) {
            if (!dependencies_.Has(id)) {
                const DynamicTable* named = given_.FindById(id);
                Refuse(id, named != nullptr ? *named : DynamicTable{},
                       {Code::UnknownTable, "the dynamic table was dropped meanwhile"});
                continue;
            }
            const DynamicTable* suspended = SuspendedAncestor(id);
            if (suspended == nullptr) {
                admitted.push_back(id);
                continue;
            }
            const DynamicTable& table = dependencies_.At(id).table;
            Refuse(id, table,
                   {Code::Suspended,
                    fmt::format("{} reads {}, which is suspended", table.name.Text(), suspended->name.Text()),
                    fmt::format("ALTER DYNAMIC TABLE {} RESUME, or refresh it by name too", suspended->name.Text())});
        }
        if (request_.atomic && !refused_.empty()) {
            throw *refused_.front().error;
        }
        if (!refused_.empty()) {
            dependencies_ = Dependencies::Of(session_, registry_, admitted);
        }
    }

    void Refuse(const std::string& id, const DynamicTable& table, const Error& error) {
        auto known = outcomes_.find(id);
        TableOutcome outcome;
        outcome.table = known == outcomes_.end() ? table : known->second.table;
        outcome.table.id = id;
        outcome.started_at = Now();
        Fail(outcome, error, true);
        refused_.push_back(outcome);
    }

    const DynamicTable* SuspendedAncestor(const std::string& id) const {
        for (const auto& ancestor : dependencies_.Upstream(id)) {
            const DynamicTable& table = dependencies_.At(ancestor).table;
            if (table.suspended != Suspension::None && !IsNamed(ancestor)) {
                return &table;
            }
        }
        return nullptr;
    }

    std::vector<TableOutcome> Outcomes() const {
        std::vector<TableOutcome> list;
        for (const auto& id : order_) {
            list.push_back(outcomes_.at(id));
        }
        list.insert(list.end(), refused_.begin(), refused_.end());
        return list;
    }

    /// A definition that failed because a table that it reads was dropped outside, and that this run has created again,
    /// deserves another look.
    bool UnblockedByRecreation() {
        bool blocked = std::any_of(order_.begin(), order_.end(), [&](const std::string& id) {
            return !dependencies_.At(id).definition && outcomes_[id].error;
        });
        return std::exchange(recreated_, false) && blocked && !request_.dry_run;
    }

    bool IsNamed(const std::string& id) const {
        return std::find(request_.ids.begin(), request_.ids.end(), id) != request_.ids.end();
    }

    std::optional<Error> KnownFailure(const std::string& id) const {
        auto known = failed_.find(id);
        return known == failed_.end() ? std::nullopt : std::optional(known->second);
    }

    /// Why a table can't be tried: a parent failed.
    std::optional<Error> Obstacle(const std::string& id, bool& skipped) const {
        for (const auto& parent : dependencies_.Parents(id)) {
            auto outcome = outcomes_.find(parent);
            if (outcome != outcomes_.end() && outcome->second.error) {
                skipped = true;
                const Error& cause = *outcome->second.error;
                if (cause.GetCode() == Code::ParentFailed) { // names the table that failed first
                    return cause;
                }
                std::string failed = outcome->second.table.name.Text() + " failed: ";
                bool told = cause.Message().find(failed) != std::string::npos;
                return Error(Code::ParentFailed, "skipped, because " + (told ? "" : failed) + cause.Message(),
                             cause.Hint());
            }
        }
        return {};
    }

    ComputeRequest RequestFor(const std::string& id) {
        ComputeRequest request;
        request.node = &dependencies_.At(id);
        request.full = request_.full && IsNamed(id);
        request.keep_rows_in_temp = together_ || request_.dry_run;
        request.keep_content = request_.only_move_frontiers;
        request.move_frontier = request_.only_move_frontiers && IsNamed(id);
        auto failed = not_by_change_.find(id);
        request.not_by_change = failed == not_by_change_.end() ? "" : failed->second;
        request.unchanged_until = TrustedHint(session_, surroundings_.unchanged_until(id), pass_.data_snapshot);
        if (surroundings_.experience) {
            request.experience = [this, id] { return surroundings_.experience(id); };
        }
        if (request_.change && request_.change->table.id == id) {
            request.create = true;
            request.leave_empty = request_.change->leave_empty;
            request.adopt = request_.change->adopt;
        }
        return request;
    }

    void RunOneByOne() {
        for (const auto& id : order_) {
            auto& outcome = Start(id);
            bool skipped = false;
            try {
                if (auto known = KnownFailure(id)) {
                    throw *known;
                }
                if (auto obstacle = Obstacle(id, skipped)) {
                    throw *obstacle;
                }
                dependencies_.CheckAcyclic(id);
                RefreshOne(id, outcome);
                outcome.error.reset();
            } catch (const StaleSnapshot&) {
                throw;
            } catch (const CatalogInDoubt&) {
                throw;
            } catch (const Error& error) {
                session_.Rollback();
                BeginAgainIfGone(error);
                Fail(outcome, error, skipped);
            }
            FailurePoint(failure::kBetweenTables);
        }
        session_.Rollback();
    }

    /// With a newer snapshot, and without what the frontier named, the refresh finds its way.
    void BeginAgainIfGone(const Error& error) {
        if (renewed_ < kMostRenewed && NeedsRenewal(session_, error)) {
            throw CatalogInDoubt(error);
        }
        if (TellsOfExpiry(error) && ++expired_ <= kMostExpired) {
            throw StaleSnapshot("a snapshot was expired while it was read");
        }
    }

    TableOutcome& Start(const std::string& id) {
        auto& outcome = outcomes_[id];
        outcome.table = dependencies_.At(id).table;
        if (outcome.started_at == 0) {
            outcome.started_at = Now();
        }
        return outcome;
    }

    static void Fail(TableOutcome& outcome, const Error& error, bool skipped) {
        outcome.error = error;
        outcome.skipped = skipped;
        outcome.action.clear();
        outcome.strategy.clear();
        outcome.reason.clear();
        outcome.finished_at = Now();
    }

    /// Where the delta rules fail, the table is computed in full at the next attempt.
    template <class Work>
    auto OrInFull(const Work& work) {
        try {
            return work();
        } catch (const ByChangeFailed& failure) {
            not_by_change_[failure.Id()] = "refreshing by change failed: " + failure.Message();
            throw Overtaken(failure.Message());
        }
    }

    /// Tables that turn out to need no commit share one read transaction, which the first commit ends.
    void RefreshOne(const std::string& id, TableOutcome& outcome) {
        Stopwatch watch;
        bool again = false;
        UntilUndisturbed(session_, [&] {
            if (std::exchange(again, true)) {
                NoteDisturbance(session_);
            }
            Tell(id, RunStep::Computing);
            if (!session_.InTransaction()) {
                Begin();
                Pin();
            }
            std::vector<Edit> edits;
            edits.push_back(Compute(id));
            CheckRead();
            if (edits[0].Writes() || request_.change) {
                LookAtInlining();
                if (!MayWriteAtOnce(edits[0])) {
                    session_.Commit();
                }
            }
            FailurePoint(failure::kAfterCompute);
            Tell(id, RunStep::Writing);
            Stopwatch writing;
            Snapshot committed = OrInFull([&] { return Commit(edits); });
            Record(edits[0], committed, outcome);
            outcome.measured_ms = edits[0].compute_ms + writing.Milliseconds();
            if (outcome.action != "NO_DATA") {
                DropTemporaries(edits);
            }
        });
        outcome.duration_ms += watch.Milliseconds();
        outcome.finished_at = Now();
    }

    /// In the transaction that has computed it, which is a transaction less. Anybody's commit since it began undoes
    /// both, by the number that both want for their snapshot: only where the transaction is young.
    bool MayWriteAtOnce(const Edit& edit) {
        constexpr double kLittleMs = 200;
        bool keeps_table = edit.target == TargetChange::Keep && !edit.new_state && !request_.change;
        return keeps_table && inlining_on_.empty() && in_transaction_.Milliseconds() < kLittleMs &&
               !WasDisturbedLately(session_);
    }

    void Begin() {
        session_.Begin();
        in_transaction_ = {};
    }

    void Tell(const std::string& id, RunStep step) const {
        if (surroundings_.on_step) {
            surroundings_.on_step(id, step);
        }
    }

    Edit Compute(const std::string& id) {
        return OrInFull([&] { return ComputeEdit(session_, pass_, RequestFor(id)); });
    }

    /// `writing`: where the table that is being written is noted.
    Snapshot Commit(std::vector<Edit>& edits, std::string* writing = nullptr) {
        bool writes = std::any_of(edits.begin(), edits.end(), [](const Edit& edit) { return edit.Writes(); });
        if (request_.dry_run || (!writes && !request_.change)) {
            return kNoSnapshot;
        }
        std::function<void()> definition_change;
        if (ChangeIsIn(edits)) {
            definition_change = [&] { WriteDefinition(*request_.change); };
        } else if (!writes) {
            return kNoSnapshot;
        }
        if (!inlining_on_.empty()) {
            UntilUndisturbed(session_, [&] { TurnInliningOff(session_, inlining_on_); });
            inlining_on_.clear();
        }
        Snapshot committed = kNoSnapshot;
        auto write = [&] {
            committed = CommitEdits(session_, edits, definition_change, stored_, surroundings_.run_id, writing);
        };
        session_.InTransaction() ? write() : UntilCommitted(session_, write);
        for (const auto& edit : edits) {
            if (edit.target == TargetChange::Create || edit.target == TargetChange::Recreate) {
                FailurePoint(failure::kAfterCreateCommit);
                UntilUndisturbed(session_, [&] { TurnInliningOff(session_, edit.table.name); });
            }
        }
        return committed;
    }

    /// Of all tables of the run, before its first commit.
    void LookAtInlining() {
        if (!std::exchange(inlining_seen_, true)) {
            std::vector<TableName> tables;
            for (const auto& id : order_) {
                tables.push_back(dependencies_.At(id).table.name);
            }
            inlining_on_ = InliningScopes(session_, tables);
        }
    }

    bool ChangeIsIn(const std::vector<Edit>& edits) const {
        return request_.change && std::any_of(edits.begin(), edits.end(), [&](const Edit& edit) {
                   return edit.table.id == request_.change->table.id;
               });
    }

    void WriteDefinition(const DefinitionChange& change) {
        if (change.is_new) {
            InsertRegistryRow(session_, change.table);
        } else {
            Registry now = ReadRegistry(session_);
            const DynamicTable* current = now.FindById(change.table.id);
            if (current == nullptr || current->definition_version != change.expected_version) {
                throw Error(Code::LakeConflict,
                            change.table.name.Text() + " was altered or dropped by another process meanwhile",
                            "look at its definition, and alter it again");
            }
            UpdateRegistryRow(session_, change.table, change.expected_version);
        }
    }

    /// A run that had to begin again reports what its parts did together.
    void Record(const Edit& edit, Snapshot committed, TableOutcome& outcome) {
        bool repeated_without_change = !outcome.action.empty() && edit.action == "NO_DATA";
        if (!repeated_without_change) {
            outcome.action = edit.action;
            outcome.strategy = edit.strategy;
            outcome.reason = edit.reason;
            outcome.candidates = edit.candidates;
            outcome.operators = edit.operators;
            outcome.extent = edit.extent;
        }
        outcome.frontier_moved = edit.frontier_moves;
        recreated_ = recreated_ || edit.target == TargetChange::Create;
        outcome.rows_inserted += edit.rows.in_count;
        outcome.rows_deleted += edit.rows.out_count;
        outcome.filled = edit.after.Filled();
        outcome.data_snapshot = outcome.filled ? pass_.data_snapshot : kNoSnapshot;
        outcome.data_timestamp = outcome.filled ? pass_.data_timestamp : 0;
        if (committed != kNoSnapshot) {
            outcome.commit_snapshot = committed;
        }
        if (edit.estimated_ms >= 0) {
            outcome.estimated_ms = edit.estimated_ms;
        }
        outcome.measured_ms = edit.compute_ms;
        pass_.current[edit.table.id] = committed == kNoSnapshot ? edit.before.generation : edit.after.generation;
    }

    void DropTemporaries(const std::vector<Edit>& edits) {
        for (const auto& edit : edits) {
            for (const char* part : {"_content", "_new", "_in", "_out", "_net", "_net_copies"}) {
                const char* kind = std::string(part) == "_content" ? "VIEW" : "TABLE";
                session_.Query(fmt::format("DROP {} IF EXISTS {}", kind, TempSql(EditPrefix(edit.table) + part)));
            }
            for (const auto& table : edit.temporary_tables) {
                session_.Query("DROP TABLE IF EXISTS " + table);
            }
        }
    }

    // ---- all in one commit: wanted, or the only way to read all tables at one snapshot while others expire it ----

    void RunTogether() {
        Stopwatch watch;
        for (const auto& id : order_) {
            Start(id);
        }
        std::string failed;
        try {
            MakeMissingAgain(failed);
            UntilUndisturbed(session_, [&] {
                std::vector<Edit> edits = ComputeTogether(failed);
                FailurePoint(failure::kAfterCompute);
                Snapshot committed = OrInFull([&] { return Commit(edits, &failed); });
                for (const auto& edit : edits) {
                    Record(edit, edit.Writes() ? committed : kNoSnapshot, outcomes_[edit.table.id]);
                }
                DropTemporaries(edits);
            });
        } catch (const StaleSnapshot&) {
            throw;
        } catch (const CatalogInDoubt&) {
            throw;
        } catch (const Error& error) {
            session_.Rollback();
            BeginAgainIfGone(error);
            BeginAgainWithout(failed, error);
            FailTogether(failed, error);
        }
        for (const auto& id : order_) {
            outcomes_[id].duration_ms += watch.Milliseconds() / static_cast<double>(order_.size());
            outcomes_[id].finished_at = Now();
        }
    }

    /// Tables that are together for their snapshot's sake don't fail together. The error may have ended the transaction
    /// in which they are computed.
    void BeginAgainWithout(const std::string& failed, const Error& error) {
        if (!request_.atomic && !failed.empty() && failed_.emplace(failed, error).second) {
            throw StaleSnapshot("the run goes on without " + dependencies_.At(failed).table.name.Text());
        }
    }

    /// A result table that was dropped outside Freshet has to be there before what reads it can be bound: it is made
    /// first, with the tables that it reads, and the run begins again.
    void MakeMissingAgain(std::string& current) {
        std::set<std::string> wanted;
        for (const auto& id : order_) {
            const TableNode& node = dependencies_.At(id);
            bool missing = node.definition && !FindTable(session_, node.table.name, pass_.data_snapshot);
            if (missing && !request_.change && !request_.dry_run && !HasFailed(id)) {
                wanted.insert(id);
                wanted.merge(dependencies_.Upstream(id));
            }
        }
        for (const auto& id : order_) {
            if (wanted.contains(id)) {
                current = id;
                dependencies_.CheckAcyclic(id);
                RefreshOne(id, Start(id));
            }
        }
        current.clear();
        if (!wanted.empty()) {
            throw StaleSnapshot("a table that was dropped outside was made again");
        }
    }

    /// Itself, or a table that it reads, in an attempt before.
    bool HasFailed(const std::string& id) const {
        std::set<std::string> upstream = dependencies_.Upstream(id);
        return failed_.contains(id) || std::any_of(upstream.begin(), upstream.end(),
                                                   [&](const auto& table) { return failed_.contains(table); });
    }

    /// Why a table is left out before anything is asked of the lake.
    std::optional<Error> KnownObstacle(const std::string& id, bool& skipped) const {
        if (auto known = KnownFailure(id)) {
            return known;
        }
        auto obstacle = Obstacle(id, skipped);
        return obstacle || request_.atomic ? obstacle : dependencies_.At(id).error;
    }

    /// Every edit, in one read transaction, whose snapshot is the data snapshot.
    std::vector<Edit> ComputeTogether(std::string& current) {
        std::vector<Edit> edits;
        current.clear(); // what stops the run is no table's failure
        session_.Rollback();
        Transaction transaction(session_);
        pass_.members.clear();
        pass_.current.clear();
        pass_.data_timestamp = surroundings_.clock();
        pass_.data_snapshot = Pin();
        for (const auto& id : order_) {
            current.clear();
            Tell(id, RunStep::Computing);
            current = id;
            bool skipped = false;
            auto obstacle = KnownObstacle(id, skipped);
            if (obstacle && !request_.atomic) {
                Fail(outcomes_[id], *obstacle, skipped);
                continue;
            }
            if (obstacle) {
                throw *obstacle;
            }
            dependencies_.CheckAcyclic(id);
            edits.push_back(Compute(id));
            outcomes_[id].error.reset();
            Publish(edits.back());
        }
        LookAtInlining();
        CheckRead();
        transaction.Commit();
        current.clear();
        return edits;
    }

    /// Lets children of the same commit read the table's new content.
    void Publish(const Edit& edit) {
        Pass::Member member;
        member.writes = edit.Writes();
        member.made_anew = edit.target == TargetChange::Create || edit.target == TargetChange::Recreate;
        member.reshaped = edit.target != TargetChange::Keep;
        member.columns = edit.columns;
        bool all_new = edit.delete_all || member.made_anew;
        member.row_count =
            all_new ? edit.rows.in_count : edit.before.row_count + edit.rows.in_count - edit.rows.out_count;
        member.relation = EditPrefix(edit.table) + "_content";
        session_.Query(
            fmt::format("CREATE OR REPLACE TEMP VIEW {} AS {}", QuoteIdentifier(member.relation), ContentAfter(edit)));
        pass_.members[edit.table.id] = member;
    }

    void FailTogether(const std::string& failed, const Error& error) {
        for (auto& [id, outcome] : outcomes_) {
            if (auto known = KnownFailure(id)) {
                Fail(outcome, *known, false);
            } else if (id == failed || failed.empty()) {
                Fail(outcome, error, false);
            } else {
                Fail(outcome,
                     Error(Code::ParentFailed, "nothing was written: another table of the same commit failed",
                           dependencies_.At(failed).table.name.Text() + ": " + error.Message()),
                     true);
            }
        }
    }

    Session& session_;
    const Registry& given_; ///< as tables were named
    Registry stored_;       ///< as the lake has it
    Registry registry_;     ///< with the change that this run makes
    const RunRequest& request_;
    const RunSurroundings& surroundings_;
    Pass pass_;
    SharedChanges shared_{session_};
    Dependencies dependencies_;
    std::vector<std::string> order_;
    std::map<std::string, TableOutcome> outcomes_;
    std::vector<TableOutcome> refused_;
    std::map<std::string, Error> failed_;              ///< before this attempt
    Stopwatch in_transaction_;                         ///< since the last BEGIN here
    bool together_ = false;                            ///< this attempt makes one commit
    bool inlining_seen_ = false;                       ///< this run has looked where inlining is not off
    std::vector<std::string> inlining_on_;             ///< and it is not off there
    int expired_ = 0;                                  ///< how often it began again because of expired snapshots
    int renewed_ = 0;                                  ///< and how often in another instance of the engine
    bool recreated_ = false;                           ///< a result table was made in this attempt
    std::map<std::string, std::string> not_by_change_; ///< id -> why
};

} // namespace

std::vector<TableOutcome> RunRefresh(Session& session, const Registry& registry, const RunRequest& request,
                                     const RunSurroundings& surroundings) {
    return RefreshRun(session, registry, request, surroundings).Run();
}

} // namespace freshet
