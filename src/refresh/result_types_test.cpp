#include "refresh/result_types.hpp"

#include "lake/test_lake.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

Code CodeOf(const std::string& type) {
    try {
        CheckResultColumns({{"c", type}});
    } catch (const Error& error) {
        return error.GetCode();
    }
    return Code::Usage;
}

TEST(ResultTypesTest, TypesThatTheLakeCantStore) {
    for (const char* type : {"ENUM('a', 'b')", "BIT", "UNION(a INTEGER, b VARCHAR)", "INTEGER[3]", "BIGNUM", "TIME_NS",
                             "\"NULL\"", "STRUCT(a BIT)", "ENUM('a')[]", "MAP(INTEGER, INTEGER[2])"}) {
        EXPECT_EQ(CodeOf(type), Code::UnsupportedType) << type;
    }
}

TEST(ResultTypesTest, TypesThatItCan) {
    for (const char* type : {"INTEGER", "DECIMAL(38,10)", "STRUCT(\"BIT\" INTEGER)", "INTEGER[]", "HUGEINT", "INTERVAL",
                             "TIMESTAMP_NS", "MAP(INTEGER, VARCHAR)", "BOOLEAN", "STRUCT(\"a[3]\" INTEGER)"}) {
        EXPECT_EQ(CodeOf(type), Code::Usage) << type;
    }
}

TEST(ResultTypesTest, Widening) {
    EXPECT_TRUE(Widens("INTEGER", "BIGINT"));
    EXPECT_TRUE(Widens("FLOAT", "DOUBLE"));
    EXPECT_TRUE(Widens("UTINYINT", "SMALLINT"));
    EXPECT_FALSE(Widens("BIGINT", "INTEGER"));
    EXPECT_FALSE(Widens("UBIGINT", "BIGINT"));
    EXPECT_FALSE(Widens("BIGINT", "DOUBLE"));
}

class StorableValuesTest : public testing::Test {
protected:
    bool Survives(const std::string& value) {
        lake_.Run("CREATE OR REPLACE TEMP TABLE v AS SELECT " + value + " AS x");
        auto columns = lake_.Run("FROM temp.main.v LIMIT 0").columns;
        try {
            CheckStorableValues(lake_.Main(), {"main", "t"}, columns, "temp.main.v");
            return true;
        } catch (const Error& error) {
            EXPECT_EQ(error.GetCode(), Code::InexactValue);
            return false;
        }
    }
    TestLake lake_{CatalogKind::Sqlite};
};

TEST_F(StorableValuesTest, HugeIntegers) {
    EXPECT_TRUE(Survives("5::HUGEINT"));
    EXPECT_TRUE(Survives("NULL::HUGEINT"));
    EXPECT_TRUE(Survives("9007199254740992::HUGEINT"));
    EXPECT_FALSE(Survives("9007199254740993::HUGEINT"));
    EXPECT_FALSE(Survives("170141183460469231731687303715884105727::HUGEINT"));
    EXPECT_FALSE(Survives("[1, 9007199254740993]::HUGEINT[]"));
    EXPECT_TRUE(Survives("{'a': 3::UHUGEINT}"));
}

TEST_F(StorableValuesTest, IntervalsAndTimes) {
    EXPECT_TRUE(Survives("INTERVAL '1 month 3 days 1.5 seconds'"));
    EXPECT_FALSE(Survives("INTERVAL '1.000123 seconds'"));
    EXPECT_TRUE(Survives("INTERVAL '1193 hours'"));
    EXPECT_FALSE(Survives("INTERVAL '1194 hours'"));
    EXPECT_FALSE(Survives("INTERVAL '-1 day'"));
    EXPECT_FALSE(Survives("INTERVAL '1 month -1 day'"));
    EXPECT_TRUE(Survives("'10:00:00+00'::TIMETZ"));
    EXPECT_FALSE(Survives("'12:00:00+02'::TIMETZ"));
}

} // namespace
} // namespace freshet
