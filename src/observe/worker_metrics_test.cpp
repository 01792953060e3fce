#include "observe/worker_metrics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace freshet {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

ObservedRefresh Changed(const std::string& table) {
    ObservedRefresh refresh;
    refresh.table = table;
    refresh.status = "succeeded";
    refresh.seconds = 0.5;
    refresh.rows_changed = 7;
    refresh.affected_keys = 3;
    refresh.cardinality_ratio = 0.25;
    refresh.dedup_ratio = 0;
    return refresh;
}

TEST(WorkerMetrics, LagGrowsBetweenTwoLooks) {
    WorkerMetrics metrics;
    metrics.Show({{"main.a", 10 * kSecond, 60}, {"main.empty", {}, 60}, {"main.unpromised", 0, {}}});
    std::string text = metrics.Text(15 * kSecond, true);
    EXPECT_THAT(text, HasSubstr("freshet_lag_seconds{table=\"main.a\"} 5\n"));
    EXPECT_THAT(text, HasSubstr("freshet_target_lag_seconds{table=\"main.a\"} 60\n"));
    EXPECT_THAT(text, Not(HasSubstr("freshet_lag_seconds{table=\"main.empty\"}")));
    EXPECT_THAT(text, Not(HasSubstr("freshet_target_lag_seconds{table=\"main.unpromised\"}")));
    EXPECT_THAT(metrics.Text(16 * kSecond, true), HasSubstr("freshet_lag_seconds{table=\"main.a\"} 6\n"));
}

TEST(WorkerMetrics, FailuresAreCountedFromZero) {
    WorkerMetrics metrics;
    metrics.Show({{"main.a", {}, {}}});
    EXPECT_THAT(metrics.Text(0, true), HasSubstr("freshet_refresh_total{status=\"failed\",table=\"main.a\"} 0\n"));
    ObservedRefresh failed;
    failed.table = "main.a";
    failed.status = "failed";
    failed.error_type = "resource";
    failed.seconds = 2;
    metrics.Count(failed);
    std::string text = metrics.Text(0, false);
    EXPECT_THAT(text, HasSubstr("freshet_refresh_total{status=\"failed\",table=\"main.a\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("freshet_errors_total{error_type=\"resource\",table=\"main.a\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("freshet_refresh_duration_seconds_bucket{table=\"main.a\",le=\"3\"} 1\n"));
    EXPECT_THAT(text, HasSubstr("freshet_worker_health 0\n"));
}

TEST(WorkerMetrics, AFigureThatTheLastRefreshHasNotIsAbsent) {
    WorkerMetrics metrics;
    metrics.Count(Changed("main.a"));
    std::string text = metrics.Text(0, true);
    EXPECT_THAT(text, HasSubstr("freshet_affected_keys{table=\"main.a\"} 3\n"));
    EXPECT_THAT(text, HasSubstr("freshet_dedup_ratio{table=\"main.a\"} 0\n"));
    ObservedRefresh nothing_to_do;
    nothing_to_do.table = "main.a";
    nothing_to_do.status = "succeeded";
    metrics.Count(nothing_to_do);
    EXPECT_EQ(metrics.Text(0, true).find("freshet_rows_changed{table=\"main.a\"} 7\n") != std::string::npos, true);
    ObservedRefresh in_full = Changed("main.a");
    in_full.affected_keys.reset();
    in_full.cardinality_ratio.reset();
    in_full.rows_changed = 0;
    metrics.Count(in_full);
    text = metrics.Text(0, true);
    EXPECT_THAT(text, HasSubstr("freshet_rows_changed{table=\"main.a\"} 0\n"));
    EXPECT_THAT(text, Not(HasSubstr("freshet_affected_keys{")));
    EXPECT_THAT(text, Not(HasSubstr("freshet_cardinality_ratio{")));
}

TEST(WorkerMetrics, TablesThatAreGoneAreForgotten) {
    WorkerMetrics metrics;
    metrics.Count(Changed("main.gone"));
    metrics.Count(Changed("main.kept"));
    metrics.Show({{"main.kept", 0, 1}});
    std::string text = metrics.Text(0, true);
    EXPECT_THAT(text, Not(HasSubstr("main.gone")));
    EXPECT_THAT(text, HasSubstr("freshet_rows_changed{table=\"main.kept\"} 7\n"));
    metrics.Count(Changed("main.gone"));
    EXPECT_THAT(metrics.Text(0, true),
                HasSubstr("freshet_refresh_total{status=\"succeeded\",table=\"main.gone\"} 1\n"));
}

TEST(WorkerMetrics, NamesOfAnyKindAreQuoted) {
    WorkerMetrics metrics;
    metrics.Show({{"main.\"a\\\"\n", 0, {}}});
    EXPECT_THAT(metrics.Text(0, true), HasSubstr("freshet_lag_seconds{table=\"main.\\\"a\\\\\\\"\\n\"} 0\n"));
}

} // namespace
} // namespace freshet
