#include "service/bookkeeping.hpp"

#include "base/random_hex.hpp"
#include "lake/catalog.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/lake_state.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

StoredTable ToStored(const DynamicTable& table) {
    StoredTable stored;
    stored.id = table.id;
    stored.name = table.name;
    stored.definition = table.definition;
    stored.options = table.options.ToText();
    stored.search_path = table.search_path;
    stored.suspended = table.suspended;
    stored.definition_version = table.definition_version;
    stored.created_at = table.created_at;
    stored.mode = table.mode;
    stored.mode_reason = table.mode_reason;
    return stored;
}

std::vector<Dependency> InputsOf(const TableNode& node, const Registry& registry) {
    std::vector<Dependency> inputs;
    for (const auto& input : node.inputs) {
        const DynamicTable* parent = registry.Find(input);
        inputs.push_back({node.table.id, input, parent == nullptr ? "" : parent->id});
    }
    return inputs;
}

/// The identity of the lake: its main schema's, made with the lake.
std::string LakeUuid(Session& session) {
    return AsText(session.QueryValue(fmt::format("SELECT schema_uuid::VARCHAR FROM {} ORDER BY schema_id LIMIT 1",
                                                 MetadataTable("ducklake_schema"))));
}

bool SameTables(const Registry& registry, const std::vector<StoredTable>& stored) {
    if (registry.Tables().size() != stored.size()) {
        return false;
    }
    return std::all_of(stored.begin(), stored.end(), [&](const StoredTable& entry) {
        const DynamicTable* table = registry.FindById(entry.id);
        return table != nullptr && table->definition_version == entry.definition_version && table->name == entry.name;
    });
}

void TakeFrontier(Session& session, StoredTable& table) {
    Frontier frontier = ReadFrontier(session, table.id);
    table.progress.data_snapshot = frontier.data_snapshot;
    table.progress.data_timestamp = frontier.data_timestamp;
}

/// All that the lake knows. A frontier is read where the store has none of that definition: each costs a scan.
LakeView ViewOf(Session& session, const Registry& registry, const Reconciled& at,
                const std::vector<StoredTable>& stored) {
    std::map<std::string, const StoredTable*> known;
    for (const auto& table : stored) {
        known[table.id] = &table;
    }
    LakeView view;
    view.at = at;
    Dependencies dependencies = Dependencies::OfAll(session, registry);
    for (const auto& table : registry.Tables()) {
        StoredTable entry = ToStored(table);
        auto found = known.find(table.id);
        if (found != known.end() && found->second->definition_version == table.definition_version) {
            entry.progress = found->second->progress;
        } else {
            TakeFrontier(session, entry);
        }
        view.tables.push_back(entry);
        auto inputs = InputsOf(dependencies.At(table.id), registry);
        view.dependencies.insert(view.dependencies.end(), inputs.begin(), inputs.end());
    }
    return view;
}

/// Tables that were filled for the first time by somebody who was killed before he could tell the store: gives them,
/// and sets them right in `stored`.
std::vector<StoredTable> TakeFirstFills(Session& session, const ChangeLog& log, Snapshot now,
                                        std::vector<StoredTable>& stored) {
    std::vector<StoredTable> filled;
    for (StoredTable& table : stored) {
        auto state =
            table.progress.data_snapshot == kNoSnapshot ? FindTable(session, StateTable(table.id), now) : std::nullopt;
        if (state && log.Of(state->id).deleted) { // a refresh replaces the row that the creation wrote
            TakeFrontier(session, table);
            filled.push_back(table);
        }
    }
    return filled;
}

