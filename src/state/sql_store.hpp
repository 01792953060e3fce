#pragma once

#include "state/sql_connection.hpp"
#include "state/store.hpp"

#include <memory>

namespace freshet {

/// The state store in SQL, written once: the databases differ only behind SqlConnection.
class SqlStore : public StateStore {
public:
    explicit SqlStore(std::unique_ptr<SqlConnection> connection) : connection_(std::move(connection)) {}

    void UpsertTable(const StoredTable& table) override;
    void RemoveTable(const std::string& id) override;
    std::vector<StoredTable> ListTables() override;
    std::optional<StoredTable> GetTable(const std::string& id) override;
    std::optional<StoredTable> FindTable(const TableName& name) override;

    void ReplaceDependencies(const std::string& table_id, const std::vector<Dependency>& inputs) override;
    std::vector<Dependency> ListDependencies(const std::optional<std::string>& table_id) override;

    void RecordRefreshes(const std::vector<RefreshOutcome>& outcomes) override;
    std::vector<RefreshRecord> ReadHistory(const HistoryQuery& query) override;
    int64_t ForgetHistory(int64_t keep) override;

    void RecordUnchanged(const std::vector<std::string>& table_ids, int64_t snapshot, Timestamp timestamp) override;

    void Heartbeat(const WorkerInfo& worker) override;
    void RemoveWorker(const std::string& id) override;
    std::vector<WorkerInfo> ListWorkers() override;
    ClaimAnswer TakeClaims(const std::string& worker_id, const std::string& run_id,
                           const std::vector<std::string>& table_ids) override;
    ClaimAnswer SeizeClaims(const std::string& worker_id, const std::string& run_id,
                            const std::vector<std::string>& table_ids) override;
    void NoteSteps(const std::string& worker_id, const std::vector<ClaimStep>& steps) override;
    int64_t CountClaims(const std::string& worker_id, const std::string& run_id) override;
    void ReleaseClaims(const std::string& worker_id, const std::string& run_id) override;
    std::vector<Claim> ListClaims() override;

    Timestamp WriteFailureNote(const FailureNote& note) override;
    std::vector<FailureNote> ListFailureNotes() override;

    Reconciled GetReconciled() override;
    void SetReconciled(const Reconciled& reconciled) override;
    bool Reconcile(const LakeView& view) override;
    void Rewind() override;

    Timestamp Now() override;
    void AdvanceClock(Timestamp time) override;

    std::string Describe() const override { return connection_->Describe(); }

private:
    ClaimAnswer TakeClaims(const std::string& worker_id, const std::string& run_id,
                           const std::vector<std::string>& table_ids, bool from_the_living);
    std::optional<StoredTable> OneTable(const std::string& condition, const Row& parameters);
    /// Makes other processes that reconcile wait, and checks that the store is this lake's or none's.
    Reconciled LockLake(const std::string& lake_uuid);
    void WriteReconciled(const Reconciled& reconciled);
    void RemoveTablesOutside(const LakeView& view);
    std::vector<Claim> LockClaims(const Row& ids);

    std::unique_ptr<SqlConnection> connection_;
};

} // namespace freshet
