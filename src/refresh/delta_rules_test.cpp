#include "bind/translate.hpp"
#include "delta/compiler.hpp"
#include "lake/change_feed.hpp"
#include "lake/test_lake.hpp"
#include "refresh/session_runtime.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <map>
#include <random>

// Every rule against recomputing: random changes to small tables full of NULLs and duplicates, both sides changing in
// one interval, groups that vanish, keys that move, rows that leave and come back.

namespace freshet {
namespace {

/// One maintained query: its stored result and companions live in TEMP tables, edits are applied by plain SQL.
class Maintained {
public:
    Maintained(Session& session, std::string name, std::string query)
        : session_(session), name_(std::move(name)), query_(std::move(query)) {
        auto translation = Translate(session_, query_);
        refusal = translation.refusal;
        if (!translation.query) {
            return;
        }
        analysis_ = delta::Analyze(*translation.query);
        refusal = analysis_.reason;
        for (size_t i = 0; i < translation.result.size(); i++) {
            columns_.push_back(fmt::format("r{}", i));
        }
    }

    std::string refusal;
    std::string strategy;

    std::string Versioned(Snapshot version) const {
        std::string sql = query_;
        for (const char* table : {"a", "b", "c"}) {
            std::string from = fmt::format(" lake.main.{} ", table);
            std::string to = fmt::format(" (FROM lake.main.{} AT (VERSION => {})) ", table, version);
            for (size_t at = sql.find(from); at != std::string::npos; at = sql.find(from, at + to.size())) {
                sql.replace(at, from.size(), to);
            }
        }
        return sql;
    }

    void Fill(Snapshot version) {
        version_ = version;
        std::string list;
        for (const auto& column : columns_) {
            list += (list.empty() ? "" : ", ") + column;
        }
        session_.Query(
            fmt::format("CREATE OR REPLACE TEMP TABLE {} AS FROM ({}) t({})", name_, Versioned(version), list));
        companions_.clear();
        delta::Contents contents{Sources(version, version, false), {}};
        for (const auto& companion : delta::PlanCompanions(analysis_)) {
            std::string table = fmt::format("temp.main.{}_acc_{}", name_, companion.operator_id);
            session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", table,
                                       Placed(delta::CompanionSql(analysis_, companion.operator_id, contents))));
            contents.companions[companion.operator_id] = table;
            if (companion.required || keep_optional) {
                companions_[companion.operator_id] = table;
            }
        }
        std::string result = delta::ResultSql(analysis_, contents);
        EXPECT_EQ(0, AsInt(session_.QueryValue(
                         fmt::format("SELECT count(*) FROM ((FROM ({0}) EXCEPT ALL FROM temp.main.{1}) UNION ALL "
                                     "(FROM temp.main.{1} EXCEPT ALL FROM ({0})))",
                                     result, name_))))
            << result;
    }

    void Refresh(Snapshot to) {
        Transaction transaction(session_);
        CurrentSnapshot(session_);
        delta::Interval interval{Sources(version_, to, true), companions_, columns_, name_ + "_"};
        SessionRuntime runtime(session_);
        auto change = delta::ComputeChange(analysis_, interval, runtime);
        strategy = change.strategy;
        Apply(change);
        transaction.Commit();
        statements_ = runtime.Statements();
        version_ = to;
    }

    /// Empty if the stored result equals the query, else what differs.
    std::string Difference() {
        std::string fresh = Versioned(version_);
        auto missing = AsInt(session_.QueryValue(
            fmt::format("SELECT count(*) FROM (FROM ({}) EXCEPT ALL FROM temp.main.{})", fresh, name_)));
        auto extra = AsInt(session_.QueryValue(
            fmt::format("SELECT count(*) FROM (FROM temp.main.{} EXCEPT ALL FROM ({}))", name_, fresh)));
        std::string out;
        if (missing || extra) {
            out = fmt::format("{} missing, {} extra; strategy {}\n", missing, extra, strategy);
            for (const auto& statement : statements_) {
                out += statement + ";\n";
            }
        }
        return out;
    }

    bool keep_optional = true;

private:
    std::vector<delta::SourceInterval> Sources(Snapshot from, Snapshot to, bool read) {
        std::vector<delta::SourceInterval> intervals;
        int number = 0;
        for (const auto& source : analysis_.query.sources) {
            delta::SourceInterval interval;
            interval.old_relation = "(FROM " + AtVersion(source.table, from) + ")";
            interval.new_relation = "(FROM " + AtVersion(source.table, to) + ")";
            if (read) {
                ReadSource(source, from, to, fmt::format("{}_feed_{}", name_, number++), interval);
            }
            intervals.push_back(interval);
        }
        return intervals;
    }