RefreshRecord RecordOf(const TableOutcome& outcome, const std::string& run_id, Trigger trigger) {
    RefreshRecord record;
    record.refresh_id = NewRunId();
    record.run_id = run_id;
    record.table_id = outcome.table.id;
    record.table = outcome.table.name;
    record.started_at = outcome.started_at;
    record.finished_at = outcome.finished_at;
    record.trigger = trigger;
    record.action = outcome.action;
    record.strategy = outcome.strategy;
    record.reason = outcome.reason;
    record.status = StatusOf(outcome);
    record.rows_inserted = outcome.rows_inserted;
    record.rows_deleted = outcome.rows_deleted;
    record.duration_ms = outcome.duration_ms;
    record.data_snapshot = outcome.data_snapshot;
    record.commit_snapshot = outcome.commit_snapshot;
    record.estimated_cost = outcome.estimated_ms;
    record.measured_cost = outcome.measured_ms;
    record.candidates = outcome.candidates;
    if (outcome.error) {
        record.error_code = outcome.error->CodeText();
        record.error_message = outcome.error->Message();
    }
    return record;
}

Progress ProgressOf(const TableOutcome& outcome) {
    Progress progress;
    progress.data_snapshot = outcome.data_snapshot;
    progress.data_timestamp = outcome.data_timestamp;
    progress.unchanged_until = outcome.error ? kNoSnapshot : outcome.data_snapshot;
    progress.last_action = outcome.action;
    progress.last_error = outcome.error ? outcome.error->CodeText() + ": " + outcome.error->Message() : "";
    return progress;
}

} // namespace

RefreshStatus StatusOf(const TableOutcome& outcome) {
    if (!outcome.error) {
        return RefreshStatus::Succeeded;
    }
    if (outcome.error->GetCode() == Code::Suspended) {
        return RefreshStatus::Skipped;
    }
    return outcome.skipped ? RefreshStatus::UpstreamFailed : RefreshStatus::Failed;
}

std::string NewRunId() {
    return RandomHex(32);
}

void Bookkeeping::Reconcile(Session& session) {
    std::lock_guard lock(mutex_);
    Reconciled last = store_->GetReconciled(); // before the lake is looked at: it never tells of what is to come
    Transaction transaction(session);
    Reconciled at{LakeUuid(session), CurrentSnapshot(session)};
    if (last == at) {
        return;
    }
    if (last.lake_uuid == at.lake_uuid && last.snapshot > at.snapshot) { // the lake was restored from a backup
        store_->Rewind();
        last.snapshot = kNoSnapshot;
    }
    CheckLakeFormat(session); // here, since an upgrade of the lake makes a snapshot
    const Registry registry = ReadRegistry(session);
    auto stored = store_->ListTables();
    bool knows_lake = last.lake_uuid == at.lake_uuid && last.snapshot != kNoSnapshot;
    auto log = ChangeLog::Remembered(session, knows_lake ? last.snapshot : at.snapshot, at.snapshot);
    bool reads_the_same = knows_lake && !log.AnyViewOrMacroChange();
    auto filled = TakeFirstFills(session, log, at.snapshot, stored);
    if (!SameTables(registry, stored) || !reads_the_same) {
        LakeView view = ViewOf(session, registry, at, stored);
        transaction.Commit();
        for (const auto& table : view.tables) {
            store_->AdvanceClock(table.progress.data_timestamp);
        }
        store_->Reconcile(view);
        return;
    }
    transaction.Commit();
    for (const auto& table : filled) {
        store_->AdvanceClock(table.progress.data_timestamp);
        store_->UpsertTable(table);
    }
    store_->SetReconciled(at);
}

Timestamp Bookkeeping::Now() {
    std::lock_guard lock(mutex_);
    return store_->Now();
}

std::map<std::string, Progress> Bookkeeping::ReadProgress() {
    std::lock_guard lock(mutex_);
    std::map<std::string, Progress> progress;
    for (const auto& table : store_->ListTables()) {
        progress[table.id] = table.progress;
    }
    return progress;
}

std::vector<RefreshRecord> Bookkeeping::ReadHistory(const HistoryQuery& query) {
    std::lock_guard lock(mutex_);
    return store_->ReadHistory(query);
}

