#include "service/time_limit.hpp"

#include "refresh/lake_state.hpp"
#include "service/test_service.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

TEST(TimeLimitTest, ThatRanOutBetweenTwoStatementsHoldsAtTheNextStep) {
    TestService lake;
    lake.Run("CREATE TABLE s AS SELECT 1 AS a;"
             "CREATE DYNAMIC TABLE d TARGET_LAG = '1 minute' TIMEOUT = '1 second' AS SELECT a FROM s;"
             "CREATE DYNAMIC TABLE e TARGET_LAG = '1 minute' AS SELECT a FROM s");
    LakeOptions options = lake.Options().lake;
    options.create = false;
    auto engine = Engine::Open(options);
    auto session = engine->NewSession();
    Registry registry = ReadRegistry(*session);
    auto id = [&](const char* name) { return registry.Find({"main", name})->id; };
    TimeLimit limit(*session, registry);
    limit.Begin(id("d"));
    std::this_thread::sleep_for(std::chrono::milliseconds(1500));
    try {
        limit.Begin(id("d"));
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.GetCode(), Code::RefreshTimeout);
    }
    limit.Begin(id("e"));
}

} // namespace
} // namespace freshet
