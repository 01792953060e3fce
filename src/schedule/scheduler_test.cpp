#include "schedule/scheduler.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <set>

namespace freshet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kMinute = 60 * kSecond;

/// Filled at snapshot 1, a moment ago.
TableView Filled(const std::string& id, std::optional<int64_t> lag, const std::vector<std::string>& parents = {}) {
    TableView view;
    view.id = id;
    view.parents = parents;
    view.lag_seconds = lag;
    view.data_snapshot = 1;
    view.data_timestamp = 1000;
    view.changed_at = 1;
    view.duration = kSecond;
    return view;
}

std::vector<std::string> Ordered(const Orders& orders) {
    std::vector<std::string> tables;
    for (const Order& order : orders.refresh) {
        std::string text;
        for (const auto& id : order.tables) {
            text += (text.empty() ? "" : " ") + id;
        }
        tables.push_back(text);
    }
    return tables;
}

OrderEnded Ended(const Order& order, int64_t snapshot, std::optional<FailureClass> failure = {}) {
    OrderEnded ended;
    ended.number = order.number;
    for (const auto& id : order.tables) {
        TableResult result;
        result.id = id;
        result.failure = failure;
        result.duration = kSecond;
        result.data_snapshot = failure ? kNoSnapshot : snapshot;
        result.data_timestamp = 1000 + snapshot;
        ended.results.push_back(result);
    }
    return ended;
}

TEST(Scheduler, PendingIsWhatIsDueAndNotBegun) {
    Scheduler scheduler({}); // one order at a time
    TableView a = Filled("a", 60), b = Filled("b", 60);
    a.priority = 1;
    scheduler.Tick(0, {TablesSeen{{a, b, Filled("fresh", 60)}}, SourcesChanged{2, {"a", "b"}}});
    EXPECT_THAT(scheduler.PendingTables(), IsEmpty());
    Orders orders = scheduler.Tick(kMinute, {});
    ASSERT_THAT(Ordered(orders), ElementsAre("a"));
    EXPECT_THAT(scheduler.PendingTables(), ElementsAre("b"));
    scheduler.Tick(kMinute, {OrderRefused{orders.refresh[0].number}}); // another worker is at it
    EXPECT_THAT(scheduler.PendingTables(), IsEmpty());
}

TEST(Scheduler, WhatNothingHasChangedForIsNotRefreshed) {
    Scheduler scheduler({});
    EXPECT_THAT(Ordered(scheduler.Tick(0, {TablesSeen{{Filled("a", 60)}}})), IsEmpty());
    Orders orders = scheduler.Tick(40 * kMinute, {});
    EXPECT_THAT(Ordered(orders), IsEmpty());
    EXPECT_THAT(orders.unchanged, ElementsAre("a"));
    EXPECT_THAT(scheduler.Tick(40 * kMinute + kSecond, {}).unchanged, IsEmpty()) << "it has just been told";
}

TEST(Scheduler, AChangedTableIsRefreshedBeforeItsLagIsReached) {
    Scheduler scheduler({});
    scheduler.Tick(0, {TablesSeen{{Filled("a", 60)}}});
    EXPECT_THAT(Ordered(scheduler.Tick(kSecond, {SourcesChanged{2, {"a"}}})), IsEmpty()) << "there is time";
    Orders early = scheduler.Tick(50 * kSecond, {});
    EXPECT_THAT(Ordered(early), IsEmpty());
    EXPECT_GT(early.wake_at, 50 * kSecond);
    EXPECT_LT(early.wake_at, 60 * kSecond - kSecond);
    EXPECT_THAT(Ordered(scheduler.Tick(early.wake_at, {})), ElementsAre("a"));
    EXPECT_THAT(Ordered(scheduler.Tick(70 * kSecond, {SourcesChanged{3, {"a"}}})), IsEmpty()) << "it is running";
}

TEST(Scheduler, ATableThatTakesLongBeginsEarly) {
    Scheduler scheduler({});
    TableView slow = Filled("slow", 60);
    slow.duration = 20 * kSecond;
    Orders orders = scheduler.Tick(0, {TablesSeen{{slow}}, SourcesChanged{2, {"slow"}}});
    EXPECT_LE(orders.wake_at, 40 * kSecond);
}

