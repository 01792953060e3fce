#include "state/sql_store.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

constexpr const char* kWorkerColumns =
    "id, kind, host, process, process_started, started_at, heartbeat_at, heartbeat_every, expires_after, refreshed";
constexpr const char* kClaimColumns = "table_id, generation, worker_id, run_id, taken_at, step, step_since";

WorkerInfo ToWorker(const Row& row) {
    return {.id = AsText(row.at(0)),
            .kind = AsText(row.at(1)),
            .host = AsText(row.at(2)),
            .process = AsInt(row.at(3)),
            .process_started = AsInt(row.at(4)),
            .started_at = AsInt(row.at(5)),
            .heartbeat_at = AsInt(row.at(6)),
            .heartbeat_every = AsInt(row.at(7)),
            .refreshed = AsInt(row.at(9)),
            .expires_after = AsInt(row.at(8))};
}

Claim ToClaim(const Row& row) {
    return {.table_id = AsText(row.at(0)),
            .generation = AsInt(row.at(1)),
            .worker_id = AsText(row.at(2)),
            .run_id = AsText(row.at(3)),
            .taken_at = AsInt(row.at(4)),
            .step = AsText(row.at(5)),
            .step_since = AsInt(row.at(6))};
}

/// "$1, $2, $3", and the values for it.
std::string Placeholders(size_t count) {
    std::string text;
    for (size_t i = 1; i <= count; i++) {
        text += fmt::format("{}${}", i == 1 ? "" : ", ", i);
    }
    return text;
}

/// Sorted, so that two processes lock rows in one order; each once.
Row SortedIds(const std::vector<std::string>& ids) {
    std::set<std::string> sorted(ids.begin(), ids.end());
    return {sorted.begin(), sorted.end()};
}

/// Databases limit how many parameters a statement may have.
constexpr size_t kIdsPerStatement = 500;

template <typename Work>
void ForParts(const Row& ids, const Work& work) {
    for (size_t begin = 0; begin < ids.size(); begin += kIdsPerStatement) {
        size_t end = std::min(ids.size(), begin + kIdsPerStatement);
        work(Row(ids.begin() + static_cast<std::ptrdiff_t>(begin), ids.begin() + static_cast<std::ptrdiff_t>(end)));
    }
}

} // namespace

void SqlStore::RecordUnchanged(const std::vector<std::string>& table_ids, int64_t snapshot, Timestamp timestamp) {
    Rows rows;
    for (const auto& id : SortedIds(table_ids)) {
        rows.push_back({id, snapshot, timestamp});
    }
    connection_->InTransaction([&] {
        connection_->ForEach("UPDATE freshet_state.dynamic_table SET data_snapshot = $2, unchanged_until = $2, "
                             "data_timestamp = $3 WHERE id = $1 AND data_snapshot <= $2 AND data_timestamp < $3 AND "
                             "data_snapshot >= 0",
                             rows);
    });
}

void SqlStore::Heartbeat(const WorkerInfo& worker) {
    Timestamp now = Now();
    connection_->InTransaction([&] {
        connection_->Query(
            fmt::format("INSERT INTO freshet_state.worker ({}) VALUES ($1, $2, $3, $4, $5, $6, $6, $7, $8, $9) "
                        "ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at, "
                        "heartbeat_every = excluded.heartbeat_every, expires_after = excluded.expires_after, "
                        "refreshed = excluded.refreshed",
                        kWorkerColumns),
            {worker.id, worker.kind, worker.host, worker.process, worker.process_started, now, worker.heartbeat_every,
             worker.expires_after, worker.refreshed});
    });
}

void SqlStore::RemoveWorker(const std::string& id) {
    connection_->InTransaction([&] {
        connection_->Query("UPDATE freshet_state.claim SET worker_id = '', run_id = '' WHERE worker_id = $1", {id});
        connection_->Query("DELETE FROM freshet_state.worker WHERE id = $1", {id});
    });
}

std::vector<WorkerInfo> SqlStore::ListWorkers() {
    std::vector<WorkerInfo> workers;
    for (const Row& row : connection_->Query(fmt::format("SELECT {} FROM freshet_state.worker", kWorkerColumns))) {
        workers.push_back(ToWorker(row));
    }
    std::sort(workers.begin(), workers.end(), [](const WorkerInfo& a, const WorkerInfo& b) { return a.id < b.id; });
    return workers;
}

ClaimAnswer SqlStore::TakeClaims(const std::string& worker_id, const std::string& run_id,
                                 const std::vector<std::string>& table_ids) {
    return TakeClaims(worker_id, run_id, table_ids, false);
}

ClaimAnswer SqlStore::SeizeClaims(const std::string& worker_id, const std::string& run_id,
                                  const std::vector<std::string>& table_ids) {
    return TakeClaims(worker_id, run_id, table_ids, true);
}

