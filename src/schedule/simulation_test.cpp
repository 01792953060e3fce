#include "schedule/scheduler.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

/// Workers with a virtual clock: a random graph of tables, a writer, refreshes that take time and fail, a store's clock
/// that jumps. What must hold at every moment is checked at every step. FRESHET_SIMULATIONS sets how many seeds each
/// test tries.
namespace freshet {
namespace {

int Simulations() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr int kDefault = 10;
#else
    constexpr int kDefault = 50;
#endif
    const char* wanted = std::getenv("FRESHET_SIMULATIONS");
    return wanted == nullptr ? kDefault : std::max(1, std::atoi(wanted));
}

/// FRESHET_SIMULATION_SEED, to repeat one of many.
int FirstSeed() {
    const char* wanted = std::getenv("FRESHET_SIMULATION_SEED");
    return wanted == nullptr ? 1 : std::max(1, std::atoi(wanted));
}

struct World {
    int tables = 10;
    int workers = 1;
    int parallel = 1;
    int64_t least_lag = 10;   ///< seconds
    double load = 0.1;        ///< the time of all refreshes together, as a share of the least lag
    double failing = 0;       ///< share of refreshes that fail
    double writes_per_s = 1;  ///< commits of the writer
    bool clock_jumps = false; ///< of the store
    bool priorities = false;
    int64_t seconds = 300;
};

struct SimulatedTable {
    std::string id;
    std::vector<size_t> parents;
    std::vector<size_t> sources; ///< read, directly or not
    std::vector<size_t> ancestors;
    std::optional<int64_t> lag;
    bool scheduled = false; ///< anybody asks for its freshness
    int64_t priority = 0;
    int64_t longest = 0; ///< microseconds of a refresh
    bool suspended = false;
    int64_t version = 1;
    int64_t data_snapshot = kNoSnapshot;
    Timestamp data_timestamp = 0;
    Instant fresh = 0; ///< when its data snapshot was the newest
    int64_t changed_at = 0;
    int64_t refreshes = 0;
    Instant waiting_since = 0; ///< changed, and not begun to be refreshed; 0: isn't
    FailureCount failed;
    Timestamp failed_at = 0;
    Instant retry_at = 0;
};

struct RunningOrder {
    size_t worker = 0;
    Order order;
    int64_t snapshot = 0;
    Instant started = 0;
    Timestamp timestamp = 0;
    size_t next = 0; ///< of order.tables
    Instant begun_table = 0;
    Instant next_done = 0;
    bool no_data = false; ///< of the table that is being refreshed
    std::vector<TableResult> results;
    std::set<std::string> failed;
};

class Simulation {
public:
    Simulation(const World& world, uint64_t seed) : world_(world), random_(seed) {
        for (int i = 0; i < world.tables; i++) {
            AddTable();
        }
        int64_t total = 0;
        for (SimulatedTable& table : tables_) {
            table.longest = Between(1, 100);
            total += table.longest;
        }
        for (SimulatedTable& table : tables_) { // so that all of them together take the wanted share
            double share = static_cast<double>(table.longest) / static_cast<double>(total);
            table.longest = std::max<int64_t>(1, static_cast<int64_t>(share * world.load * LeastLag()));
        }
        for (int i = 0; i < world.workers; i++) {
            SchedulerOptions options;
            options.parallel = world.parallel;
            options.reaction = kReaction;
            options.seed = seed * 31 + static_cast<uint64_t>(i);
            schedulers_.emplace_back(options);
            seen_at_.push_back(-kSecond * 100);
            looked_at_.push_back(0);
            pending_.emplace_back();
            told_.emplace_back();
        }
    }

    void Run() {
        while (now_ < world_.seconds * kSecond && !::testing::Test::HasFailure()) {
            Step();
        }
    }

    double LeastLag() const { return static_cast<double>(world_.least_lag * kSecond); }
    const std::vector<SimulatedTable>& Tables() const { return tables_; }
    Instant Now() const { return now_; }
    /// Over all tables: the longest time that a table's lag was beyond its target, and that a changed one waited.
    int64_t worst_excess = 0;
    int64_t longest_wait = 0;
    int64_t suspensions = 0;
    int64_t told_unchanged = 0;

private:
    static constexpr int64_t kReaction = kSecond / 2;

    int64_t Between(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random_); }
    bool Chance(double share) { return std::uniform_real_distribution<double>(0, 1)(random_) < share; }

