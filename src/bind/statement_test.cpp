#include "bind/statement.hpp"

#include <gtest/gtest.h>

namespace freshet {
namespace {

std::optional<Statement> Parse(const std::string& text) {
    Source source{"", text};
    return ParseStatement({text, 0}, source);
}

template <class Kind>
Kind ParseAs(const std::string& text) {
    auto statement = Parse(text);
    EXPECT_TRUE(statement.has_value()) << text;
    return std::get<Kind>(*statement);
}

Error Failure(const std::string& text) {
    try {
        Parse(text);
    } catch (const Error& error) {
        return error;
    }
    ADD_FAILURE() << "no error: " << text;
    return {Code::Defect, "none"};
}

std::string Marked(const Error& error) {
    return error.Where() ? error.Where()->text.substr(error.Where()->offset, error.Where()->length) : "<none>";
}

TEST(ParseStatement, LeavesTheRestToDuckDb) {
    for (const char* text :
         {"SELECT 1", "CREATE TABLE t(a int)", "CREATE OR REPLACE TABLE t AS SELECT 1", "SHOW TABLES", "SHOW dynamic",
          "DESCRIBE dynamic", "EXPLAIN SELECT 1", "EXPLAIN ANALYZE CREATE TABLE t(a int)", "ALTER TABLE t RENAME TO u",
          "DROP TABLE t", "FROM dynamic", "", "'", "CREATE TABLE dynamic AS SELECT 1"}) {
        EXPECT_FALSE(Parse(text).has_value()) << text;
    }
}

TEST(ParseCreate, SmallestForm) {
    std::string text = "CREATE DYNAMIC TABLE t TARGET_LAG = '5 minutes' AS SELECT  1 -- end";
    auto create = ParseAs<CreateStatement>(text);
    EXPECT_EQ(create.name.name, "t");
    EXPECT_FALSE(create.name.schema.has_value());
    EXPECT_EQ(create.options.target_lag->seconds, 300);
    EXPECT_EQ(create.query.text, "SELECT  1 -- end");
    EXPECT_EQ(text.substr(create.query.offset), create.query.text);
}

TEST(ParseCreate, EveryOptionInAnyOrder) {
    auto create =
        ParseAs<CreateStatement>("create or replace dynamic table lake.\"My S\".\"T\"\"x.y\" (a, \"b c\", select_)\n"
                                 "comment = 'it''s', priority = -5 RETRIES=0 timeout='30 minutes'\n"
                                 "MAX_PARALLELISM = 4, PARALLEL_THRESHOLD = 1_000 ALLOW_PARALLEL_REFRESH = false\n"
                                 "partitioned by (year(d), \"k\") sorted by (a DESC NULLS LAST)\n"
                                 "DEDUPLICATION = FALSE cardinality_threshold = 0.25 initialize = on_schedule\n"
                                 "Refresh_Mode = 'incremental' target_lag = downstream adopt = true AS FROM x");
    const TableOptions& options = create.options;
    EXPECT_TRUE(create.or_replace);
    EXPECT_EQ(*create.name.schema, "My S");
    EXPECT_EQ(create.name.name, "T\"x.y");
    ASSERT_EQ(create.columns.size(), 3u);
    EXPECT_EQ(create.columns[1].name, "b c");
    EXPECT_TRUE(options.target_lag->downstream);
    EXPECT_EQ(options.Mode(), RefreshMode::Incremental);
    EXPECT_EQ(options.FirstFill(), Initialize::OnSchedule);
    EXPECT_EQ(options.cardinality_threshold, 0.25);
    EXPECT_FALSE(options.Deduplicate());
    EXPECT_FALSE(options.AllowParallel());
    EXPECT_EQ(options.ParallelThreshold(), 1000);
    EXPECT_EQ(options.MaxParallelism(), 4);
    EXPECT_EQ(options.Priority(), -5);
    EXPECT_EQ(options.TimeoutSeconds(), 1800);
    EXPECT_EQ(options.Retries(), 0);
    EXPECT_EQ(options.partitioned_by, "year(d), \"k\"");
    EXPECT_EQ(options.sorted_by, "a DESC NULLS LAST");
    EXPECT_EQ(options.comment, "it's");
    EXPECT_TRUE(options.Adopt());
    EXPECT_EQ(create.query.text, "FROM x");
}

TEST(ParseCreate, NamesAreDuckDbs) {
    auto name = [](const std::string& written) {
        return ParseAs<CreateStatement>("CREATE DYNAMIC TABLE " + written + " TARGET_LAG = '1 day' AS SELECT 1").name;
    };
    EXPECT_EQ(name("Daily_Revenue").name, "Daily_Revenue");
    EXPECT_EQ(name("größe").name, "größe");
    EXPECT_EQ(name("\"日本 語\"").name, "日本 語");
    EXPECT_EQ(name("comment").name, "comment");
    EXPECT_EQ(name("refresh").name, "refresh");
    EXPECT_EQ(name("target_lag").name, "target_lag");
    EXPECT_EQ(name("main.order").name, "order");
    EXPECT_EQ(name(std::string(200, 'x')).name, std::string(200, 'x'));
    EXPECT_EQ(name("LAKE.main.t").name, "t");
    EXPECT_EQ(name("main.t /* c */").length, 6u);
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE order TARGET_LAG = '1 day' AS SELECT 1").Hint(),
              "as a name it needs quotes: \"order\"");
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE other.main.t TARGET_LAG = '1 day' AS SELECT 1").GetCode(), Code::BadName);
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE __FRESHET.t TARGET_LAG = '1 day' AS SELECT 1").GetCode(),
              Code::WriteRefused);
}

