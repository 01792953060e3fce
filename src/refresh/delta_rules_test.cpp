#include "bind/translate.hpp"
#include "delta/compiler.hpp"
#include "lake/change_feed.hpp"
#include "lake/test_lake.hpp"
#include "refresh/session_runtime.hpp"
#include "refresh/test_rule_queries.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
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
        auto translation = Translate(session_, Replaced(query_, "now()", std::string(kMomentPrefix) + "now()"));
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
        return Replaced(sql, "now()", fmt::format("CAST({} AS TIMESTAMPTZ)", MomentOf(version)));
    }

    static std::string Replaced(std::string sql, const std::string& from, const std::string& to) {
        for (size_t at = sql.find(from); at != std::string::npos; at = sql.find(from, at + to.size())) {
            sql.replace(at, from.size(), to);
        }
        return sql;
    }

    /// Some minute of the first ten of 1970, later or earlier than that of the version before.
    static std::string MomentOf(Snapshot version) {
        return fmt::format("make_timestamp({}::BIGINT)", version * 7 % 11 * 60000000);
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
        delta::Contents contents{Sources(version, version, false), {}, MomentOf(version)};
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
        delta::Interval interval{Sources(version_, to, true), companions_, {}, columns_, name_ + "_",
                                 MomentOf(version_),          MomentOf(to)};
        SessionRuntime runtime(session_);
        auto change = delta::ComputeChange(analysis_, interval, runtime);
        strategy = change.strategy;
        statements_ = runtime.Statements();
        Apply(change);
        transaction.Commit();
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
        if (edit.kind == delta::ResultEdit::Kind::Bag || edit.kind == delta::ResultEdit::Kind::Known) {
            auto not_found = session_.QueryValue(
                fmt::format("SELECT count(*) FROM (FROM {} EXCEPT ALL FROM {})", edit.minus, table));
            ASSERT_EQ(AsInt(not_found), 0) << "a row to delete is not there:\n"
                                           << fmt::format("{}", fmt::join(statements_, ";\n"));
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

/// All shapes, or those that hold the text in FRESHET_FUZZ_QUERY.
std::vector<std::string> ChosenQueries() {
    const char* part = std::getenv("FRESHET_FUZZ_QUERY");
    std::vector<std::string> chosen;
    for (const auto& query : RuleQueries()) {
        if (part == nullptr || query.find(part) != std::string::npos) {
            chosen.push_back(query);
        }
    }
    return chosen;
}

class DeltaRules : public testing::TestWithParam<bool> {};

TEST_P(DeltaRules, EqualTheQueryAfterRandomChanges) {
    const char* length = std::getenv("FRESHET_FUZZ_CASES");
    int seeds = length ? std::atoi(length) : 1;
    const std::vector<std::string> queries = ChosenQueries();
    for (int seed = 1; seed <= seeds; seed++) {
        TestLake lake(CatalogKind::Sqlite);
        RandomChanges changes(lake, static_cast<unsigned>(seed));
        std::vector<std::unique_ptr<Maintained>> tables;
        for (const auto& query : queries) {
            auto table = std::make_unique<Maintained>(lake.Main(), fmt::format("q{}", tables.size()), query);
            ASSERT_EQ(table->refusal, "") << query;
            table->keep_optional = GetParam();
            table->Fill(lake.Newest());
            tables.push_back(std::move(table));
        }
        for (int step = 0; step < 4; step++) {
            Snapshot now = changes.Step();
            for (size_t i = 0; i < tables.size(); i++) {
                SCOPED_TRACE(queries[i]);
                try {
                    tables[i]->Refresh(now);
                } catch (const Error& error) {
                    FAIL() << "seed " << seed << " step " << step << ": " << queries[i] << "\n" << error.Message();
                }
                ASSERT_EQ(tables[i]->Difference(), "") << "seed " << seed << " step " << step << ": " << queries[i];
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(KeptOrNot, DeltaRules, testing::Bool(),
                         [](const auto& info) { return info.param ? "AllAccumulatorsKept" : "OnlyRequiredKept"; });

} // namespace
} // namespace freshet