    void AddTable() {
        SimulatedTable table;
        table.id = fmt::format("t{:03}", tables_.size());
        std::set<size_t> parents, sources, ancestors;
        if (!tables_.empty()) {
            for (int64_t n = Between(0, 2); n > 0; n--) {
                parents.insert(static_cast<size_t>(Between(0, static_cast<int64_t>(tables_.size()) - 1)));
            }
        }
        if (parents.empty() || Chance(0.5)) {
            sources.insert(static_cast<size_t>(Between(0, kSources - 1)));
        }
        for (size_t parent : parents) {
            ancestors.insert(parent);
            ancestors.insert(tables_[parent].ancestors.begin(), tables_[parent].ancestors.end());
            sources.insert(tables_[parent].sources.begin(), tables_[parent].sources.end());
        }
        table.parents.assign(parents.begin(), parents.end());
        table.sources.assign(sources.begin(), sources.end());
        table.ancestors.assign(ancestors.begin(), ancestors.end());
        if (!Chance(0.25)) {
            table.lag = world_.least_lag * Between(1, 6);
            table.scheduled = true;
            for (size_t ancestor : ancestors) {
                tables_[ancestor].scheduled = true;
            }
        }
        table.priority = world_.priorities ? Between(-2, 2) : 0;
        tables_.push_back(table);
    }

    void Step() {
        Instant next = now_ + Between(kReaction / 10, kReaction);
        for (const RunningOrder& order : running_) {
            next = std::min(next, order.next_done);
        }
        store_skew_ += world_.clock_jumps && Chance(0.01) ? Between(-600, 600) * kSecond : 0;
        double expected_writes = world_.writes_per_s * static_cast<double>(next - now_) / kSecond;
        now_ = next;
        CheckLags();
        if (Chance(expected_writes)) {
            Write();
        }
        Advance();
        for (size_t worker = 0; worker < schedulers_.size(); worker++) {
            TickWorker(worker);
        }
    }

    /// The store's clock never goes back, but may stand still.
    Timestamp StoreNow() {
        store_clock_ = std::max(store_clock_ + 1, now_ + store_skew_ + 1'000'000'000'000);
        return store_clock_;
    }

    void Write() {
        snapshot_++;
        auto source = static_cast<size_t>(Between(0, kSources - 1));
        for (SimulatedTable& table : tables_) {
            if (std::count(table.sources.begin(), table.sources.end(), source) > 0) {
                table.changed_at = snapshot_;
                if (table.waiting_since == 0) {
                    table.waiting_since = now_;
                }
            }
        }
    }

    bool Changed(const SimulatedTable& table) const { return table.changed_at > table.data_snapshot; }

    void CheckLags() {
        for (SimulatedTable& table : tables_) {
            bool rests = table.data_snapshot != kNoSnapshot && !Changed(table);
            if (rests) {
                table.fresh = now_; // nothing changed: its content is that of now
            }
            bool counts = table.lag && !table.suspended && table.data_snapshot != kNoSnapshot;
            if (counts) {
                worst_excess = std::max(worst_excess, now_ - table.fresh - *table.lag * kSecond);
            }
            if (table.lag && !table.suspended && table.waiting_since > 0) {
                longest_wait = std::max(longest_wait, now_ - table.waiting_since - *table.lag * kSecond);
            }
        }
    }

    size_t Index(const std::string& id) const { return static_cast<size_t>(std::stoi(id.substr(1))); }

