#include "base/type_name.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(TypeNameTest, UnnamedStructs) {
    for (const char* type :
         {"STRUCT(INTEGER, INTEGER)", "STRUCT(INTEGER)", "STRUCT(INTEGER, VARCHAR)[]",
          "STRUCT(TIMESTAMP WITH TIME ZONE, INTEGER)", "STRUCT(DECIMAL(18,3), INTEGER)", "MAP(VARCHAR, STRUCT(DATE))",
          "STRUCT(a STRUCT(INTEGER[], DATE))", "STRUCT(STRUCT(a INTEGER))", "STRUCT(\"a(\" INTEGER, b STRUCT(BIGINT))",
          "STRUCT(ENUM('a', 'b'), INTEGER)"}) {
        EXPECT_TRUE(HasUnnamedStruct(type)) << type;
    }
}

TEST(TypeNameTest, NamedStructs) {
    for (const char* type :
         {"INTEGER", "STRUCT(a INTEGER)", "STRUCT(Ab INTEGER, \"c d\" VARCHAR)[]",
          "STRUCT(\"timestamp\" TIMESTAMP WITH TIME ZONE)", "STRUCT(a STRUCT(b DATE))", "ENUM('STRUCT(INTEGER)')",
          "STRUCT(\"STRUCT(DATE)\" INTEGER)", "STRUCT(\"a\"\"b\" INTEGER)", "TIMESTAMP WITH TIME ZONE",
          "MAP(VARCHAR, STRUCT(d DATE))"}) {
        EXPECT_FALSE(HasUnnamedStruct(type)) << type;
    }
}

TEST(TypeNameTest, Nested) {
    for (const char* type : {"INTEGER[]", "DOUBLE[3]", "STRUCT(a INTEGER)", "MAP(VARCHAR, DATE)"}) {
        EXPECT_TRUE(IsNested(type)) << type;
    }
    for (const char* type : {"INTEGER", "DECIMAL(9,2)", "ENUM('a')", "VARCHAR"}) {
        EXPECT_FALSE(IsNested(type)) << type;
    }
}

} // namespace
} // namespace freshet
