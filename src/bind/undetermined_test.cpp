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

TEST_F(UndeterminedTest, KeysOfWhatIsRead) {
    for (const char* text :
         {"SELECT a, row_number() OVER (ORDER BY n DESC, a) FROM (SELECT a, count(*) AS n FROM t GROUP BY a)",
          "SELECT x, row_number() OVER (ORDER BY n, x) FROM (SELECT a AS x, count(*) AS n FROM t GROUP BY a) q",
          "WITH q AS (SELECT DISTINCT a, b FROM t) SELECT row_number() OVER (PARTITION BY a ORDER BY b) FROM q",
          "WITH q AS (SELECT a, sum(b) AS s FROM t GROUP BY 1), r AS (SELECT * FROM q WHERE s > 1) "
          "SELECT lag(s) OVER (ORDER BY r.a) FROM r",
          "SELECT * FROM (SELECT a, sum(b) AS s FROM t GROUP BY a) ORDER BY s, a LIMIT 3",
          "WITH q AS (SELECT a, sum(b) AS s FROM t GROUP BY a) SELECT s FROM q ORDER BY a LIMIT 3",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT a FROM t UNION SELECT b FROM t)",
          "SELECT t.a, q.n FROM t ASOF JOIN (SELECT a, count(*) AS n FROM t GROUP BY a) q ON t.a >= q.a",
          "SELECT t.a FROM t ASOF LEFT JOIN (SELECT a, b, count(*) AS n FROM t GROUP BY ALL) q ON t.a = q.a AND t.b >= "
          "q.b",
          "SELECT a FROM t ASOF JOIN (SELECT DISTINCT a, b FROM t) q USING (a, b)",
          "SELECT a, arg_max(c, (b, c)) FROM t GROUP BY a", "SELECT a, arg_max(c, {'x': b, 'y': c}) FROM t GROUP BY a",
          "SELECT a, list({'b': b, 'c': c} ORDER BY c, b) FROM t GROUP BY a",
          "SELECT a, len(list(b)), list_contains(list(c), 'x'), len(list_distinct(list(b))) FROM t GROUP BY a",
          "SELECT list(b ORDER BY b) OVER (PARTITION BY a) FROM t"}) {
        EXPECT_EQ(Parts(text), "") << text;
    }
}

TEST_F(UndeterminedTest, NoKeysOfWhatIsRead) {
    for (const char* text :
         {"SELECT row_number() OVER (ORDER BY n) FROM (SELECT a, count(*) AS n FROM t GROUP BY a)",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT a, b, count(*) AS n FROM t GROUP BY a, b)",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT b AS a, count(*) AS n FROM t GROUP BY a, b)",
          "SELECT row_number() OVER (ORDER BY q.a) FROM (SELECT DISTINCT a FROM t) q, t",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT a, unnest([1, 2]) AS u FROM (SELECT DISTINCT a FROM t))",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT a FROM t GROUP BY ROLLUP (a))",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT a FROM t UNION ALL SELECT b FROM t)",
          "SELECT row_number() OVER (ORDER BY a) FROM (SELECT * REPLACE (1 AS a) FROM (SELECT DISTINCT a FROM t))",
          "SELECT 1 AS a, a AS z FROM (SELECT DISTINCT a FROM t) ORDER BY a LIMIT 1",
          "SELECT t.a FROM t ASOF JOIN (SELECT a, b, count(*) AS n FROM t GROUP BY ALL) q ON t.a >= q.a",
          "SELECT t.b FROM t ASOF JOIN (SELECT a, b FROM t GROUP BY ALL) q ON t.b = q.b AND t.a >= abs(q.a)",
          "SELECT a, arg_max(c, (b, a)) FROM t GROUP BY b, a + 1, a HAVING false",
          "SELECT a, list({'b': b, 'c': c} ORDER BY c) FROM t GROUP BY a", "SELECT a, list(b)[1] FROM t GROUP BY a",
          "SELECT list_distinct(list(b)) FROM t", "SELECT b AS a, count(*) FROM t GROUP BY a, b ORDER BY a LIMIT 1",
          "WITH q AS (SELECT * FROM t) SELECT row_number() OVER (ORDER BY a) FROM q"}) {
        EXPECT_NE(Parts(text), "") << text;
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
    EXPECT_EQ(Parts("SELECT any_value(b) AS x FROM t ORDER BY x"), "any_value() may take any row[x];");
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