    /// Running orders go on until now.
    void Advance() {
        for (size_t i = 0; i < running_.size();) {
            RunningOrder& order = running_[i];
            while (order.next < order.order.tables.size() && order.next_done <= now_) {
                Finish(order);
            }
            if (order.next < order.order.tables.size()) {
                i++;
                continue;
            }
            for (const std::string& id : order.order.tables) {
                claimed_.erase(id);
            }
            pending_[order.worker].push_back(OrderEnded{order.order.number, order.results});
            running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    void Finish(RunningOrder& order) {
        SimulatedTable& table = tables_[Index(order.order.tables[order.next])];
        TableResult result;
        result.id = table.id;
        result.duration = order.next_done - order.begun_table;
        result.no_data = order.no_data;
        bool parent_failed = std::any_of(table.parents.begin(), table.parents.end(),
                                         [&](size_t parent) { return order.failed.count(tables_[parent].id) > 0; });
        if (parent_failed) {
            result.failure = FailureClass::Dependency;
            order.failed.insert(table.id);
        } else if (Chance(world_.failing)) {
            result.failure = Chance(0.5) ? FailureClass::Query : FailureClass::Transient;
            order.failed.insert(table.id);
        } else {
            for (size_t parent : table.parents) {
                EXPECT_GE(tables_[parent].data_snapshot, order.snapshot)
                    << table.id << " was refreshed before its parent";
            }
            result.data_snapshot = order.snapshot;
            result.data_timestamp = order.timestamp;
            table.data_snapshot = std::max(table.data_snapshot, order.snapshot);
            table.data_timestamp = std::max(table.data_timestamp, order.timestamp);
            table.fresh = std::max(table.fresh, order.started);
            table.refreshes++;
            table.waiting_since = Changed(table) ? order.started : 0;
        }
        order.results.push_back(result);
        order.next++;
        Begin(order);
    }

    void Begin(RunningOrder& order) {
        order.begun_table = order.next_done;
        if (order.next < order.order.tables.size()) {
            const SimulatedTable& table = tables_[Index(order.order.tables[order.next])];
            order.no_data = order.snapshot <= table.data_snapshot || !Changed(table);
            int64_t longest = order.no_data ? 100 : table.longest;
            order.next_done += Between(longest / 2 + 1, longest + 1);
        }
    }

    void TickWorker(size_t worker) {
        std::vector<Event> events = std::exchange(told_[worker], {});
        if (now_ - seen_at_[worker] > std::min(world_.least_lag * kSecond / 4, 5 * kSecond)) {
            seen_at_[worker] = now_;
            events.push_back(Seen());
        }
        for (const SimulatedTable& table : tables_) {
            if (table.changed_at > looked_at_[worker]) {
                events.push_back(SourcesChanged{table.changed_at, {table.id}});
            }
        }
        looked_at_[worker] = snapshot_;
        events.insert(events.end(), pending_[worker].begin(), pending_[worker].end());
        pending_[worker].clear();
        Orders orders = schedulers_[worker].Tick(now_, events);
        for (const Order& order : orders.refresh) {
            Begin(worker, order);
        }
        Tell(worker, orders.unchanged);
        for (const auto& id : orders.suspend) {
            Suspend(id);
        }
        for (const auto& note : schedulers_[worker].TakeFailureChanges()) {
            SimulatedTable& table = tables_[Index(note.id)];
            table.failed = note.failed;
            table.failed_at = StoreNow();
            table.retry_at = now_ + note.retry_in;
            schedulers_[worker].NoteWritten(note.id, table.failed_at);
        }
    }

    void Tell(size_t worker, const std::vector<std::string>& unchanged) {
        UnchangedTold told{unchanged, snapshot_, StoreNow()};
        for (const auto& id : unchanged) {
            SimulatedTable& table = tables_[Index(id)];
            EXPECT_FALSE(Changed(table)) << id;
            told_unchanged++;
            table.data_snapshot = std::max(table.data_snapshot, told.data_snapshot);
            table.data_timestamp = std::max(table.data_timestamp, told.data_timestamp);
        }
        if (!unchanged.empty()) {
            told_[worker].push_back(told);
        }
    }

    void Suspend(const std::string& id) {
        suspensions++;
        size_t failed = Index(id);
        for (SimulatedTable& table : tables_) {
            bool reads = std::count(table.ancestors.begin(), table.ancestors.end(), failed) > 0;
            if (table.id == id || reads) {
                table.suspended = true;
                table.version++;
                table.failed = {};
            }
        }
    }

    TablesSeen Seen() {
        TablesSeen seen;
        Timestamp now = StoreNow();
        for (const SimulatedTable& table : tables_) {
            TableView view;
            view.id = table.id;
            for (size_t parent : table.parents) {
                view.parents.push_back(tables_[parent].id);
            }
            view.lag_seconds = table.lag;
            view.priority = table.priority;
            view.suspended = table.suspended;
            view.definition_version = table.version;
            view.data_snapshot = table.data_snapshot;
            view.data_timestamp = table.data_timestamp;
            view.age = now - table.data_timestamp;
            view.failed = table.failed;
            view.failed_at = table.failed_at;
            view.retry_in = table.retry_at - now_;
            seen.tables.push_back(view);
        }
        std::shuffle(seen.tables.begin(), seen.tables.end(), random_);
        return seen;
    }

    void Begin(size_t worker, const Order& order) {
        Check(worker, order);
        for (const std::string& id : order.tables) {
            if (claimed_.count(id) > 0) {
                EXPECT_NE(claimed_[id], worker) << id << " is ordered twice by one worker";
                pending_[worker].push_back(OrderRefused{order.number});
                seen_at_[worker] = 0; // somebody else is at it: look what comes of that
                return;
            }
        }
        RunningOrder running;
        running.worker = worker;
        running.order = order;
        running.snapshot = snapshot_;
        running.started = now_;
        running.timestamp = StoreNow();
        running.next_done = now_;
        Begin(running);
        for (const std::string& id : order.tables) {
            claimed_[id] = worker;
        }
        running_.push_back(running);
        auto mine = std::count_if(running_.begin(), running_.end(), [&](const auto& r) { return r.worker == worker; });
        EXPECT_LE(mine, world_.parallel);
    }

    void Check(size_t worker, const Order& order) const {
        std::set<std::string> before;
        ASSERT_FALSE(order.due.empty());
        for (const std::string& id : order.tables) {
            const SimulatedTable& table = tables_[Index(id)];
            for (size_t parent : table.parents) {
                EXPECT_TRUE(before.count(tables_[parent].id) > 0)
                    << id << " stands before its parent, worker " << worker;
            }
            EXPECT_TRUE(before.insert(id).second) << id;
            EXPECT_TRUE(table.scheduled) << id << " is refreshed, though nobody asks for it";
        }
        for (const std::string& id : order.due) {
            EXPECT_TRUE(before.count(id) > 0);
            EXPECT_TRUE(tables_[Index(id)].lag.has_value());
        }
    }

    static constexpr int64_t kSources = 4;
    World world_;
    std::mt19937_64 random_;
    std::vector<SimulatedTable> tables_;
    std::vector<Scheduler> schedulers_;
    std::vector<Instant> seen_at_;
    std::vector<int64_t> looked_at_;
    std::vector<std::vector<Event>> pending_; ///< by worker: ends of orders, told at its next tick
    std::vector<std::vector<Event>> told_;    ///< before what is seen in the store
    std::vector<RunningOrder> running_;
    std::map<std::string, size_t> claimed_;
    Instant now_ = 0;
    int64_t snapshot_ = 1;
    int64_t store_skew_ = 0;
    Timestamp store_clock_ = 0;
};

World Varied(uint64_t seed) {
    World world;
    world.tables = 1 + static_cast<int>(seed * 7 % 23);
    world.parallel = 1 + static_cast<int>(seed % 4);
    world.least_lag = std::vector<int64_t>{5, 10, 60, 300}[seed / 4 % 4];
    world.seconds = world.least_lag * 30;
    world.writes_per_s = std::vector<double>{3, 0.5, 0.05}[seed % 3] * 10 / static_cast<double>(world.least_lag);
    return world;
}

TEST(ScheduleSimulation, LagIsKeptWhereCapacitySuffices) {
    int64_t told = 0;
    for (int seed = FirstSeed(); seed < FirstSeed() + Simulations(); seed++) {
        World world = Varied(static_cast<uint64_t>(seed));
        world.load = 0.15;
        Simulation simulation(world, static_cast<uint64_t>(seed));
        simulation.Run();
        told += simulation.told_unchanged;
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
        ASSERT_LE(simulation.worst_excess, 0) << "seed " << seed << ": a table was later than its target lag";
    }
    EXPECT_GT(told, 0);
}

TEST(ScheduleSimulation, JumpsOfTheStoresClockDoNoHarm) {
    for (int seed = FirstSeed(); seed < FirstSeed() + Simulations(); seed++) {
        World world = Varied(static_cast<uint64_t>(seed));
        world.load = 0.15;
        world.clock_jumps = true;
        Simulation simulation(world, static_cast<uint64_t>(seed));
        simulation.Run();
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
        ASSERT_LE(simulation.worst_excess, 0) << "seed " << seed << ": a table was later than its target lag";
    }
}

TEST(ScheduleSimulation, NothingStarvesWhereCapacityIsShort) {
    for (int seed = FirstSeed(); seed < FirstSeed() + Simulations(); seed++) {
        World world = Varied(static_cast<uint64_t>(seed));
        world.load = 3.0; // of the least lag: everything together takes three times as long as it may
        world.priorities = true;
        world.seconds = world.least_lag * 60;
        Simulation simulation(world, static_cast<uint64_t>(seed));
        simulation.Run();
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
        // Patience of the largest lag, then everything else at most twice before it.
        int64_t bound =
            world.least_lag * kSecond * 6 + 10 * kSecond + static_cast<int64_t>(3 * 3.0 * simulation.LeastLag());
        ASSERT_LE(simulation.longest_wait, bound) << "seed " << seed << ": a table waited too long";
    }
}

TEST(ScheduleSimulation, SeveralWorkersShareTheTables) {
    for (int seed = FirstSeed(); seed < FirstSeed() + Simulations(); seed++) {
        World world = Varied(static_cast<uint64_t>(seed));
        world.workers = 2 + seed % 3;
        world.load = 0.15;
        Simulation simulation(world, static_cast<uint64_t>(seed));
        simulation.Run();
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
        ASSERT_LE(simulation.worst_excess, 0) << "seed " << seed << ": a table was later than its target lag";
    }
}

TEST(ScheduleSimulation, FailuresSuspendAndStopNobodyElse) {
    int64_t suspensions = 0;
    for (int seed = FirstSeed(); seed < FirstSeed() + Simulations(); seed++) {
        World world = Varied(static_cast<uint64_t>(seed));
        world.workers = 1 + seed % 2;
        world.load = 0.1;
        world.failing = seed % 2 == 0 ? 0.02 : 0.6;
        Simulation simulation(world, static_cast<uint64_t>(seed));
        simulation.Run();
        suspensions += simulation.suspensions;
        ASSERT_FALSE(HasFailure()) << "seed " << seed;
    }
    EXPECT_GT(suspensions, 0);
}

} // namespace
} // namespace freshet