    void ReadSource(const plan::Source& source, Snapshot from, Snapshot to, const std::string& target,
                    delta::SourceInterval& interval) {
        FeedRequest request;
        request.table = request.table_at_from = source.table;
        auto info = FindTable(session_, source.table, to);
        request.table_id = info->id;
        request.from = from;
        request.to = to;
        for (const auto& column : source.columns) {
            request.columns.push_back(column.name);
        }
        request.columns_at_from = request.columns;
        request.weight = kWeight;
        request.changes = ChangeLog::Read(session_, from, to).Of(info->id);
        request.rows_at_from = CountRows(session_, source.table, from);
        if (!request.changes.Data()) {
            return;
        }
        auto result = ReadChanges(session_, request, target);
        ASSERT_TRUE(result.usable) << result.problem;
        interval.delta = fmt::format("temp.main.{}", QuoteIdentifier(target));
        auto counts =
            session_.Query(fmt::format("SELECT count(*) FILTER (WHERE {0} > 0), count(*) FILTER (WHERE {0} < 0) "
                                       "FROM {1}",
                                       kWeight, interval.delta));
        interval.inserted = AsInt(counts.rows[0][0]);
        interval.deleted = AsInt(counts.rows[0][1]);
    }

    void Apply(const delta::Change& change) {
        std::string table = "temp.main." + name_;
        const auto& edit = change.result;
        if (edit.kind == delta::ResultEdit::Kind::Bag) {
            auto not_found = session_.QueryValue(
                fmt::format("SELECT count(*) FROM (FROM {} EXCEPT ALL FROM {})", edit.minus, table));
            ASSERT_EQ(AsInt(not_found), 0) << "a row to delete is not there";
            session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {0} AS (FROM {0} EXCEPT ALL FROM {1}) UNION ALL "
                                       "FROM {2}",
                                       table, edit.minus, edit.plus));
        } else if (edit.kind == delta::ResultEdit::Kind::Keys) {
            std::string on;
            for (const auto& key : edit.key_columns) {
                on += fmt::format("{}t.{} IS NOT DISTINCT FROM k.{}", on.empty() ? "" : " AND ", key, key);
            }
            std::string rest = edit.key_columns.empty()
                                   ? fmt::format("SELECT * FROM {} WHERE false", table)
                                   : fmt::format("SELECT * FROM {} AS t ANTI JOIN {} AS k ON {}", table, edit.keys, on);
            session_.Query(
                fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {} UNION ALL FROM {}", table, rest, edit.plus));
        }
        for (const auto& companion : change.companions) {
            ApplyCompanion(companion);
        }
    }

    /// Rows of a companion with the places that a lake's table would give them; each table is a file.
    std::string Placed(const std::string& rows) {
        return fmt::format("SELECT *, 'file {}' AS filename, row_number() OVER () AS file_row_number FROM ({})",
                           next_file_++, rows);
    }

    void ApplyCompanion(const delta::CompanionEdit& edit) {
        const auto& table = companions_.at(edit.operator_id);
        auto count = [&](const std::string& rows) {
            return AsInt(session_.QueryValue("SELECT count(*) FROM " + rows));
        };
        std::string stay = fmt::format("FROM {} ANTI JOIN {} USING (filename, file_row_number)", table, edit.old_table);
        EXPECT_EQ(count(edit.old_table), edit.old_rows);
        EXPECT_EQ(count(edit.rows_table), edit.rows);
        EXPECT_EQ(count(table) - edit.old_rows, count("(" + stay + ")"));
        session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {} UNION ALL {}", table, stay,
                                   Placed("FROM " + edit.rows_table)));
    }

    Session& session_;
    std::string name_;
    std::string query_;
    delta::Analysis analysis_;
    std::vector<std::string> columns_;
    Snapshot version_ = 0;
    std::map<int, std::string> companions_;
    int next_file_ = 0;
    std::vector<std::string> statements_;
};

/// Random changes of three tables of the same shape: key k, group g (both with NULLs), value v DECIMAL, s VARCHAR.
class RandomChanges {
public:
    RandomChanges(TestLake& lake, unsigned seed) : lake_(lake), random_(seed) {
        for (const char* table : {"a", "b", "c"}) {
            lake_.Run(fmt::format("CREATE TABLE {} (k INTEGER, g INTEGER, v DECIMAL(9,2), s VARCHAR)", table));
            Insert(table, 12);
        }
    }

