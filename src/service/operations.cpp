#include "service/operations.hpp"

#include "refresh/definition_changes.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/renaming.hpp"
#include "refresh/settings.hpp"
#include "refresh/verify.hpp"
#include "service/command_claims.hpp"
#include "service/overtaken.hpp"
#include "service/sure_reading.hpp"
#include "service/time_limit.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

std::vector<ColumnReport> ColumnReports(const Analysis& analysis) {
    std::vector<ColumnReport> reports;
    for (const auto& column : analysis.columns) {
        reports.push_back(
            {column, analysis.inexact.count(column.name) > 0, analysis.undetermined.count(column.name) > 0});
    }
    return reports;
}

std::vector<DynamicTable> ByName(std::vector<DynamicTable> tables) {
    std::sort(tables.begin(), tables.end(),
              [](const DynamicTable& one, const DynamicTable& other) { return one.name < other.name; });
    return tables;
}

UnchangedUntil HintOf(const Progress& progress) {
    return {progress.unchanged_until, progress.data_timestamp};
}

} // namespace

RefreshEntry ToEntry(const TableOutcome& outcome) {
    RefreshEntry entry;
    entry.table = outcome.table.name;
    entry.action = outcome.action;
    entry.strategy = outcome.strategy;
    entry.reason = outcome.reason;
    entry.rows_inserted = outcome.rows_inserted;
    entry.rows_deleted = outcome.rows_deleted;
    entry.extent = outcome.extent;
    entry.duration_ms = outcome.duration_ms;
    entry.snapshot = outcome.data_snapshot;
    entry.error = outcome.error;
    return entry;
}

Operations::Operations(std::unique_ptr<Engine> engine, std::unique_ptr<StateStore> store)
    : engine_(std::move(engine)), books_(std::move(store)) {
    auto session = OpenSession();
    books_.Reconcile(*session);
}

std::shared_ptr<Session> Operations::OpenSession() {
    std::unique_ptr<Session> session;
    {
        std::lock_guard lock(sessions_mutex_);
        std::erase_if(idle_, [](const auto& known) { return known->IsOver(); });
        if (!idle_.empty()) {
            session = std::move(idle_.back());
            idle_.pop_back();
        }
    }
    if (!session) {
        session = engine_->NewSession();
    }
    ApplySettings(*session, {});
    return Registered({session.release(), [this](Session* used) { TakeBack(std::unique_ptr<Session>(used)); }});
}

std::shared_ptr<Session> Operations::OpenUserSession() {
    return Registered(engine_->NewSession());
}

std::shared_ptr<Session> Operations::Registered(std::shared_ptr<Session> session) {
    std::lock_guard lock(sessions_mutex_);
    std::erase_if(sessions_, [](const auto& known) { return known.expired(); });
    sessions_.push_back(session);
    return session;
}

void Operations::TakeBack(std::unique_ptr<Session> session) {
    // A failure may leave TEMP tables behind.
    if (session->Failed() || session->InTransaction()) {
        return;
    }
    std::lock_guard lock(sessions_mutex_);
    idle_.push_back(std::move(session));
}

void Operations::CheckGoesOn(int64_t before, const TableName& table) const {
    if (interrupts_ != before) {
        throw Error(Code::Interrupted, fmt::format("{} was not begun: interrupted", table.Text()));
    }
}

void Operations::Interrupt() {
    interrupts_++;
    std::lock_guard lock(sessions_mutex_);
    for (const auto& known : sessions_) {
        if (auto session = known.lock()) {
            session->Interrupt();
        }
    }
}

StatementProgress Operations::HowFar() {
    std::lock_guard lock(sessions_mutex_);
    StatementProgress largest;
    for (const auto& known : sessions_) {
        auto session = known.lock();
        StatementProgress progress = session ? session->Progress() : StatementProgress{};
        bool runs = progress.percent >= 0 && progress.percent < 100;
        largest = runs && progress.all_rows >= largest.all_rows ? progress : largest;
    }
    return largest;
}

Registry Operations::ReadTables() {
    return ReadRegistry(*OpenSession());
}

CreateReport Operations::Create(const NewDefinition& definition, const Source& source, bool validate_only) {
    return UnlessOvertaken([&] { return CreateOnce(definition, source, validate_only); });
}