TEST(Scheduler, AConsumerTakesWhatItReadsAlong) {
    Scheduler scheduler({});
    TablesSeen seen{{Filled("c", 60, {"b"}), Filled("a", std::nullopt), Filled("b", 3600, {"a"})}};
    scheduler.Tick(0, {seen, SourcesChanged{2, {"a", "b", "c"}}});
    EXPECT_EQ(scheduler.LookUp("a")->lag_seconds, 60);
    EXPECT_EQ(scheduler.LookUp("b")->lag_seconds, 60);
    EXPECT_EQ(scheduler.LookUp("a")->due, scheduler.LookUp("c")->due);
    Orders orders = scheduler.Tick(58 * kSecond, {});
    EXPECT_THAT(Ordered(orders), ElementsAre("a b c"));
    EXPECT_THAT(orders.refresh[0].due, ElementsAre("c"));
}

TEST(Scheduler, DownstreamWithoutConsumerIsRefreshedByHandOnly) {
    Scheduler scheduler({});
    scheduler.Tick(0, {TablesSeen{{Filled("a", std::nullopt)}}, SourcesChanged{2, {"a"}}});
    EXPECT_THAT(Ordered(scheduler.Tick(kMinute * 1000, {})), IsEmpty());
    EXPECT_FALSE(scheduler.LookUp("a")->due.has_value());
}

TEST(Scheduler, FirstFillsAreDueAtOnce) {
    Scheduler scheduler({});
    TableView empty = Filled("a", 3600);
    empty.data_snapshot = kNoSnapshot;
    empty.data_timestamp = 0;
    EXPECT_THAT(Ordered(scheduler.Tick(0, {TablesSeen{{empty}}})), ElementsAre("a"));
}

TEST(Scheduler, TablesThatShareAParentGoTogetherAndOthersBeside) {
    SchedulerOptions options;
    options.parallel = 8;
    Scheduler scheduler(options);
    TablesSeen seen{{Filled("p", std::nullopt), Filled("x", 60, {"p"}), Filled("y", 70, {"p"}), Filled("z", 60)}};
    scheduler.Tick(0, {seen, SourcesChanged{2, {"p", "x", "y", "z"}}});
    EXPECT_THAT(Ordered(scheduler.Tick(58 * kSecond, {})), ElementsAre("p x y", "z"));
}

TEST(Scheduler, PriorityThenDeadline) {
    Scheduler scheduler({});
    TableView important = Filled("important", 62);
    important.priority = 5;
    TablesSeen seen{{Filled("late", 60), Filled("later", 61), important}};
    scheduler.Tick(0, {seen, SourcesChanged{2, {"late", "later", "important"}}});
    std::vector<std::string> order;
    for (int64_t at = 62; at < 65; at++) {
        Orders orders = scheduler.Tick(at * kSecond, {});
        ASSERT_EQ(orders.refresh.size(), 1);
        order.push_back(orders.refresh[0].due[0]);
        scheduler.Tick(at * kSecond + 1, {});
        scheduler.Tick(at * kSecond + 2, {});
        Orders none = scheduler.Tick(at * kSecond + 3, {});
        EXPECT_THAT(Ordered(none), IsEmpty()) << "one at a time";
        Orders next = scheduler.Tick(at * kSecond + 4, {Ended(orders.refresh[0], 2)});
        if (!next.refresh.empty()) {
            order.push_back(next.refresh[0].due[0]);
            Orders last = scheduler.Tick(at * kSecond + 5, {Ended(next.refresh[0], 2)});
            order.push_back(last.refresh.at(0).due[0]);
            break;
        }
    }
    EXPECT_THAT(order, ElementsAre("important", "late", "later"));
}

TEST(Scheduler, SuspendedTablesAndTheirConsumersRest) {
    Scheduler scheduler({});
    TableView parent = Filled("p", 60);
    parent.suspended = true;
    scheduler.Tick(0, {TablesSeen{{parent, Filled("c", 60, {"p"})}}, SourcesChanged{2, {"p", "c"}}});
    EXPECT_THAT(Ordered(scheduler.Tick(kMinute * 10, {})), IsEmpty());
}

