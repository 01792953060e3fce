#pragma once

#include "state/claims.hpp"
#include "state/model.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// Freshet's bookkeeping outside the lake. Everything in it is derived or dispensable: the lake decides what exists
/// and how fresh it is; losing the store costs history and cost statistics.
///
/// Every call is one transaction: it happens wholly or, if it throws, not at all. Several processes may use one store
/// at once; one object belongs to one thread at a time. Calls that write may be repeated without harm.
/// Throws Error: StoreUnreachable (5001), StoreVersion (5002), StoreOfAnotherLake (5003), without secrets.
class StateStore {
public:
    virtual ~StateStore() = default;

    /// Inserts or replaces by id. A definition_version older than the stored one changes nothing (a slow process must
    /// not undo DDL); of the progress only what is newer counts, unless the definition is.
    virtual void UpsertTable(const StoredTable& table) = 0;
    /// Forgets a table and its dependencies, keeps its history. Not an error if there is none.
    virtual void RemoveTable(const std::string& id) = 0;
    /// Ordered by schema and name, bytewise.
    virtual std::vector<StoredTable> ListTables() = 0;
    virtual std::optional<StoredTable> GetTable(const std::string& id) = 0;
    virtual std::optional<StoredTable> FindTable(const TableName& name) = 0;

    /// Makes `inputs` (whose table_id is `table_id`) the dependencies of that table, in this order.
    virtual void ReplaceDependencies(const std::string& table_id, const std::vector<Dependency>& inputs) = 0;
    /// Of one table, or of all.
    virtual std::vector<Dependency> ListDependencies(const std::optional<std::string>& table_id = {}) = 0;

    /// Adds to the history and moves the progress of the tables, all in one transaction. A data timestamp never goes
    /// back: of an older one only last_action and last_error are kept. Texts that may quote an engine are redacted.
    virtual void RecordRefreshes(const std::vector<RefreshOutcome>& outcomes) = 0;
    /// Newest first by started_at.
    virtual std::vector<RefreshRecord> ReadHistory(const HistoryQuery& query) = 0;
    /// Keeps the newest `keep` records of each table (of dropped tables: of each name). Returns how many were deleted.
    virtual int64_t ForgetHistory(int64_t keep) = 0;

    /// Moves the data timestamps of tables for which nothing has changed up to that snapshot, none of them back.
    virtual void RecordUnchanged(const std::vector<std::string>& table_ids, int64_t snapshot, Timestamp timestamp) = 0;

    /// A sign of life: enters the worker, or renews its time. Times in `worker` are not looked at, but for the two
    /// spans.
    virtual void Heartbeat(const WorkerInfo& worker) = 0;
    /// Forgets a worker that ended or is known to be dead: what it had claimed is free. Not an error if there is none.
    virtual void RemoveWorker(const std::string& id) = 0;
    /// All that were entered and not removed, dead ones too, by id.
    virtual std::vector<WorkerInfo> ListWorkers() = 0;
    /// All of the tables or none. A claim is free if nobody holds it, or if its holder is unknown or has given no sign
    /// of life for as long as it said. Doesn't wait for others who take claims at the same time.
    virtual ClaimAnswer TakeClaims(const std::string& worker_id, const std::string& run_id,
                                   const std::vector<std::string>& table_ids) = 0;
    /// The same, but whoever holds the claims loses them; not taken only where others take or give them back right now.
    virtual ClaimAnswer SeizeClaims(const std::string& worker_id, const std::string& run_id,
                                    const std::vector<std::string>& table_ids) = 0;
    /// What the worker is at in these claims of its: for people. Claims that it doesn't hold are left alone.
    virtual void NoteSteps(const std::string& worker_id, const std::vector<ClaimStep>& steps) = 0;
    /// How many claims the worker still holds for that run: fewer than it took means that it was taken for dead.
    virtual int64_t CountClaims(const std::string& worker_id, const std::string& run_id) = 0;
    virtual void ReleaseClaims(const std::string& worker_id, const std::string& run_id) = 0;
    /// Those that somebody holds, whether he lives or not.
    virtual std::vector<Claim> ListClaims() = 0;

    /// Replaces the table's note; one without failures is forgotten. noted_at is set here, and returned.
    virtual Timestamp WriteFailureNote(const FailureNote& note) = 0;
    virtual std::vector<FailureNote> ListFailureNotes() = 0;

    /// A snapshot beyond the lake's newest tells that the lake was restored from a backup: Rewind() then.
    virtual Reconciled GetReconciled() = 0;
    /// Never goes back. Throws StoreOfAnotherLake if the store is another lake's; a store of none becomes this lake's.
    virtual void SetReconciled(const Reconciled& reconciled) = 0;
    /// Makes tables and dependencies those of the view; false, and nothing done, if the store reflects a later
    /// snapshot already. Progress follows the rule of UpsertTable. Throws like SetReconciled.
    virtual bool Reconcile(const LakeView& view) = 0;
    /// Forgets the tables and what it reflects of the lake, so that the next Reconcile() takes all from the lake. The
    /// history, claims and the clock stay.
    virtual void Rewind() = 0;

    /// The store's clock: later than every value that any process got from it before, whatever the system clocks do.
    virtual Timestamp Now() = 0;
    /// From now on Now() is later than `time`: for a store that was lost, from the newest data timestamp in the lake.
    virtual void AdvanceClock(Timestamp time) = 0;

    /// "sqlite:/path/state.sqlite", "postgres:host=db dbname=lake": where it is, without secrets.
    virtual std::string Describe() const = 0;
};

struct StateOptions {
    std::string address;         ///< sqlite:FILE, or postgres: and a libpq connection string or URI
    bool create = false;         ///< make what is missing: folder and file, or schema
    int lock_timeout_ms = 10000; ///< how long to wait for other processes' transactions
};

/// Opens a store and migrates an older one to this program's version.
std::unique_ptr<StateStore> OpenStateStore(const StateOptions& options);

} // namespace freshet
