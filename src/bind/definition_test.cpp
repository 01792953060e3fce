#include "bind/definition.hpp"

#include "bind/resolve.hpp"
#include "bind/small_lake_test.hpp"

#include <fmt/format.h>

namespace freshet {
namespace {

class DefinitionTest : public SmallLake {
protected:
    DefinitionTest() {
        Run("CREATE TABLE Orders(id INTEGER, x INTEGER, s VARCHAR); INSERT INTO orders VALUES (1, 2, 'a'), (2, 3, 'b');"
            "CREATE TABLE t(id INTEGER, y INTEGER); INSERT INTO t VALUES (1, 10);"
            "CREATE SCHEMA s; CREATE TABLE s.orders(id INTEGER, z INTEGER); INSERT INTO s.orders VALUES (1, 7);");
        version_ = AsInt(S().QueryValue("SELECT max(snapshot_id) FROM lake.snapshots()"));
    }

    Definition Parse(const std::string& text, const std::string& path = "lake.main") {
        Source source{"", text};
        return ParseDefinition(S(), {text, 0}, path, source);
    }
    std::string Sql(const std::string& text) { return Parse(text).VersionedSql(version_, std::nullopt); }
    std::vector<std::vector<Value>> Rows(const std::string& sql) {
        return S().Query("SELECT * FROM (" + sql + ") ORDER BY ALL").rows;
    }
    /// The versioned text gives what the original gives, under the same names, wherever the session stands.
    void ExpectSame(const std::string& text) {
        SCOPED_TRACE(text);
        try {
            Run("USE lake");
            auto columns = S().Query(text).columns;
            auto rows = Rows(text);
            std::string versioned = Sql(text);
            Run("USE memory");
            EXPECT_EQ(S().Query(versioned).columns, columns) << versioned;
            EXPECT_EQ(Rows(versioned), rows) << versioned;
            std::string other = OverTemp(Parse(text));
            EXPECT_EQ(S().Query(other).columns, columns) << other;
            EXPECT_EQ(Rows(other), rows) << other;
        } catch (const Error& error) {
            ADD_FAILURE() << error.Render();
        }
        Run("USE lake");
    }
    /// The definition over copies of its tables in TEMP.
    std::string OverTemp(const Definition& definition) {
        return definition.VersionedSql(
            [&](const TableName& table) {
                std::string copy = "copy_" + table.schema + "_" + table.name;
                Run("CREATE OR REPLACE TEMP TABLE " + QuoteIdentifier(copy) + " AS FROM " + table.Sql());
                return OtherRelation{"", "", copy};
            },
            std::nullopt);
    }
    Error Failure(const std::string& text) {
        try {
            Source source{"", text};
            Definition definition = Parse(text);
            BindDefinition(S(), definition, {text, 0}, source);
        } catch (const Error& error) {
            return error;
        }
        ADD_FAILURE() << "no error: " << text;
        return {Code::Defect, "none"};
    }
    static std::string Marked(const Error& error) {
        return error.Where() ? error.Where()->text.substr(error.Where()->offset, error.Where()->length) : "<none>";
    }
    static std::set<TableName> Names(std::initializer_list<std::pair<const char*, const char*>> names) {
        std::set<TableName> set;
        for (const auto& [schema, name] : names) {
            set.insert({schema, name});
        }
        return set;
    }