std::vector<RefreshRecord> Bookkeeping::ReadChoices(const std::string& table_id, int limit) {
    std::vector<RefreshRecord> records;
    for (const char* action : {"INCREMENTAL", "FULL"}) {
        HistoryQuery query;
        query.table_id = table_id;
        query.action = action;
        query.status = RefreshStatus::Succeeded;
        query.limit = limit;
        auto some = ReadHistory(query);
        records.insert(records.end(), some.begin(), some.end());
    }
    std::sort(records.begin(), records.end(),
              [](const RefreshRecord& a, const RefreshRecord& b) { return a.started_at > b.started_at; });
    records.resize(std::min(records.size(), static_cast<size_t>(limit)));
    return records;
}

Experience Bookkeeping::ReadExperience(const std::string& table_id) {
    std::vector<PastRefresh> past;
    for (const auto& record : ReadChoices(table_id, kRemembered)) {
        past.push_back({record.candidates, record.measured_cost.value_or(-1)});
    }
    return Learn(past);
}

std::string Bookkeeping::Describe() {
    std::lock_guard lock(mutex_);
    return store_->Describe();
}

std::vector<RefreshRecord> Bookkeeping::Record(const std::vector<TableOutcome>& outcomes, const std::string& run_id,
                                               Trigger trigger) {
    std::vector<RefreshRecord> written;
    std::vector<RefreshOutcome> records;
    for (const auto& outcome : outcomes) {
        RefreshOutcome record{RecordOf(outcome, run_id, trigger), ProgressOf(outcome)};
        if (record.record.status == RefreshStatus::Skipped) {
            record.progress.reset(); // refused, not tried: what is known of the table stays
        }
        written.push_back(record.record);
        records.push_back(record);
    }
    std::lock_guard lock(mutex_);
    store_->RecordRefreshes(records);
    return written;
}

void Bookkeeping::RecordSuspension(const std::vector<DynamicTable>& tables, int64_t failures) {
    std::lock_guard lock(mutex_);
    std::string run_id = NewRunId();
    std::vector<RefreshOutcome> outcomes;
    std::string cause;
    for (const auto& table : tables) {
        auto stored = store_->GetTable(table.id);
        Progress progress = stored ? stored->progress : Progress{};
        bool first = outcomes.empty();
        if (first) {
            cause = progress.last_error;
        }
        RefreshOutcome outcome;
        outcome.record.refresh_id = NewRunId();
        outcome.record.run_id = run_id;
        outcome.record.table_id = table.id;
        outcome.record.table = table.name;
        outcome.record.started_at = outcome.record.finished_at = freshet::Now();
        outcome.record.trigger = Trigger::Scheduled;
        outcome.record.status = first ? RefreshStatus::Skipped : RefreshStatus::UpstreamFailed;
        outcome.record.error_code = CodeText(first ? Code::Suspended : Code::ParentFailed);
        outcome.record.error_message =
            first ? fmt::format("suspended after {} failures in a row; the last: {}", failures, cause)
                  : fmt::format("suspended, because {} failed {} times in a row", tables.front().name.Text(), failures);
        progress.last_error = outcome.record.error_code + ": " + outcome.record.error_message;
        outcome.progress = progress;
        outcomes.push_back(outcome);
    }
    store_->RecordRefreshes(outcomes);
}

void Bookkeeping::Upsert(Session& session, const Registry& registry, const std::vector<DynamicTable>& tables) {
    for (const auto& table : tables) {
        auto inputs = InputsOf(Dependencies::Of(session, registry, {table.id}).At(table.id), registry);
        std::lock_guard lock(mutex_);
        StoredTable stored = ToStored(table);
        if (auto known = store_->GetTable(table.id)) {
            stored.progress = known->progress;
        }
        store_->UpsertTable(stored);
        store_->ReplaceDependencies(table.id, inputs);
    }
}

void Bookkeeping::TakeProgress(Session& session, const DynamicTable& table) {
    std::lock_guard lock(mutex_);
    if (auto stored = store_->GetTable(table.id)) {
        TakeFrontier(session, *stored);
        store_->UpsertTable(*stored);
    }
}

void Bookkeeping::Remove(const std::vector<DynamicTable>& tables) {
    std::lock_guard lock(mutex_);
    for (const auto& table : tables) {
        store_->RemoveTable(table.id);
    }
}

} // namespace freshet