    /// Several statements, so that a window holds inserts, deletes and updates of more than one table.
    Snapshot Step() {
        int statements = Pick(1, 4);
        for (int i = 0; i < statements; i++) {
            const char* tables[] = {"a", "b", "c"};
            std::string table = tables[Pick(0, 2)];
            switch (Pick(0, 7)) {
            case 0:
            case 1:
            case 2:
                Insert(table, Pick(1, 5));
                break;
            case 3:
                lake_.Run(fmt::format("DELETE FROM {} WHERE k = {}", table, Pick(0, 5)));
                break;
            case 4:
                lake_.Run(fmt::format("UPDATE {} SET k = {} WHERE g = {}", table, Value(5), Pick(0, 3)));
                break;
            case 5:
                lake_.Run(fmt::format("UPDATE {} SET v = v + 1, g = {} WHERE k = {}", table, Value(3), Pick(0, 5)));
                break;
            case 6:
                lake_.Run(fmt::format("DELETE FROM {} WHERE k IS NULL OR v > {}", table, Pick(2, 9)));
                break;
            default:
                LeaveAndReturn(table);
            }
        }
        return lake_.Newest();
    }

private:
    int Pick(int low, int high) { return std::uniform_int_distribution<int>(low, high)(random_); }
    std::string Value(int high) { return Pick(0, 4) == 0 ? "NULL" : std::to_string(Pick(0, high)); }

    void Insert(const std::string& table, int rows) {
        std::string values;
        for (int i = 0; i < rows; i++) {
            std::string s =
                Pick(0, 4) == 0 ? "NULL" : fmt::format("'{}'", std::string(1, static_cast<char>('p' + Pick(0, 3))));
            values += fmt::format("{}({}, {}, {}, {})", i ? ", " : "", Value(5), Value(3), Value(9), s);
        }
        lake_.Run(fmt::format("INSERT INTO {} VALUES {}", table, values));
    }

    void LeaveAndReturn(const std::string& table) {
        int key = Pick(0, 5);
        lake_.Run(fmt::format("CREATE OR REPLACE TEMP TABLE away AS FROM {} WHERE k = {}", table, key));
        lake_.Run(fmt::format("DELETE FROM {} WHERE k = {}", table, key));
        lake_.Run(fmt::format("INSERT INTO {} FROM away", table));
    }

    TestLake& lake_;
    std::mt19937 random_;
};

