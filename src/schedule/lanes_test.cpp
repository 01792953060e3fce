#include "schedule/lanes.hpp"

#include <gtest/gtest.h>
#include <map>
#include <random>
#include <set>

namespace freshet {
namespace {

using Ids = std::vector<size_t>;

Lanes Split(const Ids& due, const std::map<size_t, Ids>& ancestors) {
    static const Ids none;
    return SplitIntoLanes(due, [&](size_t table) -> const Ids& {
        auto found = ancestors.find(table);
        return found == ancestors.end() ? none : found->second;
    });
}

TEST(Lanes, ChildrenOfOneParentHaveALaneEach) {
    Lanes split = Split({1, 2, 3}, {{1, {0}}, {2, {0}}, {3, {0}}});
    EXPECT_EQ(split.shared, Ids{0});
    EXPECT_EQ(split.lanes, (std::vector<Ids>{{1}, {2}, {3}}));
}

TEST(Lanes, AChainIsOneLane) {
    Lanes split = Split({0, 1, 2}, {{1, {0}}, {2, {0, 1}}});
    EXPECT_TRUE(split.shared.empty());
    EXPECT_EQ(split.lanes, (std::vector<Ids>{{0, 1, 2}}));
}

TEST(Lanes, WhatOnlyOneLaneReadsGoesWithIt) {
    Lanes split = Split({2, 3}, {{1, {0}}, {2, {0, 1}}, {3, {0}}});
    EXPECT_EQ(split.shared, Ids{0});
    EXPECT_EQ(split.lanes, (std::vector<Ids>{{2}, {3}})) << "1 is not due: it is refreshed since 2 reads it";
}

/// Everything is done once, shared parents come first, and lanes don't meet.
TEST(Lanes, HoldForRandomGraphs) {
    for (uint64_t seed = 1; seed <= 300; seed++) {
        std::mt19937_64 random(seed);
        size_t count = 2 + random() % 12;
        std::map<size_t, Ids> ancestors;
        for (size_t table = 1; table < count; table++) {
            std::set<size_t> all;
            for (size_t parent = 0; parent < table; parent++) {
                if (random() % 4 == 0) {
                    all.insert(parent);
                    all.insert(ancestors[parent].begin(), ancestors[parent].end());
                }
            }
            ancestors[table] = Ids(all.begin(), all.end());
        }
        Ids due;
        for (size_t table = 0; table < count; table++) {
            if (random() % 2 == 0) {
                due.push_back(table);
            }
        }
        Lanes split = Split(due, ancestors);
        std::set<size_t> shared(split.shared.begin(), split.shared.end()), done = shared;
        ASSERT_EQ(shared.size(), split.shared.size()) << seed;
        for (const Ids& lane : split.lanes) {
            std::set<size_t> closure(lane.begin(), lane.end());
            for (size_t table : lane) {
                closure.insert(ancestors[table].begin(), ancestors[table].end());
            }
            for (size_t table : closure) {
                ASSERT_TRUE(shared.contains(table) || done.insert(table).second) << "seed " << seed;
            }
        }
        for (size_t table : due) {
            ASSERT_TRUE(done.contains(table)) << "seed " << seed;
        }
        for (size_t at = 0; at < split.shared.size(); at++) {
            for (size_t parent : ancestors[split.shared[at]]) {
                auto before = split.shared.begin() + static_cast<std::ptrdiff_t>(at);
                ASSERT_NE(std::find(split.shared.begin(), before, parent), before) << "seed " << seed;
            }
        }
    }
}

} // namespace
} // namespace freshet