CreateReport Operations::CreateOnce(const NewDefinition& definition, const Source& source, bool validate_only) {
    auto session = OpenSession();
    Transaction reading(*session);
    Registry registry = ReadRegistry(*session);
    PlannedDefinition plan = PlanDefinition(*session, registry, definition, source, books_.Now());
    reading.Commit();
    CreateReport report;
    if (!plan.exists && !validate_only) {
        if (plan.change.is_new) {
            return Carry(*session, registry, plan);
        }
        DefinitionClaims claims = ClaimForChange(*session, registry, {plan.change.table.id});
        return Carry(*session, registry, plan);
    }
    report.table = definition.name;
    report.mode = plan.change.table.mode;
    report.mode_reason = plan.change.table.mode_reason;
    report.columns = ColumnReports(plan.analysis);
    report.warnings = plan.warnings;
    if (plan.exists) {
        report.warnings.push_back(
            fmt::format("dynamic table {} already exists: nothing was done", definition.name.Text()));
    }
    return report;
}

CreateReport Operations::ChangeQuery(const DynamicTable& table, const Excerpt& query, const std::string& search_path,
                                     const Settings& settings, const Source& source) {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    const DynamicTable* current = registry.FindById(table.id);
    if (current == nullptr) {
        throw Error(Code::UnknownTable, fmt::format("dynamic table {} was dropped meanwhile", table.name.Text()));
    }
    PlannedDefinition plan = PlanNewQuery(*session, registry, *current, query, search_path, settings, source);
    DefinitionClaims claims = ClaimForChange(*session, registry, {table.id});
    return Carry(*session, registry, plan);
}

CreateReport Operations::Carry(Session& session, const Registry& registry, const PlannedDefinition& plan) {
    EnsureOwnSchema(session);
    RunRequest request;
    request.ids = {plan.change.table.id};
    request.change = plan.change;
    std::vector<TableOutcome> outcomes = Run(session, registry, request, Trigger::Create);
    CreateReport report;
    report.table = plan.change.table.name;
    report.created = true;
    report.mode = plan.change.table.mode;
    report.mode_reason = plan.change.table.mode_reason;
    report.columns = ColumnReports(plan.analysis);
    report.warnings = plan.warnings;
    for (const auto& outcome : outcomes) {
        if (outcome.filled) {
            report.refreshes.push_back(ToEntry(outcome));
        }
    }
    return report;
}

DefinitionClaims Operations::ClaimForChange(Session& session, const Registry& registry,
                                            const std::vector<std::string>& ids) {
    return {books_, session, registry, ids, running_refresh_};
}

RunSurroundings Operations::Surroundings() {
    RunSurroundings surroundings;
    surroundings.clock = [this] { return books_.Now(); };
    surroundings.unchanged_until = [progress = books_.ReadProgress()](const std::string& id) {
        auto known = progress.find(id);
        return known == progress.end() ? UnchangedUntil{} : HintOf(known->second);
    };
    surroundings.experience = [this](const std::string& id) { return books_.ReadExperience(id); };
    surroundings.run_id = NewRunId();
    return surroundings;
}

std::vector<TableOutcome> Operations::Run(Session& session, const Registry& registry, const RunRequest& request,
                                          Trigger trigger) {
    RunSurroundings surroundings = Surroundings();
    std::optional<TimeLimit> limit;
    if (trigger == Trigger::Manual) { // who creates a table waits for its first fill as long as he likes
        limit.emplace(session, registry);
    }
    surroundings.on_step = [&, before = interrupts_.load()](const std::string& id, RunStep) {
        const DynamicTable* table = registry.FindById(id);
        CheckGoesOn(before, table != nullptr ? table->name : request.change->table.name);
        if (limit) {
            limit->Begin(id);
        }
    };
    std::vector<TableOutcome> outcomes = RunRefresh(session, registry, request, surroundings);
    for (TableOutcome& outcome : outcomes) {
        if (limit) {
            limit->Explain(outcome);
        }
    }
    if (request.dry_run) {
        return outcomes;
    }
    std::optional<Error> refused = request.change ? outcomes.back().error : std::nullopt;
    if (refused && request.change->is_new) {
        outcomes.pop_back(); // there is no such table: its history would be nobody's
    }
    if (request.change && !refused) {
        Registry with = registry;
        with.Replace(request.change->table);
        books_.Upsert(session, with, {request.change->table});
        if (request.change->is_new) {
            MergeRegistry(session, with.Tables().size());
        }
    }
    books_.Record(outcomes, surroundings.run_id, trigger);
    if (refused) {
        throw *refused;
    }
    return outcomes;
}

