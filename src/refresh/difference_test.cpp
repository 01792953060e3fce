#include "refresh/difference.hpp"

#include "lake/test_lake.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

/// A stored table "t", and what it shall become as TEMP table "wanted".
class DifferenceTest : public testing::Test {
protected:
    void Stored(const std::string& columns, const std::string& rows) {
        lake_.Run("CREATE TABLE t(" + columns + ")");
        lake_.Run("CREATE OR REPLACE TEMP TABLE wanted(" + columns + ")");
        if (!rows.empty()) {
            lake_.Run("INSERT INTO t VALUES " + rows);
        }
        columns_ = lake_.Run("SELECT * FROM t LIMIT 0").columns;
    }

    void Wanted(const std::string& rows) { lake_.Run("INSERT INTO temp.main.wanted VALUES " + rows); }

    RowEdit Compute(const std::set<std::string>& inexact = {}) {
        return ComputeDifference(lake_.Main(), "lake.main.t", columns_, inexact, TempSql("wanted"), "d");
    }

    /// Applies the edit, then looks for differences both ways.
    int64_t DifferencesAfter(const RowEdit& edit) {
        if (edit.out_count > 0) {
            lake_.Run("DELETE FROM t USING temp.main." + edit.out +
                      " AS o WHERE t.filename = o.filename AND t.file_row_number = o.file_row_number");
        }
        lake_.Run("INSERT INTO t SELECT * FROM temp.main." + edit.in);
        return lake_.Number("SELECT count(*) FROM (FROM t EXCEPT ALL FROM temp.main.wanted)") +
               lake_.Number("SELECT count(*) FROM (FROM temp.main.wanted EXCEPT ALL FROM t)");
    }

    TestLake lake_{CatalogKind::Sqlite};
    std::vector<Column> columns_;
};

TEST_F(DifferenceTest, EqualRowsAreLeftAlone) {
    Stored("a INTEGER, b VARCHAR", "(1, 'x'), (2, NULL), (2, NULL)");
    Wanted("(2, NULL), (1, 'x'), (2, NULL)");
    RowEdit edit = Compute();
    EXPECT_EQ(edit.out_count, 0);
    EXPECT_EQ(edit.in_count, 0);
}

TEST_F(DifferenceTest, OnlyTheCopiesThatDifferAreWritten) {
    Stored("a INTEGER, b VARCHAR", "(1, 'x'), (1, 'x'), (1, 'x'), (NULL, NULL), (NULL, NULL), (3, 'z')");
    Wanted("(1, 'x'), (NULL, NULL), (NULL, NULL), (NULL, NULL), (4, 'w'), (4, 'w')");
    RowEdit edit = Compute();
    EXPECT_EQ(edit.out_count, 3);
    EXPECT_EQ(edit.in_count, 3);
    EXPECT_EQ(DifferencesAfter(edit), 0);
}

TEST_F(DifferenceTest, NestedValuesAndNaN) {
    Stored("a STRUCT(x INTEGER, y VARCHAR[]), b MAP(INTEGER, VARCHAR), c DOUBLE",
           "({'x': 1, 'y': ['p', NULL]}, MAP {1: 'a'}, 'nan'), ({'x': NULL, 'y': []}, NULL, NULL)");
    Wanted("({'x': 1, 'y': ['p', NULL]}, MAP {1: 'a'}, 'nan'), ({'x': NULL, 'y': NULL}, NULL, 'inf')");
    RowEdit edit = Compute();
    EXPECT_EQ(edit.out_count, 1);
    EXPECT_EQ(edit.in_count, 1);
    EXPECT_EQ(DifferencesAfter(edit), 0);
}

TEST_F(DifferenceTest, NoiseInInexactColumnsIsNoChange) {
    Stored("k INTEGER, s DOUBLE", "(1, 0.3), (2, 'nan'), (3, 'inf'), (4, NULL), (5, 1e300), (6, 10)");
    Wanted("(1, 0.30000000000000004), (2, 'nan'), (3, 'inf'), (4, NULL), (5, 1e300), (6, 10.001)");
    RowEdit edit = Compute({"s"});
    EXPECT_EQ(edit.out_count, 1);
    EXPECT_EQ(edit.in_count, 1);
    RowEdit exact = Compute();
    EXPECT_EQ(exact.out_count, 2);
}

TEST_F(DifferenceTest, NoiseAmongDuplicates) {
    Stored("k INTEGER, s DOUBLE", "(1, 0.3), (1, 0.3), (1, 7), (1, NULL)");
    Wanted("(1, 0.30000000000000004), (1, 0.3), (1, NULL)");
    RowEdit edit = Compute({"s"});
    EXPECT_EQ(edit.out_count, 1);
    EXPECT_EQ(edit.in_count, 0);
}

TEST_F(DifferenceTest, ColumnsMayHaveOurNames) {
    Stored("c0 INTEGER, w INTEGER, copies INTEGER, id INTEGER, k INTEGER", "(1, 1, 1, 1, 1), (2, 2, 2, 2, 2)");
    Wanted("(1, 1, 1, 1, 1), (2, 2, 2, 2, 3)");
    RowEdit edit = Compute();
    EXPECT_EQ(edit.out_count, 1);
    EXPECT_EQ(DifferencesAfter(edit), 0);
}

TEST_F(DifferenceTest, RowsOfSeveralFilesWithDeletesAreLocated) {
    Stored("a INTEGER", "(1), (2), (3)");
    lake_.Run("INSERT INTO t VALUES (3), (4)");
    lake_.Run("DELETE FROM t WHERE a = 2");
    lake_.Run("CREATE TEMP TABLE minus AS SELECT 3::INTEGER AS a FROM range(2)");
    EXPECT_EQ(LocateRows(lake_.Main(), "lake.main.t", columns_, TempSql("minus"), "located"), 2);
    EXPECT_EQ(lake_.Number("SELECT count(DISTINCT (filename, file_row_number)) FROM temp.main.located"), 2);
}

TEST_F(DifferenceTest, ARowToDeleteThatIsNotThereFails) {
    Stored("a INTEGER", "(1), (3)");
    lake_.Run("CREATE TEMP TABLE minus AS SELECT 3::INTEGER AS a FROM range(2)");
    try {
        LocateRows(lake_.Main(), "lake.main.t", columns_, TempSql("minus"), "located");
        FAIL() << "found more rows than there are";
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::InvariantBroken);
    }
}

} // namespace
} // namespace freshet