ClaimAnswer SqlStore::TakeClaims(const std::string& worker_id, const std::string& run_id,
                                 const std::vector<std::string>& table_ids, bool from_the_living) {
    Row ids = SortedIds(table_ids);
    Timestamp now = Now();
    ClaimAnswer answer;
    connection_->InTransaction([&] {
        answer = {};
        std::vector<Claim> found = LockClaims(ids);
        if (found.size() < ids.size()) {
            return;
        }
        std::set<std::string> alive;
        for (const Row& row :
             connection_->Query("SELECT id FROM freshet_state.worker WHERE heartbeat_at + expires_after > $1", {now})) {
            alive.insert(AsText(row.at(0)));
        }
        for (const Claim& claim : found) {
            bool own = claim.worker_id == worker_id && claim.run_id == run_id;
            if (!own && !from_the_living && alive.contains(claim.worker_id)) {
                answer.claims.push_back(claim);
            }
        }
        if (!answer.claims.empty()) {
            return;
        }
        Rows taken;
        for (Claim& claim : found) {
            claim = {claim.table_id, claim.generation + 1, worker_id, run_id, now, "", 0};
            taken.push_back({claim.table_id, claim.generation, worker_id, run_id, now});
        }
        connection_->ForEach("UPDATE freshet_state.claim SET generation = $2, worker_id = $3, run_id = $4, "
                             "taken_at = $5, step = '', step_since = 0 WHERE table_id = $1",
                             taken);
        answer = {true, found};
    });
    return answer;
}

/// The rows of these claims, but for those that others are changing; made where they are missing.
std::vector<Claim> SqlStore::LockClaims(const Row& ids) {
    std::vector<Claim> found;
    ForParts(ids, [&](const Row& part) {
        std::set<std::string> known;
        std::string among = fmt::format("table_id IN ({})", Placeholders(part.size()));
        for (const Row& row :
             connection_->Query(fmt::format("SELECT table_id FROM freshet_state.claim WHERE {}", among), part)) {
            known.insert(AsText(row.at(0)));
        }
        Rows missing;
        for (const Value& id : part) {
            if (!known.contains(AsText(id))) {
                missing.push_back({id});
            }
        }
        connection_->ForEach("INSERT INTO freshet_state.claim (table_id, generation, worker_id, run_id, taken_at) "
                             "VALUES ($1, 0, '', '', 0) "
                             "ON CONFLICT (table_id) DO NOTHING",
                             missing);
        for (const Row& row :
             connection_->Query(fmt::format("SELECT {} FROM freshet_state.claim WHERE {} ORDER BY table_id{}",
                                            kClaimColumns, among, connection_->TakingFreeRowsSql()),
                                part)) {
            found.push_back(ToClaim(row));
        }
    });
    return found;
}

void SqlStore::NoteSteps(const std::string& worker_id, const std::vector<ClaimStep>& steps) {
    Rows rows;
    for (const ClaimStep& step : steps) {
        rows.push_back({step.table_id, worker_id, step.step, step.since});
    }
    std::sort(rows.begin(), rows.end());
    connection_->InTransaction([&] {
        connection_->ForEach("UPDATE freshet_state.claim SET step = $3, step_since = $4 WHERE table_id = $1 AND "
                             "worker_id = $2",
                             rows);
    });
}

int64_t SqlStore::CountClaims(const std::string& worker_id, const std::string& run_id) {
    return AsInt(connection_
                     ->Query("SELECT count(*) FROM freshet_state.claim WHERE worker_id = $1 AND run_id = $2",
                             {worker_id, run_id})
                     .at(0)
                     .at(0));
}

void SqlStore::ReleaseClaims(const std::string& worker_id, const std::string& run_id) {
    connection_->InTransaction([&] {
        connection_->Query(
            "UPDATE freshet_state.claim SET worker_id = '', run_id = '' WHERE worker_id = $1 AND run_id = $2",
            {worker_id, run_id});
    });
}

std::vector<Claim> SqlStore::ListClaims() {
    std::vector<Claim> claims;
    for (const Row& row :
         connection_->Query(fmt::format("SELECT {} FROM freshet_state.claim WHERE worker_id <> ''", kClaimColumns))) {
        claims.push_back(ToClaim(row));
    }
    std::sort(claims.begin(), claims.end(), [](const Claim& a, const Claim& b) { return a.table_id < b.table_id; });
    return claims;
}

Timestamp SqlStore::WriteFailureNote(const FailureNote& note) {
    Timestamp now = Now();
    connection_->InTransaction([&] {
        if (note.failures == 0 && note.retries == 0) {
            connection_->Query("DELETE FROM freshet_state.failure WHERE table_id = $1", {note.table_id});
            return;
        }
        connection_->Query(
            "INSERT INTO freshet_state.failure (table_id, definition_version, failures, retries, noted_at, retry_at) "
            "VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (table_id) DO UPDATE SET "
            "definition_version = excluded.definition_version, failures = excluded.failures, "
            "retries = excluded.retries, noted_at = excluded.noted_at, retry_at = excluded.retry_at",
            {note.table_id, note.definition_version, note.failures, note.retries, now, note.retry_at});
    });
    return now;
}

std::vector<FailureNote> SqlStore::ListFailureNotes() {
    std::vector<FailureNote> notes;
    for (const Row& row :
         connection_->Query("SELECT table_id, definition_version, failures, retries, noted_at, retry_at "
                            "FROM freshet_state.failure ORDER BY table_id")) {
        notes.push_back({AsText(row.at(0)), AsInt(row.at(1)), AsInt(row.at(2)), AsInt(row.at(3)), AsInt(row.at(4)),
                         AsInt(row.at(5))});
    }
    return notes;
}

} // namespace freshet
