#include "lake/query_threads.hpp"

#include "lake/session.hpp"

#include <duckdb/parallel/task_scheduler.hpp>
#include <filesystem>
#include <gtest/gtest.h>
#include <stdlib.h>

namespace freshet {
namespace {

constexpr const char* kLarge = "SELECT count(DISTINCT hash(i))::BIGINT FROM range(2000000) AS r(i)";
constexpr const char* kSmall = "SELECT sum(i)::BIGINT FROM range(1000) AS r(i)";

class QueryThreadsTest : public testing::Test {
protected:
    QueryThreadsTest() {
        std::string folder = (std::filesystem::temp_directory_path() / "freshet_threadsXXXXXX").string();
        folder_ = mkdtemp(folder.data());
        LakeOptions options;
        options.kind = CatalogKind::Sqlite;
        options.catalog = (folder_ / "lake.sqlite").string();
        options.data_path = (folder_ / "data").string();
        options.threads = 3;
        options.create = true;
        engine_ = Engine::Open(options);
    }
    ~QueryThreadsTest() override {
        engine_.reset();
        std::filesystem::remove_all(folder_);
    }

    static int Threads(Session& session) {
        return duckdb::TaskScheduler::GetScheduler(*session.Raw().context).NumberOfThreads();
    }

    /// The most that the engine had while the query ran.
    static int ThreadsDuring(Session& session, const std::string& sql) {
        std::atomic<bool> over = false;
        int most = Threads(session);
        std::thread watch([&] {
            while (!over) {
                most = std::max(most, Threads(session));
            }
        });
        session.Query(sql);
        over = true;
        watch.join();
        return most;
    }

    std::filesystem::path folder_;
    std::unique_ptr<Engine> engine_;
};

TEST_F(QueryThreadsTest, OnlyLargeQueriesAreHelped) {
    auto session = engine_->NewSession();
    EXPECT_EQ(Threads(*session), 1);
    EXPECT_EQ(ThreadsDuring(*session, kSmall), 1);
    EXPECT_EQ(ThreadsDuring(*session, kLarge), 3);
    EXPECT_EQ(Threads(*session), 1);
    session->Query("CREATE TABLE t AS SELECT i FROM range(300000) AS r(i)");
    EXPECT_EQ(ThreadsDuring(*session, "CREATE TEMP TABLE c AS SELECT count(*) AS n FROM t JOIN t AS u USING (i)"), 3);
    EXPECT_EQ(std::get<int64_t>(session->QueryValue("SELECT n FROM c")), 300000);
}

TEST_F(QueryThreadsTest, AfterErrorsTheyAreSentAway) {
    auto session = engine_->NewSession();
    EXPECT_THROW(session->Query("SELECT error('no') FROM range(1000000) AS r(i) WHERE i > 900000"), EngineError);
    EXPECT_EQ(Threads(*session), 1);
    session->Query("EXPLAIN SELECT count(*) FROM range(1000000)");
    EXPECT_EQ(Threads(*session), 1);
}

TEST_F(QueryThreadsTest, ThreadsCanBeSet) {
    auto session = engine_->NewSession();
    session->Query("SET threads = 5");
    EXPECT_EQ(ThreadsDuring(*session, kLarge), 5);
    EXPECT_EQ(Threads(*session), 1);
    session->Query("SET threads = 2");
    EXPECT_EQ(ThreadsDuring(*session, kLarge), 2);
}

TEST_F(QueryThreadsTest, ManySessionsAtOnce) {
    std::vector<std::thread> users;
    std::atomic<int> wrong = 0;
    for (int user = 0; user < 4; user++) {
        users.emplace_back([&, user] {
            auto session = engine_->NewSession();
            for (int i = 0; i < 20; i++) {
                bool large = (i + user) % 2 == 0;
                auto value = std::get<int64_t>(session->QueryValue(large ? kLarge : kSmall));
                wrong += value != (large ? 2000000 : 499500);
            }
        });
    }
    for (auto& user : users) {
        user.join();
    }
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(Threads(*engine_->NewSession()), 1);
}

} // namespace
} // namespace freshet
