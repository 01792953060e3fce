// bench_fresh: what the scheduler's tick and the state store's claims take. Prints a table; asserts nothing. The
// figures of whole workers are those of bench/fresh/workers.py. See docs/explanation/freshness.md.
#include "schedule/scheduler.hpp"
#include "state/store.hpp"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fmt/format.h>
#include <thread>

namespace freshet::bench {

namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
    return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double Median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values.empty() ? 0 : values[values.size() / 2];
}

/// Every tenth table is read by the nine after it.
TablesSeen Graph(size_t count) {
    TablesSeen seen;
    for (size_t at = 0; at < count; at++) {
        TableView view;
        view.id = fmt::format("t{}", at);
        view.lag_seconds = 10 + static_cast<int64_t>(at % 7) * 60;
        if (at % 10 != 0) {
            view.parents = {fmt::format("t{}", at / 10 * 10)};
        }
        view.data_snapshot = 1;
        view.data_timestamp = 1;
        view.duration = 100'000;
        seen.tables.push_back(view);
    }
    return seen;
}

/// Ticks while so many tables in a hundred change between two of them; ordered ones are done at once.
void MeasureTicks(size_t count, size_t percent) {
    SchedulerOptions options;
    options.parallel = 8;
    Scheduler scheduler(options);
    Instant now = kSecond;
    scheduler.Tick(now, {Graph(count)});
    std::vector<double> times;
    std::vector<Event> events;
    int64_t snapshot = 1;
    size_t next = 0;
    for (int tick = 0; tick < 200; tick++) {
        now += kSecond / 2;
        snapshot++;
        SourcesChanged changed{snapshot, {}};
        for (size_t i = 0; i < count * percent / 100; i++) {
            changed.tables.push_back(fmt::format("t{}", next++ % count));
        }
        events.emplace_back(changed);
        auto start = Clock::now();
        Orders orders = scheduler.Tick(now, events);
        times.push_back(MillisecondsSince(start));
        events.clear();
        for (const Order& order : orders.refresh) {
            OrderEnded ended{order.number, {}};
            for (const auto& id : order.tables) {
                ended.results.push_back({id, std::nullopt, 100'000, snapshot, now});
            }
            events.emplace_back(ended);
        }
    }
    std::printf("tick, %zu tables, %zu %% changing: median %.2f ms, worst %.2f ms\n", count, percent, Median(times),
                *std::max_element(times.begin(), times.end()));
}

void MeasureClaims(const std::string& address, int workers, int64_t seconds) {
    std::atomic<int64_t> taken = 0, refused = 0;
    std::vector<int64_t> each(static_cast<size_t>(workers));
    constexpr int kTables = 1000;
    {
        auto store = OpenStateStore({address, true, 10000});
        std::vector<std::string> all;
        for (int table = 0; table < kTables; table++) {
            all.push_back(fmt::format("t{}", table));
        }
        store->TakeClaims("bench", "all", all);
        store->ReleaseClaims("bench", "all");
    }
    auto work = [&](int number) {
        auto store = OpenStateStore({address, true, 10000});
        std::string me = fmt::format("worker {}", number);
        WorkerInfo self;
        self.id = me;
        self.kind = "WORKER";
        self.heartbeat_every = kSecond;
        self.expires_after = 3600 * kSecond;
        store->Heartbeat(self);
        auto end = Clock::now() + std::chrono::seconds(seconds);
        for (int table = number * kTables / workers; Clock::now() < end; table++) {
            std::string run = fmt::format("{} {}", me, table);
            if (store->TakeClaims(me, run, {fmt::format("t{}", table % kTables)}).taken) {
                taken++;
                each[static_cast<size_t>(number)]++;
                store->ReleaseClaims(me, run);
            } else {
                refused++;
            }
        }
        store->RemoveWorker(me);
    };
    std::vector<std::thread> threads;
    for (int number = 0; number < workers; number++) {
        threads.emplace_back(work, number);
    }
    for (auto& thread : threads) {
        thread.join();
    }
    auto [least, most] = std::minmax_element(each.begin(), each.end());
    std::printf("claims taken and released, %s, %d workers: %.0f per second (%ld refused; %ld to %ld per worker)\n",
                address.starts_with("sqlite:") ? "SQLite" : "PostgreSQL", workers,
                static_cast<double>(taken) / static_cast<double>(seconds), static_cast<long>(refused),
                static_cast<long>(*least), static_cast<long>(*most));
}

} // namespace

} // namespace freshet::bench

/// Arguments: addresses of state stores that may be filled ("sqlite:FILE", "postgres:..."). $FRESHET_TEST_POSTGRES is
/// one more.
int main(int count, char** arguments) {
    using namespace freshet::bench;
    try {
        for (size_t percent : {0, 5}) {
            MeasureTicks(10'000, percent);
        }
        for (int at = 1; at < count; at++) {
            MeasureClaims(arguments[at], 8, 10);
        }
        if (const char* server = std::getenv("FRESHET_TEST_POSTGRES")) {
            MeasureClaims(fmt::format("postgres:{}", server), 8, 10);
        }
    } catch (const freshet::Error& error) {
        std::fprintf(stderr, "%s\n", error.Render().c_str());
        return 1;
    }
    return 0;
}