TEST(Scheduler, FailuresPauseLongerAndLongerThenSuspend) {
    Scheduler scheduler({});
    scheduler.Tick(0, {TablesSeen{{Filled("a", 60), Filled("b", 60, {"a"})}}, SourcesChanged{2, {"a", "b"}}});
    Instant now = kMinute;
    std::vector<int64_t> pauses;
    Orders orders = scheduler.Tick(now, {});
    for (int failure = 1; failure < 5; failure++) {
        ASSERT_THAT(Ordered(orders), ElementsAre("a b")) << failure;
        OrderEnded ended = Ended(orders.refresh[0], 2, FailureClass::Query);
        ended.results[1].failure = FailureClass::Dependency;
        orders = scheduler.Tick(now, {ended});
        EXPECT_THAT(Ordered(orders), IsEmpty());
        EXPECT_THAT(orders.suspend, IsEmpty());
        pauses.push_back(orders.wake_at - now);
        now = orders.wake_at;
        orders = scheduler.Tick(now, {});
    }
    EXPECT_TRUE(std::is_sorted(pauses.begin(), pauses.end()));
    EXPECT_GT(pauses.back(), 2 * pauses.front());
    OrderEnded last = Ended(orders.refresh.at(0), 2, FailureClass::Query);
    last.results[1].failure = FailureClass::Dependency;
    orders = scheduler.Tick(now, {last});
    EXPECT_THAT(orders.suspend, ElementsAre("a"));
    EXPECT_EQ(scheduler.LookUp("b")->failed.failures, 0) << "it is not its fault";
    auto notes = scheduler.TakeFailureChanges();
    ASSERT_EQ(notes.size(), 1);
    EXPECT_EQ(notes[0].failed.failures, 5);
    // Where the suspension can't be written it is tried again.
    EXPECT_THAT(Ordered(scheduler.Tick(now + kSecond, {})), IsEmpty());
    orders = scheduler.Tick(now + kMinute * 5, {});
    ASSERT_THAT(Ordered(orders), ElementsAre("a b"));
    EXPECT_THAT(orders.suspend, IsEmpty());
    last = Ended(orders.refresh.at(0), 2, FailureClass::Query);
    last.results[1].failure = FailureClass::Dependency;
    orders = scheduler.Tick(now + kMinute * 5, {last});
    EXPECT_THAT(orders.suspend, ElementsAre("a"));
    TableView suspended = Filled("a", 60);
    suspended.suspended = true;
    scheduler.Tick(now + kMinute * 6, {TablesSeen{{suspended, Filled("b", 60, {"a"})}}});
    EXPECT_THAT(Ordered(scheduler.Tick(now + kMinute * 20, {})), IsEmpty());
    // RESUME raises the version: it starts afresh.
    TableView resumed = Filled("a", 60);
    resumed.definition_version = 3;
    TableView consumer = Filled("b", 60, {"a"});
    consumer.definition_version = 3;
    orders = scheduler.Tick(now + kMinute * 21, {TablesSeen{{resumed, consumer}}});
    EXPECT_THAT(Ordered(orders), ElementsAre("a b"));
}

TEST(Scheduler, WhatMayPassIsRepeatedBeforeItCounts) {
    FailureCount count;
    for (int i = 0; i < 3; i++) {
        count = AfterFailure(count, FailureClass::Conflict, 3);
        EXPECT_EQ(count.failures, 0);
    }
    EXPECT_EQ(AfterFailure(count, FailureClass::Transient, 3), (FailureCount{1, 0}));
    EXPECT_EQ(AfterFailure({2, 1}, FailureClass::Dependency, 3), (FailureCount{2, 1}));
    EXPECT_EQ(AfterFailure({}, FailureClass::Query, 3), (FailureCount{1, 0}));
}

