#include "schedule/fair_share.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

std::vector<WorkerInfo> Workers(const std::map<std::string, int64_t>& refreshed) {
    std::vector<WorkerInfo> workers;
    for (const auto& [id, count] : refreshed) {
        workers.emplace_back();
        workers.back().id = id;
        workers.back().refreshed = count;
    }
    return workers;
}

/// `seconds` of samples, one each second; `rates` are tables per second.
void Work(FairShare& share, int64_t seconds, const std::map<std::string, int64_t>& rates, int64_t from = 0) {
    for (int64_t second = from; second <= from + seconds; second++) {
        std::map<std::string, int64_t> refreshed;
        for (const auto& [id, rate] : rates) {
            refreshed[id] = rate * second;
        }
        share.Take(second * kSecond, Workers(refreshed));
    }
}

int64_t PauseAfter(const std::map<std::string, int64_t>& rates) {
    FairShare share("own");
    Work(share, 20, rates);
    return share.Pause();
}

TEST(FairShare, WhoIsAheadStepsBack) {
    EXPECT_GT(PauseAfter({{"own", 6}, {"a", 4}, {"b", 5}}), 0);
    EXPECT_EQ(PauseAfter({{"own", 5}, {"a", 5}, {"b", 5}}), 0);
    EXPECT_EQ(PauseAfter({{"own", 4}, {"a", 6}, {"b", 5}}), 0);
    EXPECT_LT(PauseAfter({{"own", 6}, {"a", 5}}), PauseAfter({{"own", 9}, {"a", 5}}));
    EXPECT_LE(PauseAfter({{"own", 500}, {"a", 1}}), kSecond / 2);
}

TEST(FairShare, NobodyWaitsForWhoDoesNothing) {
    EXPECT_EQ(PauseAfter({{"own", 6}}), 0);
    EXPECT_EQ(PauseAfter({{"own", 6}, {"idle", 0}}), 0);
    EXPECT_EQ(PauseAfter({}), 0);
}

TEST(FairShare, WhoHasJustComeIsNotCaughtUpWith) {
    FairShare share("own");
    Work(share, 20, {{"own", 5}});
    share.Take(21 * kSecond, Workers({{"own", 105}, {"new", 0}}));
    share.Take(22 * kSecond, Workers({{"own", 110}, {"new", 5}}));
    EXPECT_EQ(share.Pause(), 0);
}

TEST(FairShare, WhoBeginsAnewIsNotCaughtUpWith) {
    FairShare share("own");
    Work(share, 20, {{"own", 5}, {"a", 5}});
    share.Take(21 * kSecond, Workers({{"own", 105}, {"a", 0}}));
    share.Take(22 * kSecond, Workers({{"own", 110}, {"a", 5}}));
    EXPECT_EQ(share.Pause(), 0);
}

TEST(FairShare, WhoIsQuickIsHalvedAtMost) {
    EXPECT_LE(PauseAfter({{"own", 16}, {"slow", 1}}), kSecond / 16);
}

TEST(FairShare, OldTimesAreForgotten) {
    FairShare share("own");
    Work(share, 20, {{"own", 9}, {"a", 1}});
    Work(share, 60, {{"own", 9}, {"a", 9}}, 100);
    EXPECT_EQ(share.Pause(), 0);
}

} // namespace
} // namespace freshet
