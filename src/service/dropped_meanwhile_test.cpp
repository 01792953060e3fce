#include "refresh/lake_state.hpp"
#include "refresh/run.hpp"
#include "service/test_service.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

/// A table that is dropped while it is refreshed, whose name is somebody else's then.
class DroppedMeanwhileTest : public testing::Test {
protected:
    DroppedMeanwhileTest() {
        lake_.Run("CREATE TABLE s AS SELECT i % 3 AS g, i FROM range(9) r(i);"
                  "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT g, sum(i) AS n FROM s GROUP BY g;"
                  "INSERT INTO s VALUES (1, 100)");
        LakeOptions options = lake_.Options().lake;
        options.create = false;
        engine_ = Engine::Open(options);
        session_ = engine_->NewSession();
        registry_ = ReadRegistry(*session_);
        request_.ids = {registry_.Find({"main", "d"})->id};
        surroundings_.clock = [] { return Timestamp(1'800'000'000'000'000); };
        surroundings_.unchanged_until = [](const std::string&) { return UnchangedUntil{}; };
        surroundings_.run_id = "run";
    }

    void Drop() { lake_.Run("DROP DYNAMIC TABLE d; CREATE TABLE d AS SELECT 42 AS precious"); }

    void DropAt(RunStep when) {
        surroundings_.on_step = [this, when, done = false](const std::string&, RunStep step) mutable {
            if (step == when && !std::exchange(done, true)) {
                Drop();
            }
        };
    }

    void ExpectRefused() {
        std::vector<TableOutcome> outcomes = RunRefresh(*session_, registry_, request_, surroundings_);
        ASSERT_EQ(outcomes.size(), 1U);
        ASSERT_TRUE(outcomes[0].error);
        EXPECT_EQ(outcomes[0].error->GetCode(), Code::UnknownTable);
        EXPECT_EQ(outcomes[0].table.name.Text(), "main.d");
        EXPECT_EQ(lake_.Number("SELECT precious FROM d"), 42);
        EXPECT_EQ(lake_.Number("SELECT count(*) FROM duckdb_tables() WHERE starts_with(table_name, 'state_')"), 0);
    }

    TestService lake_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Session> session_;
    Registry registry_;
    RunRequest request_;
    RunSurroundings surroundings_;
};

TEST_F(DroppedMeanwhileTest, BeforeTheSnapshotIsChosen) {
    Drop();
    ExpectRefused();
}

TEST_F(DroppedMeanwhileTest, BeforeTheSnapshotIsChosenAndAllOfItIsWanted) {
    request_.full = true;
    Drop();
    ExpectRefused();
}

TEST_F(DroppedMeanwhileTest, BeforeItIsComputed) {
    DropAt(RunStep::Computing);
    ExpectRefused();
}

TEST_F(DroppedMeanwhileTest, BeforeItIsWritten) {
    DropAt(RunStep::Writing);
    ExpectRefused();
}

} // namespace
} // namespace freshet
