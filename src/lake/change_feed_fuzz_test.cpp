#include "lake/test_feed.hpp"

#include <array>
#include <iostream>
#include <random>

namespace freshet {

namespace {

/// Random statements on t(a INTEGER, b VARCHAR, p INTEGER): few different values, so that rows repeat, some NULL.
class History {
public:
    explicit History(unsigned seed) : random_(seed) {}

    int Below(int limit) { return static_cast<int>(random_() % static_cast<unsigned>(limit)); }

    std::string Insert() {
        int rows = Below(4) == 0 ? 30 : 1 + Below(6);
        return fmt::format("INSERT INTO t SELECT nullif((r * {}) % 7, 3), nullif('v' || (r % {}), 'v1'), (r + {}) % 3 "
                           "FROM range({}) s(r)",
                           1 + Below(6), 1 + Below(4), Below(3), rows);
    }
    std::string Update() {
        return Pick({fmt::format("UPDATE t SET b = 'u{}' WHERE {}", Below(3), Condition()),
                     fmt::format("UPDATE t SET b = b WHERE {}", Condition()),
                     fmt::format("UPDATE t SET p = (p + 1) % 3, a = a + 1 WHERE {}", Condition())});
    }
    std::string Delete() { return "DELETE FROM t WHERE " + Condition(); }
    std::string MergeInto() {
        return fmt::format(
            "MERGE INTO t USING (SELECT {} AS a, 'm{}' AS b) s ON t.a = s.a WHEN MATCHED THEN UPDATE SET "
            "b = s.b WHEN NOT MATCHED THEN INSERT VALUES (s.a, s.b, 1)",
            Below(9), Below(2));
    }
    std::string Change() { return Pick({Insert(), Insert(), Update(), Update(), Delete(), Delete(), MergeInto()}); }
    std::string Several() {
        std::string sql = "BEGIN; ";
        for (int i = 2 + Below(3); i > 0; i--) {
            sql += Change() + "; ";
        }
        return sql + "COMMIT";
    }
    std::string Step(Snapshot newest) {
        switch (Below(16)) {
        case 0:
            return "CALL ducklake_flush_inlined_data('lake')";
        case 1:
            return "CALL ducklake_merge_adjacent_files('lake')";
        case 2:
            return "CALL ducklake_rewrite_data_files('lake', 't', delete_threshold => 0.0)";
        case 3:
            return fmt::format("CALL ducklake_expire_snapshots('lake', versions => [{}]); "
                               "CALL ducklake_cleanup_old_files('lake', cleanup_all => true)",
                               1 + Below(static_cast<int>(newest) - 1));
        case 4:
            return Pick({"TRUNCATE t", "DELETE FROM t"});
        case 5:
            return "INSERT INTO other VALUES (1)";
        case 6:
        case 7:
        case 8:
            return Several();
        default:
            return Change();
        }
    }

private:
    std::string Pick(const std::vector<std::string>& choices) {
        return choices[Below(static_cast<int>(choices.size()))];
    }
    std::string Condition() {
        return Pick({fmt::format("a = {}", Below(9)), fmt::format("a < {}", Below(9)), "b IS NULL", "a IS NULL",
                     fmt::format("p = {}", Below(3)), fmt::format("b = 'v{}'", Below(3))});
    }

