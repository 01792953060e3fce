#include "bind/definition.hpp"
#include "bind/small_lake_test.hpp"

#include <fmt/format.h>

namespace freshet {
namespace {

class UndeterminedTest : public SmallLake {
protected:
    UndeterminedTest() { Run("CREATE TABLE t(a INTEGER, b INTEGER, c VARCHAR)"); }

    /// "what[columns]" of every part, joined.
    std::string Parts(const std::string& text) {
        Source source{"", text};
        std::string joined;
        auto definition = ParseDefinition(S(), {text, 0}, "lake.main", source);
        for (const auto& part : definition.UndeterminedParts()) {
            joined += fmt::format("{}[{}];", part.what, fmt::join(part.columns, ","));
        }
        return joined;
    }
};

TEST_F(UndeterminedTest, SettledResults) {
    for (const char* text :
         {"SELECT a, sum(b), count(*), min(c) FROM t GROUP BY a",
          "SELECT a, rank() OVER (ORDER BY b) FROM t",
          "SELECT sum(b) OVER (PARTITION BY a ORDER BY b) FROM t",
          "SELECT * FROM t ORDER BY a",
          "SELECT a, b FROM t ORDER BY a, b LIMIT 3",
          "SELECT * FROM t ORDER BY ALL LIMIT 3",
          "SELECT a, sum(b) AS s FROM t GROUP BY a ORDER BY s DESC, a LIMIT 3",
          "SELECT a, sum(b) FROM t GROUP BY 1 ORDER BY 2, 1 LIMIT 3",
          "SELECT max(a) FROM t LIMIT 1",
          "SELECT list(b ORDER BY b) FROM t",
          "SELECT string_agg(c, ',' ORDER BY c) FROM t",
          "SELECT a, any_value(a) FROM t GROUP BY a",
          "SELECT DISTINCT ON (a) a FROM t",
          "SELECT DISTINCT ON (a) a, b FROM t ORDER BY a, b",
          "SELECT * FROM t WHERE EXISTS (SELECT 1 FROM t LIMIT 1)",
          "SELECT a, sum(b), row_number() OVER (ORDER BY sum(b), a) FROM t GROUP BY a",
          "SELECT first_value(b) OVER (PARTITION BY a ORDER BY b) FROM t",
          "SELECT sum(b) OVER (ORDER BY a ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) FROM t",
          "SELECT ARRAY(SELECT a FROM t ORDER BY a)",
          "SELECT a FROM t UNION SELECT b FROM t ORDER BY 1 LIMIT 2"}) {
        EXPECT_EQ(Parts(text), "") << text;
    }
}

TEST_F(UndeterminedTest, Windows) {
    EXPECT_EQ(Parts("SELECT a, row_number() OVER (ORDER BY b) AS r FROM t"),
              "row_number() over an order that may have ties[r];");
    EXPECT_EQ(Parts("SELECT row_number() OVER () FROM t"),
              "row_number() over rows without an order[row_number() OVER ()];");
    EXPECT_EQ(Parts("SELECT lag(a) OVER (ORDER BY a) AS l FROM t"), "lag() over an order that may have ties[l];");
    EXPECT_EQ(Parts("SELECT first_value(a) OVER (ORDER BY b) AS f FROM t"),
              "first_value() over an order that may have ties[f];");
    EXPECT_EQ(Parts("SELECT sum(b) OVER (ORDER BY a ROWS 2 PRECEDING) AS f FROM t"),
              "sum() over an order that may have ties[f];");
    EXPECT_EQ(Parts("SELECT a FROM t QUALIFY row_number() OVER (ORDER BY b) = 1"),
              "row_number() over an order that may have ties[];");
}

TEST_F(UndeterminedTest, RowsChosen) {
    EXPECT_EQ(Parts("SELECT * FROM t LIMIT 3"), "LIMIT without ORDER BY[];");
    EXPECT_EQ(Parts("SELECT a, b FROM t ORDER BY a LIMIT 3"), "LIMIT where rows may tie in the order[];");
    EXPECT_EQ(Parts("SELECT DISTINCT ON (a) a, b FROM t"), "DISTINCT ON where rows may tie in the order[];");
    EXPECT_EQ(Parts("SELECT a, (SELECT b FROM t LIMIT 1) AS q FROM t"), "LIMIT without ORDER BY[q];");
    EXPECT_EQ(Parts("SELECT * FROM t x POSITIONAL JOIN t y"), "the order of rows, which a POSITIONAL JOIN follows[];");
    EXPECT_EQ(Parts("SELECT * FROM t x ASOF JOIN t y ON x.a >= y.a"),
              "which of the rows that tie an ASOF JOIN takes[];");
    EXPECT_EQ(Parts("SELECT c COLLATE NOCASE AS c, count(*) AS n FROM t GROUP BY 1"),
              "which of the texts that a COLLATE takes for equal is shown[];");
    EXPECT_EQ(Parts("SELECT a FROM t WHERE c COLLATE NOCASE = 'x'"), "");
}

TEST_F(UndeterminedTest, Aggregates) {
    EXPECT_EQ(Parts("SELECT a, first(b) AS f FROM t GROUP BY a"), "first() may take any row[f];");
    EXPECT_EQ(Parts("SELECT any_value(b) FROM t"), "any_value() may take any row[any_value(b)];");
    EXPECT_EQ(Parts("SELECT list(b) AS l FROM t"), "list() without an order that settles it[l];");
    EXPECT_EQ(Parts("SELECT string_agg(c, ',' ORDER BY a) AS l FROM t"),
              "string_agg() without an order that settles it[l];");
    EXPECT_EQ(Parts("SELECT arg_max(a, b) AS l FROM t"), "arg_max() may take any of the rows that tie[l];");
    EXPECT_EQ(Parts("SELECT mode(a) AS m FROM t"), "mode() may take any of the rows that tie[m];");
    EXPECT_EQ(Parts("SELECT approx_count_distinct(a) AS m FROM t"), "approx_count_distinct() is an approximation[m];");
}

TEST_F(UndeterminedTest, AnAliasUsedElsewhereReachesEverything) {
    EXPECT_EQ(Parts("SELECT mode(a) AS m, m + 1 AS n FROM t"), "mode() may take any of the rows that tie[];");
    EXPECT_EQ(Parts("SELECT DISTINCT first(a) AS m FROM t GROUP BY b"), "first() may take any row[];");
}

TEST_F(UndeterminedTest, PlacesAreShown) {
    std::string text = "SELECT a, mode(b) FROM t";
    Source source{"", text};
    auto definition = ParseDefinition(S(), {text, 0}, "lake.main", source);
    const auto& parts = definition.UndeterminedParts();
    ASSERT_EQ(parts.size(), 1u);
    ASSERT_TRUE(parts[0].place.has_value());
    EXPECT_EQ(parts[0].place->offset, 10u);
    EXPECT_EQ(parts[0].place->length, 4u);
}

} // namespace
} // namespace freshet
