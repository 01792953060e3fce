#include "base/table_options.hpp"

#include "base/error.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TableOptions Full() {
    TableOptions options;
    options.target_lag = TargetLag{false, 90};
    options.refresh_mode = RefreshMode::Incremental;
    options.initialize = Initialize::OnSchedule;
    options.cardinality_threshold = 0.1;
    options.deduplication = false;
    options.allow_parallel_refresh = false;
    options.parallel_threshold = 5;
    options.max_parallelism = 2;
    options.priority = -1;
    options.timeout_seconds = 60;
    options.retries = 0;
    options.partitioned_by = "a";
    options.sorted_by = "\"b c\" DESC";
    options.comment = "it's \"quoted\"\n";
    options.tags = {"nightly", "finance"};
    options.adopt = true;
    return options;
}

TEST(TableOptions, TextRoundTrip) {
    for (const auto& options : {TableOptions{}, Full()}) {
        EXPECT_EQ(TableOptions::FromText(options.ToText()), options);
    }
    EXPECT_EQ(TableOptions{}.ToText(), "{}");
    EXPECT_THROW(TableOptions::FromText("{\"TARGET_LAG\":3}"), Error);
    EXPECT_THROW(TableOptions::FromText("nonsense"), Error);
}

TEST(TableOptions, EveryOptionCanBeSetAndUnset) {
    TableOptions options = Full();
    for (Option option : AllOptions()) {
        EXPECT_TRUE(options.IsSet(option)) << OptionName(option);
        options.Unset(option);
        EXPECT_FALSE(options.IsSet(option)) << OptionName(option);
    }
    EXPECT_EQ(options, TableOptions{});
}

TEST(TableOptions, MergeReplacesWhatIsSet) {
    TableOptions options = Full(), changes;
    changes.priority = 7;
    options.Merge(changes);
    EXPECT_EQ(options.Priority(), 7);
    EXPECT_EQ(options.Retries(), 0);
}

TEST(TableOptions, ShowsDefaults) {
    TableOptions options;
    options.target_lag = TargetLag{true, 0};
    auto shown = options.Show();
    ASSERT_EQ(shown.size(), AllOptions().size() - 1);
    EXPECT_EQ(shown[0].value, "DOWNSTREAM");
    EXPECT_FALSE(shown[0].is_default);
    EXPECT_EQ(shown[1].value, "AUTO");
    EXPECT_TRUE(shown[1].is_default);
    EXPECT_EQ(shown[9].value, "1 hour");
}

TEST(TableOptions, TellsWhichHaveNoEffectYet) {
    TableOptions options;
    options.priority = 1;
    options.timeout_seconds = 5;
    options.retries = 1;
    EXPECT_TRUE(options.WithoutEffect().empty());
    options.max_parallelism = 2;
    ASSERT_EQ(options.WithoutEffect().size(), 1U);
    EXPECT_NE(options.WithoutEffect()[0].find("MAX_PARALLELISM"), std::string::npos);
}

} // namespace
} // namespace freshet
