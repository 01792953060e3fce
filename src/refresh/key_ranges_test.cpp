#include "refresh/key_ranges.hpp"

#include "lake/test_lake.hpp"

#include <gtest/gtest.h>

namespace freshet {

namespace {

class KeyRangesTest : public EveryCatalog {
protected:
    std::string Of(const std::string& values, const std::string& type) {
        Lake().Run("CREATE OR REPLACE TEMP TABLE keys AS SELECT v::" + type + " AS k FROM (" + values + ") AS x(v)");
        std::string text;
        for (const auto& range : FindKeyRanges(Lake().Main(), "temp.main.keys", "t.k", type)) {
            text += Value(range.from) + ".." + Value(range.to) + " ";
        }
        return text;
    }

private:
    std::string Value(const std::string& literal) {
        return AsText(Lake().Main().QueryValue(fmt::format("SELECT ({})::VARCHAR", literal)));
    }
};

TEST_P(KeyRangesTest, TwoEndsAreTwoRanges) {
    EXPECT_EQ(Of("FROM range(0, 100) UNION ALL FROM range(900000, 900100)", "BIGINT"), "0..99 900000..900099 ");
}

TEST_P(KeyRangesTest, NullsAreLeftAside) {
    EXPECT_EQ(Of("VALUES (1), (NULL), (1000), (1001)", "INTEGER"), "1..1 1000..1001 ");
}

TEST_P(KeyRangesTest, WidestGapsDivide) {
    EXPECT_EQ(Of("VALUES (0), (10), (300), (310), (600), (700), (1000)", "SMALLINT"),
              "0..10 300..310 600..700 1000..1000 ");
}

TEST_P(KeyRangesTest, ScatteredKeysHaveNone) {
    EXPECT_EQ(Of("SELECT i * 17 FROM range(1000) r(i)", "BIGINT"), "");
}

TEST_P(KeyRangesTest, OneKeyOrNoneHasNone) {
    EXPECT_EQ(Of("VALUES (5), (5)", "BIGINT"), "");
    EXPECT_EQ(Of("SELECT NULL WHERE false", "BIGINT"), "");
}

TEST_P(KeyRangesTest, ExtremesOfTheType) {
    EXPECT_EQ(Of("VALUES (-9223372036854775808), (9223372036854775807), (0)", "BIGINT"),
              "-9223372036854775808..-9223372036854775808 0..0 9223372036854775807..9223372036854775807 ");
}

TEST_P(KeyRangesTest, Dates) {
    EXPECT_EQ(Of("VALUES ('2020-01-01'), ('2020-01-02'), ('2024-05-05')", "DATE"),
              "2020-01-01..2020-01-02 2024-05-05..2024-05-05 ");
}

TEST_P(KeyRangesTest, InfiniteDatesHaveNone) {
    EXPECT_EQ(Of("VALUES ('2020-01-01'), ('infinity'), ('2024-05-05')", "DATE"), "");
    EXPECT_EQ(Of("VALUES ('-infinity'), ('infinity')", "DATE"), "");
}

TEST_P(KeyRangesTest, OtherTypesHaveNone) {
    EXPECT_EQ(Of("VALUES ('a'), ('z')", "VARCHAR"), "");
}

INSTANTIATE_TEST_SUITE_P(Lake, KeyRangesTest, EveryCatalogKind(), CatalogKindName);

} // namespace

} // namespace freshet