std::vector<RefreshEntry> Operations::Refresh(const std::function<RunRequest(const Registry&)>& select) {
    auto session = OpenSession();
    std::optional<CommandClaims> claims;
    if (books_.WithStore([](StateStore& store) { return !store.ListWorkers().empty(); })) {
        Registry registry = ReadRegistry(*session);
        RunRequest request = select(registry);
        if (!request.dry_run) {
            claims.emplace(books_, request.ids, CommandClaims::Scope::WithParents,
                           LongestTimeout(registry, request.ids));
        }
        if (claims && claims->Waited() && !request.full) {
            if (auto entries = AnswerFromOther(*session, request, registry.ReadAt())) {
                return *entries;
            }
        }
    }
    Timestamp before = books_.Now();
    Transaction transaction(*session); // goes on as the run's
    Registry registry = ReadRegistry(*session);
    RunRequest request = select(registry);
    request.reads_since = before;
    std::vector<RefreshEntry> entries;
    if (!request.ids.empty()) {
        for (const auto& outcome : Run(*session, registry, request, Trigger::Manual)) {
            entries.push_back(ToEntry(outcome));
        }
    }
    return entries;
}

std::optional<std::vector<RefreshEntry>> Operations::AnswerFromOther(Session& session, const RunRequest& request,
                                                                     Snapshot wanted) {
    Transaction transaction(session);
    Dependencies dependencies = Dependencies::Of(session, ReadRegistry(session), request.ids);
    std::vector<RefreshEntry> entries;
    for (const auto& id : dependencies.Order()) {
        Frontier frontier = ReadFrontier(session, id);
        if (frontier.data_snapshot < wanted) {
            return {};
        }
        TableOutcome outcome;
        outcome.table = dependencies.At(id).table;
        outcome.action = "NO_DATA";
        outcome.reason = "another process has refreshed it meanwhile";
        outcome.data_snapshot = frontier.data_snapshot;
        entries.push_back(ToEntry(outcome));
    }
    transaction.Commit();
    bool all = std::all_of(request.ids.begin(), request.ids.end(),
                           [&](const std::string& id) { return dependencies.Has(id); });
    return all && !entries.empty() ? std::optional(entries) : std::nullopt;
}

std::vector<TableOutcome>
Operations::RefreshScheduled(Session& session, RunRequest request, const std::string& run_id,
                             const std::function<void(const std::string& id, RunStep step)>& on_step) {
    request.reads_since = books_.Now();
    Transaction transaction(session); // goes on as the run's
    Registry registry = ReadRegistry(session);
    std::erase_if(request.ids, [&](const std::string& id) {
        const DynamicTable* table = registry.FindById(id);
        return table == nullptr || table->suspended != Suspension::None;
    });
    if (request.ids.empty()) {
        return {};
    }
    RunSurroundings surroundings = Surroundings();
    surroundings.run_id = run_id;
    surroundings.on_step = on_step;
    std::vector<TableOutcome> outcomes = RunRefresh(session, registry, request, surroundings);
    std::erase_if(outcomes, [](const TableOutcome& outcome) { // dropped meanwhile: nobody misses its refresh
        return outcome.error && outcome.error->GetCode() == Code::UnknownTable;
    });
    return outcomes;
}

std::vector<DynamicTable> Operations::SuspendAfterFailures(Session& session, const std::string& id, int64_t failures) {
    Registry registry = ReadRegistry(session);
    const DynamicTable* table = registry.FindById(id);
    if (table == nullptr || table->suspended != Suspension::None) {
        return {};
    }
    auto changed = SuspendTables(session, {id}, Suspension::ByFailures);
    StoreChanged(session, changed);
    std::stable_partition(changed.begin(), changed.end(), [&](const DynamicTable& each) { return each.id == id; });
    books_.RecordSuspension(changed, failures);
    return changed;
}