const std::vector<std::string>& Queries() {
    static const std::vector<std::string> queries = {
        "SELECT k, v * 2 AS d, upper(s) AS u FROM lake.main.a WHERE v > 3 OR s IS NULL",
        "SELECT k FROM lake.main.a UNION ALL SELECT g FROM lake.main.b ",
        "SELECT k, g FROM lake.main.a UNION SELECT k, g FROM lake.main.b ",
        "SELECT DISTINCT k, s FROM lake.main.a ",
        "SELECT x.k, x.v, y.s FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, y.g, z.v FROM lake.main.a x, lake.main.b y, lake.main.c z WHERE x.k = y.k AND y.g = z.g AND z.v > "
        "2",
        "SELECT x.k, y.v FROM lake.main.a x JOIN lake.main.a y ON x.g = y.g AND x.v < y.v",
        "SELECT x.k, y.k AS k2 FROM lake.main.a x JOIN lake.main.b y ON x.k IS NOT DISTINCT FROM y.k",
        "SELECT count(*) AS n, x.k FROM lake.main.a x, lake.main.b y GROUP BY x.k",
        "SELECT g, count(*) AS n, count(v) AS c, sum(v) AS t, avg(v) AS m, sum(k) AS sk, avg(k) AS ak FROM lake.main.a "
        "GROUP BY g",
        "SELECT g, s, min(v) AS lo, max(v) AS hi, min(s) AS ls, max(k) AS mk FROM lake.main.a GROUP BY g, s",
        "SELECT count(*) AS n, sum(v) AS t, min(v) AS lo, max(k) AS hi, avg(v) AS m FROM lake.main.a ",
        "SELECT count(*) AS n FROM lake.main.a WHERE k > 100",
        "SELECT g, count(DISTINCT k) AS d, median(v) AS m FROM lake.main.a GROUP BY g",
        "SELECT g, sum(v) FILTER (WHERE k > 2) AS t, count(*) FILTER (WHERE s = 'p') AS n FROM lake.main.a GROUP BY g",
        "SELECT g, sum(CAST(v AS DOUBLE)) AS t FROM lake.main.a GROUP BY g",
        "SELECT g, count(*) AS n FROM lake.main.a GROUP BY g HAVING count(*) > 2 AND sum(v) > 5",
        "SELECT n, count(*) AS groups FROM (SELECT g, count(*) AS n FROM lake.main.a GROUP BY g) q GROUP BY n",
        "SELECT max(t) AS hi FROM (SELECT g, sum(v) AS t FROM lake.main.a GROUP BY g) q",
        "SELECT k % 2 AS odd, sum(v) AS t FROM lake.main.a GROUP BY k % 2",
        "SELECT x.k, x.v, y.v AS w FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, x.v, y.v AS w FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k AND y.v > 3 AND x.v < 8",
        "SELECT x.k, y.k AS k2, y.v FROM lake.main.a x RIGHT JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, x.s, y.k AS k2, y.s AS s2 FROM lake.main.a x FULL JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, y.v FROM lake.main.a x LEFT JOIN lake.main.b y ON x.v < y.v",
        "SELECT y.s, count(*) AS n, sum(x.v) AS t FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k GROUP BY y.s",
        "SELECT x.k, x.g, x.s FROM lake.main.a x WHERE EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k)",
        "SELECT x.k, x.g FROM lake.main.a x WHERE NOT EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k AND y.v <> "
        "x.v)",
        "SELECT x.k, x.g FROM lake.main.a x WHERE x.k IN (SELECT g FROM lake.main.b )",
        "SELECT x.k, x.g FROM lake.main.a x WHERE x.k NOT IN (SELECT g FROM lake.main.b WHERE v > 6)",
        "SELECT x.k, x.g FROM lake.main.a x WHERE x.k NOT IN (SELECT y.g FROM lake.main.b y WHERE y.s = x.s)",
        "SELECT x.k, x.k IN (SELECT g FROM lake.main.b WHERE v > 4) AS found FROM lake.main.a x",
        "SELECT x.k, EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k) OR x.v > 5 AS e FROM lake.main.a x",
        "SELECT x.k FROM lake.main.a x WHERE x.v > ANY (SELECT v FROM lake.main.b y WHERE y.g = x.g)",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v >= ALL (SELECT v FROM lake.main.b y WHERE y.g = x.g)",
        "SELECT x.k, (SELECT sum(y.v) FROM lake.main.b y WHERE y.k = x.k) AS t FROM lake.main.a x",
        "SELECT x.k, (SELECT count(*) FROM lake.main.b y WHERE y.k = x.k) AS n FROM lake.main.a x",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v > (SELECT avg(y.v) FROM lake.main.b y WHERE y.g = x.g)",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v > (SELECT avg(v) FROM lake.main.b )",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v = (SELECT max(v) FROM lake.main.a )",
        "SELECT x.k FROM lake.main.a x WHERE EXISTS (SELECT 1 FROM lake.main.b WHERE v > 8)",
        "WITH t AS (SELECT g, sum(v) AS total FROM lake.main.a GROUP BY g) SELECT x.g, x.total FROM t x WHERE x.total "
        "= "
        "(SELECT max(total) FROM t)",
        "WITH t AS (SELECT k, count(*) AS n FROM lake.main.a GROUP BY k) SELECT p.k, p.n, q.n AS m FROM t p JOIN t q "
        "ON "
        "p.n = q.n + 1",
        "SELECT k, g, v FROM lake.main.a ORDER BY v DESC, k, g LIMIT 4",
        "SELECT g, sum(v) AS t FROM lake.main.a GROUP BY g ORDER BY t DESC, g LIMIT 2",
        "SELECT x.k, y.v FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k ORDER BY y.v, x.k LIMIT 3 OFFSET 1",
        "SELECT x.g, count(*) AS n FROM lake.main.a x JOIN (SELECT k, max(v) AS hi FROM lake.main.b GROUP BY k) y ON "
        "x.k = y.k WHERE x.v < y.hi GROUP BY x.g",
        "SELECT x.k, y.v, z.s, w.g FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k JOIN lake.main.a z ON z.g = x.g "
        "JOIN lake.main.c w ON w.k = y.k AND w.v > z.v",
        "SELECT x.k, z.v FROM lake.main.a x, lake.main.b y, lake.main.c z WHERE x.k = y.k AND y.g = z.g AND x.v <= z.v",
        "SELECT x.s, y.n, z.k FROM lake.main.a x JOIN (SELECT k, g, count(*) AS n FROM lake.main.b GROUP BY k, g) y "
        "ON x.k = y.k AND x.g = y.g JOIN lake.main.c z ON z.k + 0 = x.g + y.n",
        "SELECT g, k, s, sum(v) AS t, count(*) AS n FROM lake.main.a GROUP BY g, k, s",
        "SELECT count(DISTINCT k) AS d, count(*) AS n, sum(v) AS t, sum(DISTINCT g) FILTER (WHERE v > 2) AS s, "
        "avg(DISTINCT v) AS m FROM lake.main.a",
        "SELECT x.k FROM lake.main.a x WHERE x.k < (SELECT count(DISTINCT s) FROM lake.main.b)",
        "SELECT x.k, sum(x.k) + y.n AS h FROM lake.main.a x JOIN (SELECT g, sum(k) AS n FROM lake.main.b GROUP BY g) y "
        "ON "
        "x.g = y.g GROUP BY x.k, y.n ORDER BY h DESC, x.k LIMIT 3",
        "SELECT count(*) AS n, max(v) AS hi FROM lake.main.a LIMIT 100",
        // set operations
        "SELECT k, g FROM lake.main.a EXCEPT SELECT k, g FROM lake.main.b",
        "SELECT k, g FROM lake.main.a EXCEPT ALL SELECT k, g FROM lake.main.b",
        "SELECT k, s FROM lake.main.a INTERSECT SELECT k, s FROM lake.main.b",
        "SELECT g, s FROM lake.main.a INTERSECT ALL SELECT g, s FROM lake.main.b",
        "SELECT k FROM lake.main.a UNION SELECT g FROM lake.main.b EXCEPT SELECT k FROM lake.main.c",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.k IN (SELECT k FROM lake.main.b INTERSECT SELECT g FROM "
        "lake.main.c)",
        "SELECT g, count(*) AS n FROM (SELECT g, k FROM lake.main.a EXCEPT SELECT g, k FROM lake.main.c) GROUP BY g",
        // grouping sets
        "SELECT g, s, count(*) AS n, sum(v) AS t FROM lake.main.a GROUP BY ROLLUP (g, s)",
        "SELECT g, s, grouping(g, s) AS which, max(v) AS hi FROM lake.main.a GROUP BY CUBE (g, s)",
        "SELECT g, s, k, sum(v) AS d FROM lake.main.a GROUP BY GROUPING SETS ((g, s), (k), ())",
        "SELECT x.g, y.s, sum(x.v) AS t FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k GROUP BY ROLLUP (x.g, y.s) "
        "HAVING grouping(y.s) = 1",
        "SELECT g FROM lake.main.a GROUP BY ROLLUP (g)",
        // windows
        "SELECT g, k, v, rank() OVER (PARTITION BY g ORDER BY v DESC) AS r FROM lake.main.a",
        "SELECT k, v, dense_rank() OVER (PARTITION BY g ORDER BY v) AS r, sum(v) OVER (PARTITION BY g) AS t FROM "
        "lake.main.a",
        "SELECT g, k, v, s, row_number() OVER (PARTITION BY g ORDER BY k, v, s) AS n, lag(v) OVER (PARTITION BY g "
        "ORDER BY "
        "k, v, s) AS before, lead(v, 2, 0) OVER (PARTITION BY g ORDER BY k, v, s) AS next FROM lake.main.a",
        "SELECT g, k, sum(v) OVER (PARTITION BY g ORDER BY k, v ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS two, v "
        "FROM "
        "lake.main.a",
        "SELECT g, s, v, sum(v) OVER (PARTITION BY g) AS by_g, count(*) OVER (PARTITION BY s, g) AS n, min(k) OVER "
        "(PARTITION BY g, s ORDER BY v) AS lo FROM lake.main.a",
        "SELECT g, v, sum(v) OVER (PARTITION BY g ORDER BY v) AS running, cume_dist() OVER (PARTITION BY g ORDER BY v) "
        "AS c FROM lake.main.a",
        "SELECT g, k, v, sum(v) OVER (PARTITION BY g ORDER BY k RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS near "
        "FROM "
        "lake.main.a",
        "SELECT g, k, v, max(v) OVER (PARTITION BY g ORDER BY k GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE "
        "CURRENT "
        "ROW) AS near FROM lake.main.a",
        "SELECT g, first_value(v) OVER (PARTITION BY g ORDER BY v) AS lo, nth_value(k, 2) OVER (PARTITION BY g ORDER "
        "BY k, "
        "v, s ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second FROM lake.main.a",
        "SELECT g, k, v, s FROM lake.main.a QUALIFY row_number() OVER (PARTITION BY g ORDER BY v DESC, k, s) = 1",
        "SELECT DISTINCT ON (g) g, k, v, s FROM lake.main.a ORDER BY g, v, k, s",
        "SELECT x.g, y.v, rank() OVER (PARTITION BY x.g ORDER BY y.v) AS r FROM lake.main.a x JOIN lake.main.b y ON "
        "x.k = "
        "y.k",
        "SELECT g, t, rank() OVER (PARTITION BY h ORDER BY t DESC) AS r FROM (SELECT g, g % 2 AS h, sum(v) AS t FROM "
        "lake.main.a GROUP BY g) q",
        "SELECT r, count(*) AS n, sum(v) AS t FROM (SELECT v, rank() OVER (PARTITION BY g ORDER BY v) AS r FROM "
        "lake.main.a) q GROUP BY r",
        "SELECT y.k, q.r FROM lake.main.b y LEFT JOIN (SELECT k, max(v) OVER (PARTITION BY k) AS r FROM lake.main.a) q "
        "ON "
        "q.k = y.k",
        "SELECT g, k, v, sum(v) OVER (PARTITION BY g ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
        "FOLLOWING "
        "EXCLUDE GROUP) AS others, sum(v) OVER (PARTITION BY g ORDER BY k RANGE UNBOUNDED PRECEDING EXCLUDE TIES) AS t "
        "FROM lake.main.a",
        "SELECT g, k, sum(sum(v)) OVER (PARTITION BY g) AS whole, sum(v) AS part FROM lake.main.a GROUP BY g, k",
        "SELECT g + 1 AS h, v, count(*) FILTER (WHERE k > 2) OVER (PARTITION BY g + 1) AS n FROM lake.main.a",
        "SELECT x.k, w FROM lake.main.a x, unnest(string_split(coalesce(x.s, 'y z') || ' p', ' ')) t(w)",
        "SELECT x.s, sum(z.v) AS t FROM lake.main.a x LEFT JOIN (SELECT DISTINCT k, v FROM lake.main.b ) z ON x.k = "
        "z.k "
        "WHERE NOT EXISTS (SELECT 1 FROM lake.main.c c WHERE c.k = x.k) GROUP BY x.s",
        "SELECT x.k, (SELECT min(y.v) FROM lake.main.b y WHERE y.k = x.k AND y.v > x.v) AS next FROM lake.main.a x",
        "SELECT x.k, n.c FROM lake.main.a x, LATERAL (SELECT count(*) AS c FROM lake.main.b y WHERE y.g = x.g) n",
        "SELECT x.k FROM lake.main.a x WHERE EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k AND EXISTS (SELECT 1 "
        "FROM lake.main.c z WHERE z.g = y.g AND z.v > x.v))",
    };
    return queries;
}

class DeltaRules : public testing::TestWithParam<bool> {};

TEST_P(DeltaRules, EqualTheQueryAfterRandomChanges) {
    const char* length = std::getenv("FRESHET_FUZZ_CASES");
    int seeds = length ? std::atoi(length) : 1;
    for (int seed = 1; seed <= seeds; seed++) {
        TestLake lake(CatalogKind::Sqlite);
        RandomChanges changes(lake, static_cast<unsigned>(seed));
        std::vector<std::unique_ptr<Maintained>> tables;
        for (size_t i = 0; i < Queries().size(); i++) {
            auto table = std::make_unique<Maintained>(lake.Main(), fmt::format("q{}", i), Queries()[i]);
            ASSERT_EQ(table->refusal, "") << Queries()[i];
            table->keep_optional = GetParam();
            table->Fill(lake.Newest());
            tables.push_back(std::move(table));
        }
        for (int step = 0; step < 4; step++) {
            Snapshot now = changes.Step();
            for (size_t i = 0; i < tables.size(); i++) {
                try {
                    tables[i]->Refresh(now);
                } catch (const Error& error) {
                    FAIL() << "seed " << seed << " step " << step << ": " << Queries()[i] << "\n" << error.Message();
                }
                ASSERT_EQ(tables[i]->Difference(), "") << "seed " << seed << " step " << step << ": " << Queries()[i];
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(KeptOrNot, DeltaRules, testing::Bool(),
                         [](const auto& info) { return info.param ? "AllAccumulatorsKept" : "OnlyRequiredKept"; });

} // namespace
} // namespace freshet