TEST(ParseCreate, ErrorsHaveCodePlaceAndHint) {
    auto error = [](const std::string& options) {
        return Failure("CREATE DYNAMIC TABLE t " + options + " AS SELECT 1");
    };
    EXPECT_EQ(error("TARGET_LAGG = '1 day'").GetCode(), Code::UnknownOption);
    EXPECT_EQ(error("TARGET_LAGG = '1 day'").Hint(), "did you mean TARGET_LAG?");
    EXPECT_EQ(Marked(error("TARGET_LAGG = '1 day'")), "TARGET_LAGG");
    EXPECT_EQ(error("PRIORITY = 1").GetCode(), Code::MissingOption);
    for (const char* bad :
         {"'0 minutes'", "'-1 minutes'", "'soon'", "'99999999999999999999 days'", "5", "''", "soon"}) {
        EXPECT_EQ(error(std::string("TARGET_LAG = ") + bad).GetCode(), Code::BadOptionValue) << bad;
    }
    EXPECT_EQ(error("TARGET_LAG = 5 minutes").Hint(), "write TARGET_LAG = '5 minutes'");
    for (const char* bad : {"CARDINALITY_THRESHOLD = 1.5", "CARDINALITY_THRESHOLD = -0.1", "DEDUPLICATION = 1",
                            "PRIORITY = high", "PRIORITY = 99999999999999999999", "RETRIES = -1", "MAX_PARALLELISM = 0",
                            "COMMENT = abc", "REFRESH_MODE = FASTER", "TIMEOUT = 'x'", "CARDINALITY_THRESHOLD = nan"}) {
        EXPECT_EQ(error(std::string("TARGET_LAG = '1 day' ") + bad).GetCode(), Code::BadOptionValue) << bad;
    }
    EXPECT_EQ(error("TARGET_LAG = '1 day' REFRESH_MODE = INCREMENTL").Hint(), "did you mean INCREMENTAL?");
    Error twice = error("TARGET_LAG = '1 day', target_lag = '2 days'");
    EXPECT_EQ(twice.GetCode(), Code::BadOptionValue);
    EXPECT_EQ(Marked(twice), "target_lag");
    EXPECT_EQ(error("TARGET_LAG '1 day'").Message(), "syntax error: expected \"=\", found \"'1 day'\"");
    EXPECT_EQ(error("(a int) TARGET_LAG = '1 day'").Hint(), "types come from the query");
    EXPECT_EQ(error("(a, A) TARGET_LAG = '1 day'").GetCode(), Code::BadName);
    EXPECT_EQ(error("() TARGET_LAG = '1 day'").GetCode(), Code::Syntax);
}

TEST(ParseCreate, MissingQuery) {
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE t TARGET_LAG = '1 day'").GetCode(), Code::MissingOption);
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE t TARGET_LAG = '1 day' AS").GetCode(), Code::MissingOption);
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE t TARGET_LAG = '1 day' SELECT 1").Hint(), "write AS before SELECT");
    EXPECT_EQ(Failure("CREATE DYNAMIC TABLE t TARGET_LAG = '1 day AS SELECT 1").Message(),
              "a quote is opened here and not closed");
    EXPECT_EQ(Failure("CREATE DYNAMIC t AS SELECT 1").GetCode(), Code::Syntax);
    EXPECT_EQ(Failure("CREATE OR REPLACE DYNAMIC TABLE IF NOT EXISTS t TARGET_LAG = '1 day' AS SELECT 1").GetCode(),
              Code::Syntax);
}

TEST(ParseStatement, PlacesAreInTheWholeText) {
    std::string text = "SELECT 1;\nCREATE DYNAMIC TABLE t TARGET_LAG = 'x' AS SELECT 2";
    Source source{"a.sql", text};
    auto statements = SplitStatements(text);
    try {
        ParseStatement(statements[1], source);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(error.Where()->Line(), 2u);
        EXPECT_EQ(Marked(error), "'x'");
        EXPECT_EQ(error.Where()->file, "a.sql");
    }
}

