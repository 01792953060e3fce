#include "service/lake_watch.hpp"

#include "service/test_service.hpp"

#include <gmock/gmock.h>

namespace freshet {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class LakeWatchTest : public testing::Test {
protected:
    LakeWatchTest() {
        lake_.Run("CREATE TABLE s AS SELECT 1 AS a; CREATE TABLE other AS SELECT 1 AS a;"
                  "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a FROM s;"
                  "CREATE DYNAMIC TABLE e TARGET_LAG = '1 minute' AS SELECT count(*) AS n FROM d;"
                  "CREATE DYNAMIC TABLE timed TARGET_LAG = '1 minute' AS SELECT a, now() AS t FROM other");
        LakeOptions options = lake_.Options().lake;
        options.create = false;
        engine_ = Engine::Open(options);
        session_ = engine_->NewSession();
        first_ = Look();
    }

    LakeNews Look() { return watch_.Look(*session_); }

    /// Names of the tables for which something changed, each once.
    std::set<std::string> Changed(const LakeNews& news) const {
        std::set<std::string> names;
        for (const auto& [id, snapshot] : news.changed) {
            EXPECT_LE(snapshot, news.newest);
            names.insert(watch_.Tables().at(id).table.name.name);
        }
        return names;
    }

    const WatchedTable& Of(const std::string& name) const {
        for (const auto& [id, watched] : watch_.Tables()) {
            if (watched.table.name.name == name) {
                return watched;
            }
        }
        throw std::runtime_error("no table " + name);
    }

    TestService lake_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Session> session_;
    LakeWatch watch_;
    LakeNews first_;
};

TEST_F(LakeWatchTest, TheFirstLookTellsAll) {
    EXPECT_TRUE(first_.definitions_changed);
    EXPECT_THAT(Changed(first_), ElementsAre("d", "e", "timed"));
    EXPECT_THAT(Of("e").sources, Contains(TableName{"main", "s"}));
    EXPECT_THAT(Of("e").parents, ElementsAre(Of("d").table.id));
    EXPECT_TRUE(Of("timed").always_changes);
    EXPECT_FALSE(Of("e").always_changes);
}

TEST_F(LakeWatchTest, NothingIsNewWhileNobodyCommits) {
    LakeNews news = Look();
    EXPECT_EQ(news.newest, first_.newest);
    EXPECT_THAT(news.changed, IsEmpty());
    EXPECT_FALSE(news.definitions_changed);
}

TEST_F(LakeWatchTest, ACommitChangesWhatReadsItsTables) {
    lake_.Run("INSERT INTO s VALUES (2)");
    LakeNews news = Look();
    EXPECT_FALSE(news.definitions_changed);
    EXPECT_GT(news.newest, first_.newest);
    EXPECT_THAT(Changed(news), ElementsAre("d", "e"));
    lake_.Run("DELETE FROM s WHERE a = 2");
    EXPECT_THAT(Changed(Look()), ElementsAre("d", "e"));
    lake_.Run("CREATE OR REPLACE TEMP TABLE mine AS SELECT 1 AS a");
    EXPECT_THAT(Changed(Look()), IsEmpty());
}

TEST_F(LakeWatchTest, ARefreshIsNoNews) {
    lake_.Run("INSERT INTO s VALUES (2)");
    Look();
    lake_.Refresh("e");
    LakeNews news = Look();
    EXPECT_GT(news.newest, first_.newest + 1);
    EXPECT_THAT(Changed(news), IsEmpty());
    EXPECT_FALSE(news.definitions_changed);
}

TEST_F(LakeWatchTest, WhatOthersWriteToAResultIs) {
    LakeOptions options = lake_.Options().lake;
    options.create = false;
    Engine::Open(options)->NewSession()->Query("INSERT INTO d VALUES (99)");
    EXPECT_THAT(Changed(Look()), ElementsAre("d", "e"));
}

TEST_F(LakeWatchTest, DdlConcernsWhoNamesTheTable) {
    lake_.Run("CREATE TABLE elsewhere (x INTEGER)");
    EXPECT_THAT(Changed(Look()), IsEmpty());
    lake_.Run("ALTER TABLE elsewhere ADD COLUMN y INTEGER; DROP TABLE elsewhere");
    EXPECT_THAT(Changed(Look()), IsEmpty());
    lake_.Run("CREATE DYNAMIC TABLE more TARGET_LAG = DOWNSTREAM AS SELECT a FROM other");
    EXPECT_THAT(Changed(Look()), ElementsAre("more"));
    lake_.Run("ALTER TABLE other RENAME TO another; CREATE TABLE other AS SELECT 5 AS a");
    EXPECT_THAT(Changed(Look()), ElementsAre("more", "timed"));
    lake_.Run("DROP DYNAMIC TABLE more; ALTER TABLE s ADD COLUMN b INTEGER");
    EXPECT_THAT(Changed(Look()), ElementsAre("d", "e")) << "e reads what may mean something else now";
    lake_.Run("CREATE OR REPLACE DYNAMIC TABLE d TARGET_LAG = '1 minute' AS SELECT a + 1 AS a FROM s");
    EXPECT_THAT(Changed(Look()), ElementsAre("d", "e"));
    lake_.Run("CREATE VIEW v AS SELECT 1 AS a");
    EXPECT_THAT(Changed(Look()), ElementsAre("d", "e", "timed")) << "views may be found by any name";
}

TEST_F(LakeWatchTest, DefinitionsAreReadAgain) {
    lake_.Run("CREATE VIEW v AS SELECT a FROM s");
    EXPECT_TRUE(Look().definitions_changed);
    lake_.Run("ALTER DYNAMIC TABLE d SUSPEND");
    EXPECT_TRUE(Look().definitions_changed);
    EXPECT_EQ(Of("e").table.suspended, Suspension::ByCascade);
    lake_.Run("CREATE DYNAMIC TABLE more TARGET_LAG = DOWNSTREAM AS SELECT a FROM v");
    EXPECT_TRUE(Look().definitions_changed);
    EXPECT_THAT(Of("more").sources, ElementsAre(TableName{"main", "s"}));
    lake_.Run("DROP DYNAMIC TABLE more");
    Look();
    EXPECT_EQ(watch_.Tables().size(), 3);
}

} // namespace
} // namespace freshet