    Snapshot version_ = 0;
};

TEST_F(DefinitionTest, TablesAreQualifiedAndVersioned) {
    EXPECT_EQ(Sql("SELECT id FROM ORDERS"),
              fmt::format("SELECT id FROM lake.main.Orders AT (VERSION => {})", version_));
    EXPECT_EQ(Sql("SELECT o.id FROM orders o"),
              fmt::format("SELECT o.id FROM lake.main.Orders AS o AT (VERSION => {})", version_));
    auto definition = Parse("SELECT * FROM orders JOIN s.ORDERS USING (id) WHERE id IN (SELECT id FROM lake.t)");
    EXPECT_EQ(definition.Tables(), Names({{"main", "Orders"}, {"main", "t"}, {"s", "orders"}}));
}

TEST_F(DefinitionTest, EveryWayToNameAColumnStillBinds) {
    ExpectSame("SELECT orders.x FROM orders WHERE orders.id = 1");
    ExpectSame("SELECT main.orders.x, lake.main.orders.id, lake.orders.s FROM orders");
    ExpectSame("SELECT main.orders.x, s.orders.z FROM orders, s.orders WHERE main.orders.id = s.orders.id");
    ExpectSame("SELECT Orders FROM orders");
    ExpectSame("SELECT orders.* FROM orders JOIN s.orders AS o2 ON lake.main.orders.id = o2.id");
    ExpectSame("SELECT id, (SELECT max(y) FROM t WHERE t.id = main.orders.id) FROM orders");
    ExpectSame("SELECT q.a FROM orders AS q(a, b, c)");
    ExpectSame("FROM orders");
    ExpectSame("SELECT * EXCLUDE (x) REPLACE (id + 1 AS id) FROM orders");
    ExpectSame("SELECT COLUMNS('.*') FROM orders");
    ExpectSame("SELECT l.y FROM orders, LATERAL (SELECT y FROM t WHERE t.id = orders.id) l");
    ExpectSame("SELECT id, count(*) FROM orders NATURAL JOIN t GROUP BY ALL HAVING count(*) > 0");
    ExpectSame("(SELECT id FROM orders) UNION ALL (SELECT id FROM t) EXCEPT SELECT z FROM s.orders");
    ExpectSame("PIVOT orders ON s IN ('a', 'b') USING sum(x) GROUP BY id");
    ExpectSame("UNPIVOT t ON id, y");
    ExpectSame("SELECT list_transform([1, 2], lambda q: q + id), [v + 1 FOR v IN [1, 2]] FROM orders");
    ExpectSame("SELECT x, row_number() OVER w FROM orders WINDOW w AS (PARTITION BY s ORDER BY x)");
    ExpectSame("VALUES (1), (2)");
    ExpectSame("SELECT * FROM (SUMMARIZE orders)");
}

TEST_F(DefinitionTest, CtesHideTables) {
    EXPECT_EQ(Parse("WITH orders AS (SELECT 1 AS id) SELECT * FROM orders").Tables(), Names({}));
    EXPECT_EQ(Parse("WITH orders AS (SELECT * FROM orders) SELECT * FROM orders").Tables(),
              Names({{"main", "Orders"}}));
    EXPECT_EQ(Parse("WITH t AS (SELECT 1 AS id) SELECT * FROM main.t").Tables(), Names({{"main", "t"}}));
    EXPECT_EQ(Parse("WITH a AS (SELECT 1 AS id), t AS (SELECT * FROM a) SELECT * FROM t, a").Tables(), Names({}));
    EXPECT_EQ(Parse("SELECT * FROM t WHERE id IN (WITH t AS (SELECT 1 AS id) SELECT id FROM t)").Tables(),
              Names({{"main", "t"}}));
    EXPECT_EQ(Parse("WITH b AS (WITH t AS (SELECT 1) SELECT * FROM t) SELECT * FROM b, t").Tables(),
              Names({{"main", "t"}}));
    ExpectSame("WITH orders AS (SELECT id + 100 AS id FROM orders) SELECT * FROM orders");
    ExpectSame("WITH a AS (SELECT 1 AS n) SELECT * FROM (WITH a AS (SELECT n + 1 AS n FROM a) SELECT * FROM a)");
    ExpectSame("WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT * FROM t");
    ExpectSame("WITH RECURSIVE r AS (SELECT id FROM t UNION SELECT r.id + 1 FROM r, orders WHERE r.id < 4) FROM r");
    ExpectSame("WITH a(q) AS MATERIALIZED (SELECT id FROM t) SELECT q, (SELECT max(q) FROM a) FROM a");
}

TEST_F(DefinitionTest, ViewsAreInlined) {
    Run("CREATE VIEW v AS SELECT id, x + 1 AS x1 FROM orders; CREATE VIEW vv(a, b) AS SELECT * FROM v;"
        "CREATE VIEW s.w AS WITH c AS (FROM orders) SELECT * FROM c; CREATE VIEW s.v AS SELECT 5 AS five");
    auto definition = Parse("SELECT * FROM vv JOIN s.w ON a = id");
    EXPECT_EQ(definition.Tables(), Names({{"main", "Orders"}, {"s", "orders"}}));
    ASSERT_EQ(definition.InlinedParts().size(), 3u);
    EXPECT_EQ(definition.InlinedParts()[0].name, "lake.main.v");
    ExpectSame("SELECT * FROM vv");
    ExpectSame("SELECT v.id, main.v.x1, lake.main.v.x1 FROM v");
    ExpectSame("SELECT main.v.id, s.v.five FROM v, s.v");
    ExpectSame("SELECT q.n FROM vv AS q(n)");
    ExpectSame("SELECT * FROM s.w");
    ExpectSame("WITH orders AS (SELECT 1) SELECT * FROM v");
    ExpectSame("SELECT (SELECT max(x1) FROM v WHERE v.id = t.id) FROM t");
    ExpectSame("SELECT * FROM v JOIN t USING (id)");
    ExpectSame("PIVOT v ON id IN (1, 2) USING sum(x1)");
    ExpectSame("SELECT v FROM v");
    ExpectSame("SELECT v.* FROM v, vv");
}

TEST_F(DefinitionTest, ErrorsOfViewsNameTheView) {
    Run("CREATE TABLE gone(a INTEGER); CREATE VIEW v AS FROM gone; DROP TABLE gone");
    Error error = Failure("SELECT * FROM orders, v");
    EXPECT_EQ(error.GetCode(), Code::UnknownTable);
    EXPECT_EQ(error.Message(), "table \"gone\" does not exist (in view lake.main.v)");
    EXPECT_EQ(Marked(error), "v");
    Error at = Failure("SELECT * FROM v AT (VERSION => 1)");
    EXPECT_EQ(at.Message(), "view \"v\" can't be read AT a version");
    EXPECT_EQ(Marked(at), "v");
}

TEST_F(DefinitionTest, AChangedViewChangesTheInlinedParts) {
    Run("CREATE VIEW v AS SELECT 1 AS a");
    auto before = Parse("FROM v").InlinedParts();
    Run("CREATE OR REPLACE VIEW v AS SELECT 2 AS a");
    EXPECT_NE(Parse("FROM v").InlinedParts(), before);
}

TEST_F(DefinitionTest, MacrosAreInlined) {
    Run("CREATE MACRO plus(a, b := 10) AS a + b; CREATE MACRO top() AS (SELECT max(x) FROM orders);"
        "CREATE MACRO of(i) AS (SELECT max(x) FROM orders WHERE id = i); CREATE MACRO twice(a) AS plus(a, a);"
        "CREATE MACRO above(lim) AS TABLE SELECT * FROM orders WHERE x > lim;"
        "CREATE MACRO add(l, a) AS list_transform(l, lambda e: e + a)");
    auto definition = Parse("SELECT plus(id), top() FROM above(2)");
    EXPECT_EQ(definition.Tables(), Names({{"main", "Orders"}}));
    EXPECT_EQ(definition.InlinedParts().size(), 3u);
    ExpectSame("SELECT plus(id), plus(id, 1), plus(id, b := 3), twice(x), top() FROM orders");
    ExpectSame("SELECT id, of(id) AS o FROM orders");
    ExpectSame("SELECT id.plus(1), s.upper() FROM orders");
    ExpectSame("SELECT * FROM above(2)");
    ExpectSame("SELECT a.x FROM above(lim := 2) AS a(k)");
    ExpectSame("SELECT add([1, 2], x) FROM orders");
    ExpectSame("SELECT sum(plus(x)) FROM orders GROUP BY plus(id) ORDER BY plus(1)");
    ExpectSame("FROM query('SELECT * FROM orders')");
    ExpectSame("SELECT x FROM query_table('orders')");
    ExpectSame("FROM query_table(['t', 's.orders'])");
    ExpectSame("FROM histogram(orders, x)");
    EXPECT_EQ(Parse("FROM query('FROM orders'), query_table(t)").Tables(), Names({{"main", "Orders"}, {"main", "t"}}));
}

TEST_F(DefinitionTest, SearchPathIsTheDefinitionsOwn) {
    Run("USE lake.s");
    std::string path = CurrentSearchPath(S());
    Run("USE lake");
    EXPECT_EQ(Parse("FROM orders", path).Tables(), Names({{"s", "orders"}}));
    EXPECT_EQ(CurrentSearchPath(S()), "lake.main");
    EXPECT_THROW(Parse("FROM nothing", path), Error);
    EXPECT_EQ(CurrentSearchPath(S()), "lake.main");
}

TEST_F(DefinitionTest, TimeFunctionsBecomeConstants) {
    std::string text = "SELECT now(), current_timestamp, current_date, today(), current_time, localtimestamp, "
                       "localtime, get_current_timestamp(), transaction_timestamp(), ago(INTERVAL 1 DAY), "
                       "age(TIMESTAMP '2020-01-01'), now() - INTERVAL 1 DAY, \"current_date\"";
    auto definition = Parse(text);
    EXPECT_EQ(definition.TimeFunctions().size(), 13u);
    ASSERT_TRUE(definition.TimeFunctions()[0].place.has_value());
    EXPECT_EQ(definition.TimeFunctions()[0].place->offset, 7u);
    Timestamp now = 1'700'000'000'123'456; // 2023-11-14 22:13:20.123456
    std::string sql = definition.VersionedSql(version_, now);
    auto original = S().Query(text).columns;
    auto first = S().Query(sql);
    EXPECT_EQ(first.columns, original) << sql;
    EXPECT_EQ(first.rows, S().Query(sql).rows);
    EXPECT_EQ(AsText(first.rows[0][0]), "2023-11-14 22:13:20.123456+00");
    EXPECT_EQ(AsText(first.rows[0][2]), "2023-11-14");
    EXPECT_EQ(AsText(first.rows[0][4]), "22:13:20.123456+00");
    EXPECT_EQ(AsText(first.rows[0][5]), "2023-11-14 22:13:20.123456");
    EXPECT_EQ(AsText(first.rows[0][6]), "22:13:20.123456");
    EXPECT_EQ(AsText(first.rows[0][9]), "2023-11-13 22:13:20.123456+00");
    EXPECT_EQ(AsText(first.rows[0][10]), "3 years 10 months 13 days");
}

TEST_F(DefinitionTest, ColumnsNamedLikeTimeFunctionsAreColumns) {
    Run("CREATE TABLE d(\"current_date\" INTEGER); INSERT INTO d VALUES (5)");
    version_++;
    version_++;
    for (const char* text : {"SELECT current_date FROM d", "SELECT current_date + 1 FROM (SELECT * FROM d)",
                             "WITH c(\"current_date\") AS (SELECT 1) SELECT current_date FROM c",
                             "SELECT (SELECT max(current_date) FROM t) FROM d"}) {
        EXPECT_TRUE(Parse(text).TimeFunctions().empty()) << text;
        ExpectSame(text);
    }
    EXPECT_EQ(Parse("SELECT current_date FROM (SELECT current_date FROM t)").TimeFunctions().size(), 1u);
    EXPECT_EQ(Parse("SELECT * FROM t WHERE current_date > '2020-01-01'").TimeFunctions().size(), 1u);
}

TEST_F(DefinitionTest, WhatHasNoFeedIsNoted) {
    Run("CREATE TABLE memory.main.other(a INTEGER)");
    auto names = [&](const std::string& text) {
        std::string joined;
        auto definition = Parse(text);
        for (const auto& mention : definition.WithoutFeed()) {
            joined += mention.name + ";";
        }
        for (const auto& mention : definition.VolatileFunctions()) {
            joined += mention.name + "!";
        }
        return joined;
    };
    EXPECT_EQ(names("SELECT * FROM orders, range(3), unnest([1])"), "");
    EXPECT_EQ(names("FROM memory.other"), "memory.main.other;");
    EXPECT_EQ(names("FROM 'x.parquet'"), "\"x.parquet\";");
    EXPECT_EQ(names("FROM read_csv('x.csv')"), "read_csv();");
    EXPECT_EQ(names("SELECT random(), uuid(), upper(s) FROM orders"), "random()!uuid()!");
    EXPECT_EQ(names("SELECT current_user, current_setting('threads')"), "current_user()!current_setting()!");
    EXPECT_EQ(names("SELECT rowid, orders.filename FROM orders"), "rowid!filename!");
    EXPECT_EQ(names("SELECT rowid FROM (SELECT id AS rowid FROM orders)"), "");
    EXPECT_EQ(names("FROM orders TABLESAMPLE 10%"), "SAMPLE!");
    EXPECT_EQ(names("FROM orders USING SAMPLE 10%"), "SAMPLE!");
    EXPECT_EQ(names("SELECT error('no') FROM orders"), "");
}

TEST_F(DefinitionTest, PinnedVersionsAreKept) {
    std::string text = fmt::format("SELECT * FROM orders AT (VERSION => {})", version_);
    auto definition = Parse(text);
    EXPECT_EQ(definition.PinnedTables(), Names({{"main", "Orders"}}));
    EXPECT_TRUE(definition.Tables().empty());
    Run("INSERT INTO orders VALUES (9, 9, 'z')");
    EXPECT_EQ(S().Query(definition.VersionedSql(version_ + 1, std::nullopt)).rows.size(), 2u);
}

TEST_F(DefinitionTest, OldVersionsAreRead) {
    Run("INSERT INTO orders VALUES (9, 9, 'z')");
    EXPECT_EQ(S().Query(Sql("FROM orders")).rows.size(), 2u);
}

TEST_F(DefinitionTest, OnlyOneQueryIsADefinition) {
    EXPECT_EQ(Failure("INSERT INTO t VALUES (1, 2)").GetCode(), Code::NotAQuery);
    EXPECT_EQ(Failure("INSERT INTO t VALUES (1, 2)").Message(), "a definition is a query, not an INSERT");
    Error two = Failure("SELECT 1; SELECT 2");
    EXPECT_EQ(two.GetCode(), Code::NotAQuery);
    EXPECT_EQ(two.Where()->offset, 10u);
    EXPECT_EQ(Failure("-- nothing").GetCode(), Code::NotAQuery);
    EXPECT_EQ(Failure("PIVOT orders ON s USING sum(x)").GetCode(), Code::NotAQuery);
    EXPECT_EQ(Failure("SELECT $1").GetCode(), Code::NotAQuery);
    Error syntax = Failure("SELECT id\n FROM orders WHERE WHERE id = 1");
    EXPECT_EQ(syntax.GetCode(), Code::Syntax);
    EXPECT_EQ(Marked(syntax), "WHERE");
    EXPECT_EQ(syntax.Where()->Line(), 2u);
    EXPECT_EQ(syntax.Where()->Column(), 20u);
}

TEST_F(DefinitionTest, UnknownNamesHaveAPlaceAndAHint) {
    struct Case {
        const char* text;
        Code code;
        const char* marked;
        const char* hint;
    };
    for (const Case& each : std::initializer_list<Case>{
             {"SELECT * FROM ordrs", Code::UnknownTable, "ordrs", "did you mean \"Orders\"?"},
             {"SELECT idd FROM orders", Code::UnknownColumn, "idd", "did you mean \"id\"?"},
             {"SELECT o.idd FROM orders o", Code::UnknownColumn, "o.idd", "did you mean \"id\"?"},
             {"SELECT idd + 1 AS idd FROM orders", Code::UnknownColumn, "idd", ""},
             {"WITH w AS (SELECT id AS number FROM orders) SELECT w.numbr FROM w", Code::UnknownColumn, "w.numbr",
              "did you mean \"number\"?"},
             {"SELECT w.numbr FROM (SELECT id FROM orders UNION SELECT 1) AS w(number)", Code::UnknownColumn, "w.numbr",
              "did you mean \"number\"?"},
             {"SELECT q.id FROM orders o", Code::UnknownTable, "q.id", "did you mean \"o\"?"},
             {"SELECT * FROM ss.orders", Code::UnknownSchema, "ss.orders", "did you mean \"s\"?"},
             {"SELECT * FROM orders JOIN t USING (idd)", Code::UnknownColumn, "idd", ""},
             {"SELECT uper(s) FROM orders", Code::Binding, "uper", "did you mean \"upper\"?"},
             {"SELECT x, sum(id) FROM orders", Code::Binding, "x", nullptr},
             {"SELECT * EXCLUDE (nope) FROM orders", Code::UnknownColumn, "nope", ""}}) {
        Error error = Failure(each.text);
        EXPECT_EQ(error.GetCode(), each.code) << each.text << ": " << error.Message();
        EXPECT_EQ(Marked(error), each.marked) << each.text << ": " << error.Message();
        if (each.hint != nullptr) {
            EXPECT_EQ(error.Hint(), each.hint) << each.text << ": " << error.Message();
        }
    }
}

TEST_F(DefinitionTest, PlacesAreInTheWholeText) {
    std::string text = "CREATE DYNAMIC TABLE d TARGET_LAG = '1 day' AS SELECT idd FROM orders";
    size_t offset = text.find("SELECT");
    Excerpt query{text.substr(offset), offset};
    Source source{"m.sql", text};
    Definition definition = ParseDefinition(S(), query, "lake.main", source);
    try {
        BindDefinition(S(), definition, query, source);
        FAIL();
    } catch (const Error& error) {
        EXPECT_EQ(Marked(error), "idd");
        EXPECT_EQ(error.Where()->file, "m.sql");
    }
}

TEST_F(DefinitionTest, TemporaryThingsAreRefused) {
    Run("CREATE TEMP TABLE tmp(a INTEGER)");
    Error error = Failure("SELECT * FROM tmp");
    EXPECT_EQ(error.GetCode(), Code::Binding);
    EXPECT_EQ(Marked(error), "tmp");
}

TEST_F(DefinitionTest, ResultColumns) {
    std::string text = "SELECT id, x / 2 AS half, s FROM orders";
    Source source{"", text};
    std::vector<Column> expected = {{"id", "INTEGER"}, {"half", "DOUBLE"}, {"s", "VARCHAR"}};
    EXPECT_EQ(BindDefinition(S(), Parse(text), {text, 0}, source), expected);
    EXPECT_EQ(ResultColumns(S(), Sql(text)), expected);
}

TEST_F(DefinitionTest, NamesOfAResultTable) {
    auto names = [](const std::vector<std::string>& columns, const std::vector<std::string>& given) {
        std::vector<Column> list;
        for (const auto& name : columns) {
            list.push_back({name, "INTEGER"});
        }
        std::string joined;
        for (const auto& column : WithTableNames(list, given)) {
            joined += (joined.empty() ? "" : " ") + column.name;
        }
        return joined;
    };
    EXPECT_EQ(names({"a", "b"}, {}), "a b");
    EXPECT_EQ(names({"a", "A", "a"}, {}), "a A_1 a_2");
    EXPECT_EQ(names({"a", "a_1", "a"}, {}), "a a_1 a_2");
    EXPECT_EQ(names({"a", "a", "a_1"}, {}), "a a_1 a_1_1");
    EXPECT_EQ(names({"b", "a", "c"}, {"a"}), "a a_1 c");
}

TEST_F(DefinitionTest, WorksInsideATransaction) {
    Run("BEGIN; CREATE TABLE fresh(a INTEGER)");
    EXPECT_EQ(Parse("FROM fresh").Tables(), Names({{"main", "fresh"}}));
    EXPECT_THROW(Parse("FROM nothing"), Error);
    EXPECT_EQ(Parse("FROM fresh").Tables(), Names({{"main", "fresh"}}));
    Run("ROLLBACK");
}

} // namespace
} // namespace freshet