std::vector<TableOutcome> Operations::MoveFrontiers(const std::vector<std::string>& ids, bool dry_run) {
    if (ids.empty()) {
        return {};
    }
    auto session = OpenSession();
    RunRequest request;
    request.ids = ids;
    request.dry_run = dry_run;
    request.only_move_frontiers = true;
    RunSurroundings surroundings = Surroundings();
    std::vector<TableOutcome> moved = RunRefresh(*session, ReadRegistry(*session), request, surroundings);
    std::erase_if(moved, [](const TableOutcome& outcome) { return outcome.error || !outcome.frontier_moved; });
    if (!dry_run) {
        books_.Record(moved, surroundings.run_id, Trigger::Manual);
    }
    return moved;
}

std::vector<VerifyEntry> Operations::Verify(const std::vector<std::string>& ids, std::optional<Snapshot> version) {
    auto session = OpenSession();
    Registry registry = ReadRegistry(*session);
    std::map<std::string, Progress> known = books_.ReadProgress();
    std::vector<VerifyEntry> entries;
    int64_t interrupts_before = interrupts_;
    for (const auto& id : ids) {
        const DynamicTable* table = registry.FindById(id);
        if (table == nullptr) {
            continue;
        }
        VerifyEntry entry;
        entry.table = table->name;
        try {
            CheckGoesOn(interrupts_before, table->name);
            Verification result =
                ReadSurely(*session, [&] { return VerifyTable(*session, *table, version, HintOf(known[id])); });
            entry.missing = result.missing;
            entry.extra = result.extra;
            entry.snapshot = result.data_snapshot;
        } catch (const Error& error) {
            session->Rollback();
            entry.error = error;
        }
        entries.push_back(entry);
    }
    return entries;
}

void Operations::StoreChanged(Session& session, const std::vector<DynamicTable>& tables) {
    books_.Upsert(session, ReadRegistry(session), tables);
}

std::vector<DynamicTable> Operations::Suspend(const std::vector<std::string>& ids) {
    auto session = OpenSession();
    auto changed = ByName(SuspendTables(*session, ids));
    StoreChanged(*session, changed);
    return changed;
}

std::vector<DynamicTable> Operations::Resume(const std::vector<std::string>& ids) {
    auto session = OpenSession();
    auto changed = ByName(ResumeTables(*session, ids));
    StoreChanged(*session, changed);
    return changed;
}

void Operations::SetOptions(const DynamicTable& table, const TableOptions& options) {
    if (options.Mode() == RefreshMode::Incremental && table.mode != "INCREMENTAL") {
        throw Error(Code::NotIncremental, "REFRESH_MODE = INCREMENTAL can't be kept: " + table.mode_reason,
                    "use REFRESH_MODE = AUTO, which refreshes such a table by difference");
    }
    auto session = OpenSession();
    DefinitionClaims claims = ClaimForChange(*session, ReadRegistry(*session), {table.id});
    StoreChanged(*session, {ChangeOptions(*session, table, options)});
}

void Operations::Rename(const DynamicTable& table, const TableName& to) {
    auto session = OpenSession();
    DefinitionClaims claims = ClaimForChange(*session, ReadRegistry(*session), {table.id});
    StoreChanged(*session, {RenameTable(*session, table.id, to)});
}

void Operations::Swap(const DynamicTable& one, const DynamicTable& other) {
    auto session = OpenSession();
    DefinitionClaims claims = ClaimForChange(*session, ReadRegistry(*session), {one.id, other.id});
    StoreChanged(*session, SwapTables(*session, one.id, other.id));
}

std::vector<DynamicTable> Operations::Drop(const std::vector<std::string>& ids, bool cascade) {
    return DropMinding(ids, cascade ? Readers::GoToo : Readers::Refuse);
}

void Operations::DropForSuccessor(const std::string& id) {
    DropMinding({id}, Readers::Stay);
}

std::vector<DynamicTable> Operations::DropMinding(const std::vector<std::string>& ids, Readers readers) {
    auto session = OpenSession();
    std::vector<std::string> going;
    Registry registry = ReadRegistry(*session);
    for (const DynamicTable& table : TablesToDrop(*session, registry, ids, readers)) {
        going.push_back(table.id);
    }
    DefinitionClaims claims = ClaimForChange(*session, registry, going);
    auto dropped = DropTables(*session, ids, readers, books_.Now());
    books_.Remove(dropped);
    return dropped;
}

} // namespace freshet
