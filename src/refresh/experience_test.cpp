#include "refresh/cost.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

PastRefresh Past(bool by_change, double model_ms, double measured_ms) {
    CostEstimate costs;
    costs.by_change_model_ms = costs.by_change_ms = model_ms;
    costs.full_model_ms = costs.full_ms = model_ms;
    return {CandidatesJson(costs, {by_change, "", ""}), measured_ms};
}

CostEstimate Costs(double by_change_ms, double full_ms) {
    CostEstimate costs;
    costs.by_change_ms = by_change_ms;
    costs.full_ms = full_ms;
    return costs;
}

TEST(Experience, StartsWithTheModel) {
    Experience none = Learn({});
    EXPECT_EQ(none.by_change, 1);
    EXPECT_EQ(none.full, 1);
    EXPECT_EQ(none.choices, 0);
}

TEST(Experience, FollowsWhatWasMeasured) {
    std::vector<PastRefresh> past(10, Past(true, 100, 400));
    Experience experience = Learn(past);
    EXPECT_GT(experience.by_change, 2.5);
    EXPECT_LT(experience.by_change, 4);
    EXPECT_EQ(experience.full, 2); // the machine may be slow, but not that slow
    EXPECT_TRUE(experience.by_change_taken);
    EXPECT_FALSE(experience.full_taken);
}

TEST(Experience, TellsWhichWayIsUsual) {
    PastRefresh by_change = Past(true, 100, 100), full = Past(false, 100, 100);
    EXPECT_EQ(Learn({full, full, full}).by_change_share, 0);
    EXPECT_EQ(Learn({by_change}).by_change_share, 1);
    EXPECT_GT(Learn({by_change, full, by_change, full}).by_change_share, 0.5);
    EXPECT_LT(Learn({full, full, by_change, by_change, by_change}).by_change_share, 0.5);
}

TEST(Experience, HoldsAtAnotherScale) {
    EXPECT_DOUBLE_EQ(Learn({Past(true, 10, 20)}).by_change, Learn({Past(true, 10000, 20000)}).by_change);
}

TEST(Experience, OneOutlierDoesNotRuleOutAWay) {
    std::vector<PastRefresh> past(10, Past(false, 100, 100));
    past.insert(past.begin(), Past(false, 100, 1e9));
    EXPECT_LT(Learn(past).full, 4);
}

TEST(Experience, ForeignRecordsAreLeftOut) {
    Experience experience = Learn({{"[]", 5}, {"not JSON", 5}, {"{}", 5}, {R"([{"way":"FULL"}])", 5}, {"", -1}});
    EXPECT_EQ(experience.choices, 0);
}

TEST(Choice, TakesTheCheaperWay) {
    EXPECT_TRUE(ChooseCheaper(Costs(10, 20), {}).by_change);
    EXPECT_FALSE(ChooseCheaper(Costs(30, 20), {}).by_change);
}

TEST(Choice, TriesAWayThatWasNeverTakenEarly) {
    Experience experience = Learn(std::vector<PastRefresh>(3, Past(false, 100, 100)));
    EXPECT_TRUE(ChooseCheaper(Costs(25, 20), experience).by_change);
    EXPECT_FALSE(ChooseCheaper(Costs(25, 20), Learn({Past(false, 100, 100)})).by_change);
}

TEST(Choice, TriesAWayThatWasNotTakenForLongIfItIsNotMuchDearer) {
    Experience experience = Learn(std::vector<PastRefresh>(kRemembered, Past(false, 100, 100)));
    EXPECT_TRUE(ChooseCheaper(Costs(25, 20), experience).by_change);
    EXPECT_FALSE(ChooseCheaper(Costs(100, 20), experience).by_change);
    std::vector<PastRefresh> past(kRemembered - 1, Past(false, 100, 100));
    past.push_back(Past(true, 100, 120));
    EXPECT_FALSE(ChooseCheaper(Costs(25, 20), Learn(past)).by_change);
}

} // namespace
} // namespace freshet
