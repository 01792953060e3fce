#pragma once

#include "bind/statement.hpp"
#include "lake/session.hpp"
#include "refresh/definition_changes.hpp"
#include "refresh/new_definition.hpp"
#include "refresh/run.hpp"
#include "service/bookkeeping.hpp"
#include "service/definition_claims.hpp"
#include "service/reports.hpp"

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// Everything that Freshet does with dynamic tables, whoever asks: SQL statements and direct calls end here. Each
/// operation runs in an engine session of its own. Thread-safe.
class Operations {
public:
    Operations(std::unique_ptr<Engine> engine, std::unique_ptr<StateStore> store);

    /// An engine session that Interrupt() reaches, for one operation: it is used again by later ones, warm.
    std::shared_ptr<Session> OpenSession();
    /// One for a user, whose settings, search path and TEMP tables are the user's.
    std::shared_ptr<Session> OpenUserSession();
    void Interrupt();
    /// Of the statement with the most rows among those that run.
    StatementProgress HowFar();
    Engine& GetEngine() { return *engine_; }
    Bookkeeping& Books() { return books_; }
    /// From now on changes of definitions, and maintenance, don't wait for running refreshes: those lose.
    void Force() { running_refresh_ = RunningRefresh::Loses; }
    RunningRefresh OnRunningRefresh() const { return running_refresh_; }

    CreateReport Create(const NewDefinition& definition, const Source& source, bool validate_only);
    /// CREATE OR ALTER: changes of an existing table only what differs. `created` says that anything was done.
    CreateReport CreateOrAlter(const NewDefinition& definition, const Source& source);
    /// ALTER ... AS.
    CreateReport ChangeQuery(const DynamicTable& table, const Excerpt& query, const std::string& search_path,
                             const Settings& settings, const Source& source);

    /// `select` says what of the registry is to be refreshed; nothing if it names no table.
    std::vector<RefreshEntry> Refresh(const std::function<RunRequest(const Registry&)>& select);
    /// A refresh for the worker, in a session of the caller's: of those of the named tables that exist and are not
    /// suspended. Nothing is recorded. `on_step` as in RunSurroundings.
    std::vector<TableOutcome> RefreshScheduled(Session& session, RunRequest request, const std::string& run_id,
                                               const std::function<void(const std::string& id, RunStep step)>& on_step);
    /// After too many failures in a row: suspends the table and, by cascade, its consumers, and tells the history why.
    /// Gives those whose state changed, the table first; nothing if somebody else suspended or dropped it.
    std::vector<DynamicTable> SuspendAfterFailures(Session& session, const std::string& id, int64_t failures);
    /// Moves the frontiers of those of the tables that need no refresh to the newest snapshot; gives these.
    std::vector<TableOutcome> MoveFrontiers(const std::vector<std::string>& ids, bool dry_run);
    std::vector<VerifyEntry> Verify(const std::vector<std::string>& ids, std::optional<Snapshot> version);

    std::vector<DynamicTable> Suspend(const std::vector<std::string>& ids);
    std::vector<DynamicTable> Resume(const std::vector<std::string>& ids);
    void SetOptions(const DynamicTable& table, const TableOptions& options);
    void Rename(const DynamicTable& table, const TableName& to);
    void Swap(const DynamicTable& one, const DynamicTable& other);
    std::vector<DynamicTable> Drop(const std::vector<std::string>& ids, bool cascade);
    /// Whatever reads it: something else of its name follows.
    void DropForSuccessor(const std::string& id);
    /// Brings the table of that name back that was dropped last: with the content of before the drop, or where that has
    /// expired, filled anew.
    CreateReport Undrop(const TableName& name);

    Registry ReadTables();
    std::vector<ListEntry> List();
    TableReport Describe(const DynamicTable& table);
    std::vector<RefreshRecord> History(const std::optional<TableName>& name, int64_t limit);
    GraphReport Graph();
    /// Of one column, or of all. Throws UnknownColumn, or why the definition can't be bound any more.
    LineageReport Lineage(const DynamicTable& table, const std::optional<std::string>& column);
    ExplainReport Explain(const DynamicTable& table);
    /// Computes a refresh now and writes nothing: what it would do, and what that took.
    ExplainReport ExplainMeasured(const DynamicTable& table);
    ExplainReport ExplainNew(const NewDefinition& definition, const Source& source);

private:
    std::vector<TableOutcome> Run(Session& session, const Registry& registry, const RunRequest& request,
                                  Trigger trigger);
    RunSurroundings Surroundings();
    /// Throws Interrupted where Interrupt() was called after interrupts_ was `before`: what has several tables to do
    /// begins none any more.
    void CheckGoesOn(int64_t before, const TableName& table) const;
    CreateReport CreateOnce(const NewDefinition& definition, const Source& source, bool validate_only);
    CreateReport UndropOnce(const TableName& name);
    std::vector<DynamicTable> DropMinding(const std::vector<std::string>& ids, Readers readers);
    CreateReport Carry(Session& session, const Registry& registry, const PlannedDefinition& plan);
    /// After DDL: the store follows the lake.
    void StoreChanged(Session& session, const std::vector<DynamicTable>& tables);

    /// Before DDL on these tables.
    DefinitionClaims ClaimForChange(Session& session, const Registry& registry, const std::vector<std::string>& ids);
    /// A refresh by hand that waited for another one, if that has brought all that it concerns to `wanted` or later.
    std::optional<std::vector<RefreshEntry>> AnswerFromOther(Session& session, const RunRequest& request,
                                                             Snapshot wanted);

    std::unique_ptr<Engine> engine_;
    Bookkeeping books_;
    RunningRefresh running_refresh_ = RunningRefresh::IsAwaited;
    /// Keeps a session for the next operation, unless it failed in this one.
    void TakeBack(std::unique_ptr<Session> session);
    std::shared_ptr<Session> Registered(std::shared_ptr<Session> session);

    std::atomic<int64_t> interrupts_ = 0;
    std::mutex sessions_mutex_;
    std::vector<std::weak_ptr<Session>> sessions_;
    std::vector<std::unique_ptr<Session>> idle_;
};

/// What freshet shows of a finished refresh.
RefreshEntry ToEntry(const TableOutcome& outcome);

} // namespace freshet
