#pragma once

#include "base/clock.hpp"
#include "schedule/retry.hpp"
#include "state/model.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace freshet {

/// What the scheduler is told of a dynamic table.
struct TableView {
    std::string id;
    std::vector<std::string> parents;   ///< ids of the dynamic tables that it reads directly
    std::optional<int64_t> lag_seconds; ///< nothing: DOWNSTREAM
    int64_t priority = 0;
    int64_t retries = 3;
    bool suspended = false;
    int64_t definition_version = 1;      ///< a new one (RESUME, ALTER) forgets failures
    int64_t data_snapshot = kNoSnapshot; ///< none: never filled
    Timestamp data_timestamp = 0;        ///< on the store's clock: only compared for equality
    int64_t age = 0;                     ///< microseconds since the data timestamp
    int64_t changed_at = kNoSnapshot;    ///< newest snapshot known to have changed what it reads
    bool always_changes = false;         ///< the change log can't tell: now(), tables of other databases
    std::optional<int64_t> duration;     ///< microseconds that its last refreshes took, where known
    FailureCount failed;                 ///< as other workers left it
    Timestamp failed_at = 0;             ///< when that was written: newer words win
    int64_t retry_in = 0;                ///< microseconds until its next attempt
};

/// All dynamic tables there are, in place of all that were.
struct TablesSeen {
    std::vector<TableView> tables;
};
/// Somebody changed what these tables read, in the commit of that snapshot.
struct SourcesChanged {
    int64_t snapshot = kNoSnapshot;
    std::vector<std::string> tables;
};
struct TableResult {
    std::string id;
    std::optional<FailureClass> failure; ///< nothing: it succeeded
    int64_t duration = 0;                ///< microseconds
    int64_t data_snapshot = kNoSnapshot; ///< where it succeeded
    Timestamp data_timestamp = 0;
    bool no_data = false; ///< there was nothing to do, so that `duration` tells nothing of the next time
};
/// An order is done with. A table of it that has no result was not tried.
struct OrderEnded {
    int64_t number = 0;
    std::vector<TableResult> results;
};
/// An order could not be begun: other processes are at its tables.
struct OrderRefused {
    int64_t number = 0;
};
/// The store was told that nothing had changed for these tables.
struct UnchangedTold {
    std::vector<std::string> tables;
    int64_t data_snapshot = kNoSnapshot;
    Timestamp data_timestamp = 0;
};
using Event = std::variant<TablesSeen, SourcesChanged, OrderEnded, OrderRefused, UnchangedTold>;

/// Refresh these tables, at one data snapshot.
struct Order {
    int64_t number = 0;
    std::vector<std::string> due;    ///< those to name
    std::vector<std::string> tables; ///< these and all dynamic tables that they read, parents before children
    Instant wanted_by = 0;           ///< when the first of them misses its target lag
    /// The same as two steps: first `shared`, then each of the lanes, which have nothing else in common.
    std::vector<std::string> shared;
    std::vector<std::vector<std::string>> lanes;
};

struct Orders {
    std::vector<Order> refresh;
    /// Nothing that these read has changed: their data timestamp may move to the moment of the last look at the lake.
    std::vector<std::string> unchanged;
    /// They failed too often in a row.
    std::vector<std::string> suspend;
    Instant wake_at = 0; ///< until then nothing is to be done, unless an event comes
};

struct SchedulerOptions {
    int64_t parallel = 1;           ///< orders that may run at once
    int64_t reaction = kSecond / 2; ///< microseconds between two ticks, at most: comes off the time to act
    uint64_t seed = 0;              ///< spreads retries, and workers over what is due at the same moment
    bool at_once = false;           ///< what has changed is due, however much time its lag leaves
    RetryPolicy retry = {};
};

/// How a table stands.
struct Outlook {
    std::optional<int64_t> lag_seconds; ///< the target that holds for it: its own, or that of a consumer
    std::optional<Instant> due;         ///< when it will be refreshed next; nothing: only by hand
    bool running = false;
    FailureCount failed;
    Instant retry_at = 0;
};

/// Decides what is refreshed when, so that no table's lag exceeds its target where capacity suffices. It has no clock,
/// no thread and no connection: the same calls give the same orders. Not thread-safe.
///
/// * A table is due so long before its lag is reached as refreshing it is expected to take, waiting included. What
///   nothing has changed for is never due.
/// * What it reads is refreshed with it, so a parent is as fresh as its most demanding consumer. DOWNSTREAM tables are
///   refreshed for their consumers only.
/// * Due tables that share dynamic tables become one order, together with those that would be due soon.
/// * A table is in one order at a time; one that is late waits for no queue: it is ordered when it can begin.
/// * Order: what waits too long, then PRIORITY, then who misses its target first. What is alike within `reaction` comes
///   in an order of each seed's own, so that workers that look at the same tables don't all reach for the same one.
/// * Time is counted on `now` alone. The store's clock matters only where a table is first heard of, or was refreshed
/// by
///   others: a jump of it makes at worst one refresh of these early, or late by the time between two looks at the
///   store.
class Scheduler {
public:
    explicit Scheduler(const SchedulerOptions& options) : options_(options) {}

