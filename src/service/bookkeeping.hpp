#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"
#include "refresh/run.hpp"
#include "state/store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// The state store as the service uses it: behind a lock, fed from the lake and from finished refreshes.
class Bookkeeping {
public:
    explicit Bookkeeping(std::unique_ptr<StateStore> store) : store_(std::move(store)) {}

    /// Makes the store agree with the lake's registry, where it doesn't: a crash between the lake's commit and the
    /// store's is thereby repaired, and a lost store filled again.
    void Reconcile(Session& session);

    Timestamp Now();
    std::map<std::string, Progress> ReadProgress();
    std::vector<RefreshRecord> ReadHistory(const HistoryQuery& query);
    /// The newest refreshes of a table at which something had changed, newest first, at most so many.
    std::vector<RefreshRecord> ReadChoices(const std::string& table_id, int limit);
    /// What they say about its costs.
    Experience ReadExperience(const std::string& table_id);
    std::string Describe();

    /// Gives the records that were written.
    std::vector<RefreshRecord> Record(const std::vector<TableOutcome>& outcomes, const std::string& run_id,
                                      Trigger trigger);
    /// The first of the tables was suspended because its refreshes failed, the others because they read it.
    void RecordSuspension(const std::vector<DynamicTable>& tables, int64_t failures);
    /// Writes what DDL changed, with the tables' inputs.
    void Upsert(Session& session, const Registry& registry, const std::vector<DynamicTable>& tables);
    /// Of a table whose content came back with it: how far the lake says that it is.
    void TakeProgress(Session& session, const DynamicTable& table);
    void Remove(const std::vector<DynamicTable>& tables);

    /// The store, behind the lock, for calls that need nothing else.
    template <class Work>
    auto WithStore(const Work& work) {
        std::lock_guard lock(mutex_);
        return work(*store_);
    }

private:
    std::mutex mutex_;
    std::unique_ptr<StateStore> store_;
};

/// What the history says became of it.
RefreshStatus StatusOf(const TableOutcome& outcome);

/// A unique name for one command's refreshes, or for one refresh.
std::string NewRunId();

} // namespace freshet