    std::mt19937 random_;
};

/// How many histories, from which one on; a failure is told with its number.
int Cases() {
    const char* text = std::getenv("FRESHET_FUZZ_CASES");
    return text == nullptr ? 2 : std::atoi(text);
}

int FirstCase() {
    const char* text = std::getenv("FRESHET_FUZZ_FIRST");
    return text == nullptr ? 0 : std::atoi(text);
}

class ChangeFeedFuzz : public EveryCatalog {
protected:
    void SetUp() override {
        if (std::string reason = TestLake::Unavailable(GetParam()); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
    }

    void Make(unsigned seed) {
        lake_ = std::make_unique<TestLake>(GetParam());
        Lake().SetInlining(seed % 2 == 0 ? 0 : 10);
        Lake().Run("CREATE TABLE other(a INTEGER); CREATE TABLE t(a INTEGER, b VARCHAR, p INTEGER)");
        if (seed % 4 >= 2) {
            Lake().Run("ALTER TABLE t SET PARTITIONED BY (p)");
        }
        table_ = std::make_unique<WatchedTable>(Lake(), "t");
    }

    std::string Run(const std::string& sql) {
        Lake().Run(sql);
        return sql;
    }

    /// A transaction that commits after another one: DuckLake refuses it, or stamps deletes with older snapshots, or
    /// brings deleted rows back (A10, A11).
    std::string RunTwoAtOnce(History& history) {
        auto late = Lake().NewSession();
        std::string late_sql = history.Change();
        late->Begin();
        late->Query(late_sql);
        std::string sql = Run(history.Below(2) == 0 ? "INSERT INTO other VALUES (1)" : history.Change());
        Snapshot between = table_->Remember();
        std::string end = "committed";
        try {
            late->Commit();
        } catch (const EngineError&) {
            end = "refused";
        }
        return fmt::format("{} ({}), and then {}: {}", sql, between, late_sql, end);
    }

    void Grow(History& history, int steps) {
        told_.clear();
        for (int i = 0; i < steps; i++) {
            Snapshot before = Lake().Newest();
            std::string step = history.Below(10) == 0 ? RunTwoAtOnce(history) : Run(history.Step(before));
            Snapshot now = table_->Remember();
            told_ += fmt::format("{}: {}\n", now == before ? "-" : std::to_string(now), step);
        }
    }

    void CheckWindow(Snapshot from, Snapshot to) {
        FeedRequest request = table_->Request(from, to);
        bool chosen = false;
        std::vector<std::optional<FeedMethod>> methods = {std::nullopt, FeedMethod::AppendOnly, FeedMethod::ByPosition,
                                                          FeedMethod::Feed, FeedMethod::VersionDifference};
        for (std::optional<FeedMethod> method : methods) {
            request.force = method;
            FeedResult result = table_->Read(request);
            std::string name = method ? FeedMethodName(*method) : "chosen";
            reads_[name][result.usable]++;
            wrong_sums_[name] += result.problem.find("leads from") != std::string::npos;
            chosen |= result.usable;
            if (result.usable) {
                EXPECT_EQ(table_->Differences(request), 0) << name << " of " << from << " to " << to << "\n" << told_;
                EXPECT_EQ(table_->NotNetted(request), 0) << name << " of " << from << " to " << to << "\n" << told_;
            }
        }
        if (!chosen && SnapshotExists(Lake().Main(), from)) {
            EXPECT_FALSE(table_->IsAsRemembered(from)) << from << " to " << to << " is not usable\n" << told_;
            rewritten_histories_++;
        }
    }

    void CheckWindows(History& history, int share) {
        for (const auto& [from, ignored] : table_->Versions()) {
            for (const auto& [to, also_ignored] : table_->Versions()) {
                if (from < to && SnapshotExists(Lake().Main(), to) && history.Below(share) == 0) {
                    CheckWindow(from, to);
                }
            }
        }
    }

    void Report() {
        for (const auto& [method, counts] : reads_) {
            std::cout << fmt::format("{}: {} windows read, {} refused, {} of these for their sum\n", method, counts[1],
                                     counts[0], wrong_sums_[method]);
        }
        std::cout << fmt::format("windows whose start was rewritten: {}\n", rewritten_histories_);
    }

    std::unique_ptr<WatchedTable> table_;
    std::string told_;
    std::map<std::string, std::array<int, 2>> reads_;
    std::map<std::string, int> wrong_sums_;
    int rewritten_histories_ = 0;
};

TEST_P(ChangeFeedFuzz, EveryWindowOfRandomHistoriesIsExact) {
    for (int i = FirstCase(); i < FirstCase() + Cases(); i++) {
        auto seed = static_cast<unsigned>(i);
        SCOPED_TRACE(fmt::format("case {}", i));
        History history(seed);
        Make(seed);
        Grow(history, 14);
        CheckWindows(history, Cases() > 2 ? 2 : 16);
    }
    Report();
}

INSTANTIATE_TEST_SUITE_P(Lake, ChangeFeedFuzz, EveryCatalogKind(), CatalogKindName);

} // namespace

} // namespace freshet