    /// Takes in what happened and says what to do now. The lake was looked at since `now`: what no event calls changed
    /// is fresh as of then. `now` never goes back.
    Orders Tick(Instant now, const std::vector<Event>& events);

    /// As of the last tick. Nothing for an unknown table.
    std::optional<Outlook> LookUp(const std::string& id) const;
    /// Nothing that it reads has changed since its data snapshot, as far as the last tick was told.
    bool IsUnchanged(const std::string& id) const;
    /// Tables that it would refresh some time, and whose data snapshot is older than that one.
    int64_t CountWaiting(int64_t snapshot) const;
    /// Those that are due as of the last tick, and neither in a running order nor refused a moment ago.
    std::vector<std::string> PendingTables() const;
    /// Another time between two ticks.
    void SetReaction(int64_t microseconds) { options_.reaction = microseconds; }
    /// What is to be remembered of a table's failures, for other workers and the next start.
    struct FailureChange {
        std::string id;
        int64_t definition_version = 0;
        FailureCount failed;
        int64_t retry_in = 0; ///< microseconds
    };
    /// The notes that changed since they were last asked for.
    std::vector<FailureChange> TakeFailureChanges();
    /// The store's time of a note that was written.
    void NoteWritten(const std::string& id, Timestamp at);

private:
    struct Entry {
        TableView view;
        std::vector<size_t> ancestors; ///< parents before children
        std::vector<size_t> consumers; ///< direct
        std::optional<int64_t> lag;    ///< effective, seconds
        bool blocked = false;          ///< it, or a table that it reads, is suspended
        size_t component = 0;
        Instant first_seen = 0;
        Instant fresh_since = 0; ///< the moment of its data timestamp
        double expected = 0;     ///< microseconds that a refresh of it takes
        bool known_expected = false;
        FailureCount failed;
        Instant retry_at = 0;
        int64_t running = 0; ///< number of the order; 0: none
        Instant busy_until = 0;
        Instant recorded_unchanged = 0; ///< what its data timestamp in the store says
        int64_t suspension_asked = 0;   ///< its failures when its suspension was asked for; 0: it was not

        bool Filled() const { return view.data_snapshot != kNoSnapshot; }
        bool Changed() const { return !Filled() || view.always_changes || view.changed_at > view.data_snapshot; }
    };
    struct Running {
        std::vector<size_t> tables;
        Instant started = 0;
    };
    struct Candidate {
        std::vector<size_t> due;
        std::vector<size_t> closure; ///< parents before children
        bool late = false;           ///< one of them waits too long
        Instant due_since = 0;       ///< of these
        int64_t priority = 0;
        Instant wanted_by = 0;
        double turn = 0; ///< among those that are alike in all of this
    };
    enum class Visit { Not, Begun, Done };

    void Take(Instant now, const TablesSeen& seen);
    void Take(Instant now, const SourcesChanged& changed);
    void Take(Instant now, const OrderEnded& ended);
    void Take(Instant now, const OrderRefused& refused);
    void Take(Instant now, const UnchangedTold& told);
    void TakeView(Instant now, Entry& entry, const TableView& view);
    void TakeResult(Instant now, Instant started, const TableResult& result);
    void LinkTables();
    void FindAncestors(size_t table, std::vector<Visit>& visits);
    void FindLags();
    void FindComponents();
    void MeasureLoad();

    bool GivenUp(const Entry& entry) const;
    bool Schedulable(const Entry& entry) const;
    int64_t Margin(const Entry& entry) const;
    Instant DueAt(const Entry& entry) const;
    Instant RetryAt(const Entry& entry) const;
    Instant WantedBy(const Entry& entry) const;
    bool IsLate(const Entry& entry, Instant now) const;

    std::vector<size_t> DueTables(Instant now, bool soon) const;
    template <class Blocks>
    bool AnyOfClosure(size_t table, const Blocks& blocks) const;
    std::vector<size_t> FreeTables(const std::vector<size_t>& due, Instant now) const;
    std::vector<std::vector<size_t>> Groups(Instant now) const;
    Candidate CandidateOf(const std::vector<size_t>& group, Instant now) const;
    void PlaceOrders(Instant now, Orders& orders);
    void FindUnchanged(Instant now, Orders& orders);
    void FindSuspensions(Instant now, Orders& orders);
    Instant NextWake(Instant now) const;

    SchedulerOptions options_;
    std::vector<Entry> tables_;
    std::map<std::string, size_t> by_id_;
    std::map<int64_t, Running> running_;
    std::set<std::string> notes_;        ///< ids whose failures changed
    std::vector<double> component_load_; ///< microseconds of work that waits, by component
    double load_ = 0;                    ///< and in all
    int64_t last_number_ = 0;
    Instant now_ = 0;
};

} // namespace freshet
