#include "service/worker_monitor.hpp"

#include "service/operations.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(WorkerHealth, IsReadyOnceItHasPlannedAndWhileItReachesEverything) {
    WorkerHealth health;
    EXPECT_EQ(health.Alive(0).status, 503);
    EXPECT_EQ(health.Ready(0).status, 503);
    health.Turned(0);
    EXPECT_EQ(health.Alive(0).status, 200);
    EXPECT_EQ(health.Ready(0).status, 503) << "it has not looked at the lake";
    health.Planned(kSecond);
    EXPECT_EQ(health.Ready(kSecond).status, 200);
    health.Missed("the lake");
    health.Missed("the state store");
    EXPECT_FALSE(health.Good(kSecond));
    health.Reached("the lake");
    EXPECT_EQ(health.Ready(kSecond).body, "the state store can't be reached\n");
    health.Reached("the state store");
    EXPECT_TRUE(health.Good(kSecond));
}

TEST(WorkerHealth, ALoopThatHangsIsNotReadyThenNotAlive) {
    WorkerHealth health;
    health.Turned(0);
    health.Planned(0);
    EXPECT_EQ(health.Ready(20 * kSecond).status, 200);
    EXPECT_EQ(health.Ready(40 * kSecond).status, 503);
    EXPECT_EQ(health.Alive(100 * kSecond).status, 200);
    EXPECT_EQ(health.Alive(200 * kSecond).status, 503);
}

TEST(WorkerHealth, StoppingIsNoTrouble) {
    WorkerHealth health;
    health.Turned(0);
    health.Planned(0);
    health.Stopping();
    EXPECT_EQ(health.Ready(0).status, 503);
    EXPECT_EQ(health.Alive(0).status, 200);
    EXPECT_TRUE(health.Good(0));
}

TEST(ObservedRefresh, TellsWhatIsKnown) {
    TableOutcome outcome;
    outcome.table.name = {"main", "a"};
    outcome.action = "INCREMENTAL";
    outcome.rows_inserted = 2;
    outcome.rows_deleted = 1;
    outcome.duration_ms = 1500;
    outcome.extent = {2, 8, 4, 3};
    ObservedRefresh observed = ObservedOf(outcome);
    EXPECT_EQ(observed.table, "main.a");
    EXPECT_EQ(observed.status, "succeeded");
    EXPECT_EQ(observed.seconds, 1.5);
    EXPECT_EQ(observed.rows_changed, 3);
    EXPECT_EQ(observed.cardinality_ratio, 0.25);
    EXPECT_EQ(observed.dedup_ratio, 0.75);
    outcome.action = "NO_DATA";
    EXPECT_FALSE(ObservedOf(outcome).rows_changed);
    outcome.action.clear();
    outcome.skipped = true;
    outcome.error = Error(Code::ParentFailed, "skipped");
    observed = ObservedOf(outcome);
    EXPECT_EQ(observed.status, "upstream_failed");
    EXPECT_EQ(observed.error_type, "dependency");
    EXPECT_FALSE(observed.seconds) << "it was not begun";
}

TEST(ObservedTable, PromisesALagUnlessItIsSuspendedByHand) {
    DynamicTable table;
    table.name = {"main", "a"};
    TableView view;
    EXPECT_FALSE(ObservedOf(table, view, 60, 0).data_at) << "never filled";
    view.data_snapshot = 1;
    view.age = 5 * kSecond;
    EXPECT_EQ(ObservedOf(table, view, 60, 7 * kSecond).data_at, 2 * kSecond);
    EXPECT_EQ(ObservedOf(table, view, 60, 0).target_seconds, 60);
    table.suspended = Suspension::ByFailures;
    EXPECT_EQ(ObservedOf(table, view, 60, 0).target_seconds, 60) << "nobody wanted that";
    table.suspended = Suspension::ByUser;
    EXPECT_FALSE(ObservedOf(table, view, 60, 0).target_seconds);
    table.suspended = Suspension::ByCascade;
    EXPECT_FALSE(ObservedOf(table, view, 60, 0).target_seconds);
}

TEST(RefreshExtent, HasARatioOnlyWhereBothSidesAreKnown) {
    RefreshExtent extent;
    EXPECT_FALSE(extent.CardinalityRatio());
    extent.affected_keys = 1;
    EXPECT_FALSE(extent.CardinalityRatio());
    extent.result_keys = 0;
    EXPECT_FALSE(extent.CardinalityRatio()) << "an empty result has no keys";
    extent.result_keys = 4;
    EXPECT_EQ(extent.CardinalityRatio(), 0.25);
    EXPECT_FALSE(extent.DedupRatio());
}

} // namespace
} // namespace freshet
