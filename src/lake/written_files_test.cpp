#include "lake/written_files.hpp"

#include "lake/test_lake.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

class WrittenFilesTest : public EveryCatalog {
protected:
    int64_t Id(const std::string& table) { return FindTable(Lake().Main(), {"main", table}, Lake().Newest())->id; }
};

TEST_P(WrittenFilesTest, TellsOfSeveralTablesAtOnce) {
    Lake().Run("CREATE TABLE a AS FROM range(5) r(i); CREATE TABLE b AS FROM range(5) r(i); CREATE TABLE c(i INTEGER)");
    Snapshot from = Lake().Newest();
    Lake().Run("INSERT INTO a FROM range(30); INSERT INTO a FROM range(40); INSERT INTO b FROM range(50); "
               "DELETE FROM b WHERE i = 3");
    Snapshot to = Lake().Newest();
    Lake().Run("INSERT INTO a FROM range(60)"); // later than the window
    auto files = ReadWrittenFiles(Lake().Main(), {Id("a"), Id("b"), Id("c")}, from, to);
    EXPECT_EQ(files[Id("a")].rows, 70);
    EXPECT_EQ(files[Id("a")].others, 0);
    EXPECT_EQ(files[Id("a")].live, 75);
    EXPECT_EQ(files[Id("b")].rows, 50);
    EXPECT_EQ(files[Id("b")].live, 53); // both threes left
    EXPECT_GT(files[Id("b")].others, 0);
    EXPECT_FALSE(files.contains(Id("c")));
}

TEST_P(WrittenFilesTest, FilesThatEndedAreNoPlainOnes) {
    Lake().Run("CREATE TABLE a AS FROM range(5) r(i)");
    Snapshot from = Lake().Newest();
    Lake().Run("TRUNCATE a; INSERT INTO a FROM range(9)");
    auto files = ReadWrittenFiles(Lake().Main(), {Id("a")}, from, Lake().Newest());
    EXPECT_EQ(files[Id("a")].rows, 9);
    EXPECT_EQ(files[Id("a")].live, 9);
    EXPECT_GT(files[Id("a")].others, 0);
}

INSTANTIATE_TEST_SUITE_P(Lake, WrittenFilesTest, EveryCatalogKind(), CatalogKindName);

} // namespace
} // namespace freshet