TEST(Scheduler, PausesAreSpreadAndBounded) {
    RetryPolicy policy;
    std::set<int64_t> pauses;
    for (int i = 0; i < 100; i++) {
        int64_t pause = PauseAfter({1, 0}, FailureClass::Query, policy, fmt::format("t{}", i), 7);
        EXPECT_GE(pause, policy.first_pause * 3 / 4);
        EXPECT_LE(pause, policy.first_pause * 5 / 4);
        pauses.insert(pause);
    }
    EXPECT_GT(pauses.size(), 90);
    EXPECT_LE(PauseAfter({1000, 3}, FailureClass::Resource, policy, "t", 7), policy.longest_pause * 5 / 4);
}

TEST(Scheduler, ARefusedOrderIsTriedAgainSoon) {
    Scheduler scheduler({});
    scheduler.Tick(0, {TablesSeen{{Filled("a", 60)}}, SourcesChanged{2, {"a"}}});
    Orders orders = scheduler.Tick(kMinute, {});
    ASSERT_EQ(orders.refresh.size(), 1);
    EXPECT_THAT(Ordered(scheduler.Tick(kMinute, {OrderRefused{orders.refresh[0].number}})), IsEmpty());
    EXPECT_THAT(Ordered(scheduler.Tick(kMinute + kSecond, {})), ElementsAre("a"));
}

TEST(Scheduler, AStoreClockThatStandsStillHidesNoLag) {
    Scheduler scheduler({});
    scheduler.Tick(0, {TablesSeen{{Filled("a", 60)}}, SourcesChanged{2, {"a"}}});
    for (Instant now = 0; now < 50 * kSecond; now += 5 * kSecond) {
        EXPECT_THAT(Ordered(scheduler.Tick(now, {TablesSeen{{Filled("a", 60)}}})), IsEmpty()); // age stays 0
    }
    EXPECT_THAT(Ordered(scheduler.Tick(58 * kSecond, {TablesSeen{{Filled("a", 60)}}})), ElementsAre("a"));
}

TEST(Scheduler, TablesThatReadEachOtherEndNoTick) {
    Scheduler scheduler({});
    TablesSeen seen{{Filled("a", 60, {"b"}), Filled("b", 60, {"a"})}};
    scheduler.Tick(0, {seen, SourcesChanged{2, {"a", "b"}}});
    EXPECT_EQ(scheduler.Tick(kMinute, {}).refresh.size(), 1);
}

TEST(Scheduler, ManyTablesTakeLittleTime) {
    Scheduler scheduler({});
    TablesSeen seen;
    for (int i = 0; i < 10'000; i++) {
        bool has_parent = i % 10 != 0;
        auto parents = has_parent ? std::vector<std::string>{fmt::format("t{}", i - 1)} : std::vector<std::string>{};
        seen.tables.push_back(Filled(fmt::format("t{}", i), 60, parents));
    }
    scheduler.Tick(0, {seen});
    auto start = std::chrono::steady_clock::now();
    for (int i = 1; i <= 20; i++) {
        scheduler.Tick(i * kSecond, {});
    }
    std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
    EXPECT_LT(taken.count() / 20, 0.5) << "generous: sanitizers and busy machines count too";
}

TEST(FailureClass, IsReadFromNumberAndWords) {
    auto of = [](Code code, const std::string& message) { return ClassOf(Error(code, message)); };
    EXPECT_EQ(of(Code::SourceGone, "table t is gone"), FailureClass::Schema);
    EXPECT_EQ(of(Code::RefreshFailed, "Could not convert string 'x' to INT32"), FailureClass::Query);
    EXPECT_EQ(of(Code::RefreshFailed, "Out of Memory Error: failed to allocate data"), FailureClass::Resource);
    EXPECT_EQ(of(Code::QueryFailed, "IO Error: Could not write file: No space left on device"), FailureClass::Resource);
    EXPECT_EQ(of(Code::QueryFailed, "IO Error: Permission denied"), FailureClass::Permission);
    EXPECT_EQ(of(Code::LakeConflict, "others"), FailureClass::Conflict);
    EXPECT_EQ(of(Code::QueryFailed, "server closed the connection unexpectedly"), FailureClass::Transient);
    EXPECT_EQ(of(Code::ParentFailed, "skipped"), FailureClass::Dependency);
    EXPECT_EQ(of(Code::RefreshTimeout, "took longer"), FailureClass::Resource);
}

} // namespace
} // namespace freshet
