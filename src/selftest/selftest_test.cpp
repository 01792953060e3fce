#include "selftest/selftest.hpp"

#include "bind/statement.hpp"
#include "refresh/session_runtime.hpp"
#include "selftest/case_generator.hpp"
#include "selftest/marked_text.hpp"
#include "service/demo_lake.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <regex>

namespace freshet::selftest {
namespace {

/// Ends a run at its first failure, before that is made smaller.
class UntilFailure : public Observer {
public:
    void Begins(int64_t, std::optional<int64_t>, const Script&) override {}
    void Ends(int64_t, const CaseOutcome& outcome) override { go_on_ = !outcome.failure; }
    void Shrinks(int64_t, const Failure&) override {}
    bool GoOn() override { return go_on_; }

private:
    bool go_on_ = true;
};

Report RunUntilFailure(uint64_t seed, int64_t cases) {
    UntilFailure observer;
    Plan plan;
    plan.seed = seed;
    plan.cases = cases;
    return RunSelftest(plan, observer);
}

std::string Failures(const Report& report) {
    std::string text;
    for (const auto& failed : report.failures) {
        text += ScriptText(failed.shrunk, RepeatCommand(report.seed, failed.number)) + "\n";
    }
    return text;
}

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
    return text;
}

bool Makes(const std::string& name, const std::string& what) {
    return name.find("_" + what) != std::string::npos;
}

/// Text up to the first UNION ALL that stands in no parentheses.
std::string FirstBranch(const std::string& sql) {
    int open = 0;
    for (size_t at = 0; at < sql.size(); at++) {
        open += sql[at] == '(' ? 1 : sql[at] == ')' ? -1 : 0;
        if (open == 0 && sql.compare(at, 11, " UNION ALL ") == 0) {
            return sql.substr(0, at);
        }
    }
    return sql;
}

/// A way in which a rule might be wrong.
struct Mutation {
    const char* name;
    SessionRuntime::Rewrite rewrite;
};

void PrintTo(const Mutation& mutation, std::ostream* out) {
    *out << mutation.name;
}

std::vector<Mutation> Mutations() {
    return {
        {"OldRowsCountAsNew",
         [](const std::string&, const std::string& sql) {
             return Replaced(sql, "CAST(-1 AS TINYINT)", "CAST(1 AS TINYINT)");
         }},
        {"KeysSkipNull",
         [](const std::string&, const std::string& sql) { return Replaced(sql, " IS NOT DISTINCT FROM ", " = "); }},
        {"OneSideForgotten", [](const std::string& name,
                                const std::string& sql) { return Makes(name, "change") ? FirstBranch(sql) : sql; }},
        {"RowsDontLeave",
         [](const std::string& name, const std::string& sql) {
             return Makes(name, "minus") ? "FROM (" + sql + ") WHERE false" : sql;
         }},
        {"CopiesCountOnce",
         [](const std::string&, const std::string& sql) { return Replaced(sql, "range(abs(__copies))", "range(1)"); }},
        {"KeysOfNewRowsOnly",
         [](const std::string& name, const std::string& sql) {
             static const std::regex kChange("FROM (temp\\.main\\.\"[^\"]*_(?:netted|change)\") AS t");
             bool keys = Makes(name, "keys") || Makes(name, "groups");
             return keys ? std::regex_replace(sql, kChange, "FROM (FROM $1 WHERE __freshet_w > 0) AS t") : sql;
         }},
        {"OldStateIsNew",
         [](const std::string& name, const std::string& sql) {
             static const std::regex kVersion("AT \\(VERSION => [0-9]+\\)");
             return Makes(name, "change") || Makes(name, "affected") ? std::regex_replace(sql, kVersion, "") : sql;
         }},
        {"PaddingForgotten",
         [](const std::string& name, const std::string& sql) {
             return Makes(name, "change") ? Replaced(sql, " LEFT JOIN ", " JOIN ") : sql;
         }},
    };
}

class BrokenRules : public testing::TestWithParam<Mutation> {
protected:
    ~BrokenRules() override { SessionRuntime::RewriteStatements({}); }
};

class BrokenRulesShown : public testing::Test {
protected:
    ~BrokenRulesShown() override { SessionRuntime::RewriteStatements({}); }
};

TEST_P(BrokenRules, AreFound) {
    constexpr int64_t kCases = 12;
    SessionRuntime::RewriteStatements(GetParam().rewrite);
    Report report = RunUntilFailure(1, kCases);
    ASSERT_EQ(report.failures.size(), 1u) << "not found in " << report.cases << " cases";
    RecordProperty("cases", static_cast<int>(report.cases));
}

INSTANTIATE_TEST_SUITE_P(All, BrokenRules, testing::ValuesIn(Mutations()),
                         [](const auto& info) { return std::string(info.param.name); });

TEST(Selftest, FindsNothingWhereNothingIsBroken) {
    const char* length = std::getenv("FRESHET_SELFTEST_CASES");
    Report report = RunUntilFailure(1, length ? std::atoll(length) : 2);
    EXPECT_TRUE(report.Good()) << Failures(report);
    EXPECT_GT(report.refreshes_by_change, 0);
    EXPECT_GT(report.compared, 0);
}

TEST(Selftest, CasesAreTheSameEachTime) {
    auto texts = [](uint64_t seed, int64_t number) {
        std::string text;
        for (const auto& step : MakeCase(seed, number).steps) {
            text += step.definition ? step.definition->query : "";
            for (const auto& statement : step.statements) {
                text += statement;
            }
        }
        return text;
    };
    EXPECT_EQ(texts(3, 4), texts(3, 4));
    EXPECT_NE(texts(3, 4), texts(3, 5));
    EXPECT_NE(texts(3, 4), texts(4, 4));
}

TEST(MarkedText, LosesPartsAndMarks) {
    std::string text = "FROM " + marked::Table("t") + marked::Optional(" WHERE a" + marked::Optional(" AND b")) +
                       marked::Optional(" LIMIT 1");
    EXPECT_EQ(marked::Plain(text), "FROM t WHERE a AND b LIMIT 1");
    EXPECT_EQ(marked::CountOptional(text), 3u);
    EXPECT_EQ(marked::Plain(marked::Without(text, {1})), "FROM t WHERE a LIMIT 1");
    EXPECT_EQ(marked::Plain(marked::Without(text, {0, 1})), "FROM t LIMIT 1");
    EXPECT_EQ(marked::Plain(marked::Without(text, {2})), "FROM t WHERE a AND b");
    EXPECT_EQ(marked::Tables(text), std::set<std::string>{"t"});
    EXPECT_EQ(AtVersion(text, {}, 7), "FROM (FROM t AT (VERSION => 7)) WHERE a AND b LIMIT 1");
    EXPECT_EQ(AtVersion(text, {"t"}, 7), "FROM t WHERE a AND b LIMIT 1");
}

TEST(MarkedText, HasAMoment) {
    EXPECT_EQ(marked::AtMoment("a < now() AND now() < b", "m"), "a < m AND m < b");
    EXPECT_EQ(marked::AtMoment("a < b", "m"), "a < b");
}

TEST(MarkedText, NamesStandForQueries) {
    std::string inner = marked::Named("v1", "SELECT a FROM " + marked::Table("t"));
    std::string outer = marked::Named("m2()", "FROM " + inner + " AS x");
    std::string text = "FROM " + outer + " AS y" + marked::Optional(" LIMIT 1");
    EXPECT_EQ(marked::Plain(text), "FROM m2() AS y LIMIT 1");
    EXPECT_EQ(marked::Plain("FROM " + inner + " AS x"), "FROM v1 AS x");
    EXPECT_EQ(marked::Tables(text), std::set<std::string>{"t"});
    EXPECT_EQ(AtVersion(text, {"t"}, 7), "FROM (FROM (SELECT a FROM t) AS x) AS y LIMIT 1");
    EXPECT_EQ(marked::Whole(text), "FROM " + outer + " AS y LIMIT 1");
}

/// Of a script whose failure needs two statements, nothing else stays.
TEST(Shrinker, LeavesWhatTheFailureNeeds) {
    Script script;
    for (int i = 0; i < 9; i++) {
        std::string insert = fmt::format("INSERT {}", i) + marked::Optional(" x") + marked::Optional(" y");
        script.steps.push_back({StepKind::Change, {insert, "DELETE"}, {}});
    }
    auto run = [](const Script& candidate) {
        std::string all;
        for (const auto& step : candidate.steps) {
            for (const auto& statement : step.statements) {
                all += marked::Plain(statement) + ";";
            }
        }
        CaseOutcome outcome;
        if (all.find("INSERT 2") != std::string::npos && all.find("INSERT 5 x") != std::string::npos) {
            outcome.failure = Failure{"difference", "d", "", candidate.steps.size() - 1};
        }
        return outcome;
    };
    Shrunk shrunk = Shrink(script, run(script), run, [] { return true; });
    ASSERT_EQ(shrunk.script.steps.size(), 2u);
    EXPECT_EQ(ScriptText(shrunk, "again"),
              "-- again\n-- d: \n-- In an empty project: freshet sql --keep-going -f FILE\n"
              "INSERT 2;\nINSERT 5 x;\n");
}

/// What is reported fails again where it is run as a user would run it.
TEST_F(BrokenRulesShown, ByTheScript) {
    constexpr int64_t kRuns = 6; // enough to leave something out, too few to get to the end
    SessionRuntime::RewriteStatements(Mutations().at(0).rewrite);
    auto always = [] { return true; };
    Script script;
    CaseOutcome outcome;
    for (int64_t number = 1; number <= 12 && !outcome.failure; number++) {
        script = MakeCase(1, number);
        outcome = RunScript(script, always);
    }
    ASSERT_TRUE(outcome.failure);
    int64_t runs = 0;
    auto run = [&](const Script& candidate) {
        runs++;
        return RunScript(candidate, always);
    };
    Shrunk shrunk = Shrink(script, outcome, run, [&] { return runs < kRuns; });
    EXPECT_LT(shrunk.script.steps.size(), script.steps.size());

    DemoLake lake({});
    std::string text = ScriptText(shrunk, "again");
    std::string shown;
    for (const auto& statement : SplitStatements(text)) {
        try {
            auto result = lake.GetSession().Execute(statement, {"", text});
            bool compares = statement.text.find("EXCEPT ALL") != std::string::npos &&
                            statement.text.find("DYNAMIC") == std::string::npos;
            shown += compares && !result.rows.empty() ? "difference" : "";
        } catch (const Error& error) {
            shown += error.CodeText();
        }
    }
    EXPECT_NE(shown.find(shrunk.outcome.failure->kind), std::string::npos) << text;
}

} // namespace
} // namespace freshet::selftest