TEST(ParseAlter, Refresh) {
    auto refresh = ParseAs<RefreshStatement>("ALTER DYNAMIC TABLE IF EXISTS a, s.b REFRESH FULL");
    EXPECT_TRUE(refresh.if_exists);
    EXPECT_TRUE(refresh.full);
    ASSERT_EQ(refresh.names.size(), 2u);
    EXPECT_EQ(*refresh.names[1].schema, "s");
    EXPECT_EQ(Failure("ALTER DYNAMIC TABLE a REFRESH FUL").GetCode(), Code::Syntax);
    EXPECT_EQ(Failure("ALTER DYNAMIC TABLE a, b SUSPEND").Message(), "only REFRESH takes a list of tables");
}

TEST(ParseAlter, EveryOtherForm) {
    EXPECT_EQ(ParseAs<SuspendStatement>("alter dynamic table a suspend").name.name, "a");
    EXPECT_EQ(ParseAs<ResumeStatement>("ALTER DYNAMIC TABLE a RESUME").name.name, "a");
    EXPECT_EQ(ParseAs<RenameStatement>("ALTER DYNAMIC TABLE a RENAME TO s.b").to.name, "b");
    EXPECT_EQ(ParseAs<SwapStatement>("ALTER DYNAMIC TABLE a SWAP WITH b").with.name, "b");
    EXPECT_EQ(ParseAs<AlterQueryStatement>("ALTER DYNAMIC TABLE a AS SELECT 1").query.text, "SELECT 1");
    auto set = ParseAs<SetOptionsStatement>("ALTER DYNAMIC TABLE a SET TARGET_LAG = DOWNSTREAM, COMMENT = $$x$$");
    EXPECT_TRUE(set.options.target_lag->downstream);
    EXPECT_EQ(set.options.comment, "x");
    auto unset = ParseAs<UnsetOptionsStatement>("ALTER DYNAMIC TABLE a UNSET comment, sorted by");
    EXPECT_EQ(unset.options, (std::vector{Option::Comment, Option::SortedBy}));
    EXPECT_EQ(Failure("ALTER DYNAMIC TABLE a UNSET TARGET_LAG").GetCode(), Code::MissingOption);
    EXPECT_EQ(Failure("ALTER DYNAMIC TABLE a SET").GetCode(), Code::Syntax);
    EXPECT_EQ(Failure("ALTER DYNAMIC TABLE a SET INITIALIZE = ON_CREATE").GetCode(), Code::BadOptionValue);
    EXPECT_EQ(Failure("ALTER DYNAMIC TABLE a REFRSH").GetCode(), Code::Syntax);
}

TEST(ParseStatement, OtherStatements) {
    EXPECT_TRUE(ParseAs<DropStatement>("DROP DYNAMIC TABLE IF EXISTS a CASCADE").cascade);
    EXPECT_EQ(ParseAs<UndropStatement>("UNDROP DYNAMIC TABLE a").name.name, "a");
    EXPECT_EQ(*ParseAs<ShowStatement>("SHOW DYNAMIC TABLES LIKE 'a%'").like, "a%");
    EXPECT_FALSE(ParseAs<ShowStatement>("SHOW DYNAMIC TABLES").like.has_value());
    EXPECT_EQ(ParseAs<DescribeStatement>("DESC DYNAMIC TABLE a").name.name, "a");
    EXPECT_EQ(ParseAs<DescribeStatement>("DESCRIBE DYNAMIC TABLE a").name.name, "a");
    EXPECT_TRUE(ParseAs<ExplainStatement>("EXPLAIN ANALYZE DYNAMIC TABLE a").analyze);
    EXPECT_EQ(ParseAs<ExplainCreateStatement>("EXPLAIN CREATE DYNAMIC TABLE a TARGET_LAG = '1 day' AS SELECT 1")
                  .create.query.text,
              "SELECT 1");
    EXPECT_EQ(ParseAs<VerifyStatement>("VERIFY DYNAMIC TABLE a AT (VERSION => 12)").version, 12);
    EXPECT_FALSE(ParseAs<VerifyStatement>("VERIFY DYNAMIC TABLE a").version.has_value());
    EXPECT_EQ(Failure("VERIFY DYNAMIC TABLE a AT (VERSION => x)").GetCode(), Code::Syntax);
    EXPECT_EQ(Failure("SHOW DYNAMIC TABLE").GetCode(), Code::Syntax);
    EXPECT_EQ(Failure("DROP DYNAMIC TABLE a b").GetCode(), Code::Syntax);
}

TEST(ParseName, AloneStanding) {
    EXPECT_EQ(ParseName("lake.s.\"T x\"").name, "T x");
    for (const char* bad : {"", "a b", "a.b.c.d", "x.y.z", "\"a"}) {
        EXPECT_THROW(ParseName(bad), Error) << bad;
    }
}

} // namespace
} // namespace freshet
