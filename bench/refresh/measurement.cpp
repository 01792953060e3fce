#include "measurement.hpp"

#include "../tables.hpp"
#include "base/identifier.hpp"
#include "service/demo_lake.hpp"
#include "service/demo_tpch.hpp"

#include <algorithm>
#include <cmath>
#include <fmt/format.h>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace freshet::bench {

namespace {

/// Peak resident memory since the last Restart(), of the whole process.
class PeakMemory {
public:
    void Restart() { std::ofstream("/proc/self/clear_refs") << "5"; }

    double Megabytes() const {
        std::ifstream status("/proc/self/status");
        for (std::string line; std::getline(status, line);) {
            if (line.rfind("VmHWM:", 0) == 0) {
                return std::stod(line.substr(6)) / 1024; // in KB
            }
        }
        return 0;
    }
};

/// One of the 22 queries, with what the floor needs.
struct Subject {
    std::string table;
    std::string query;
    std::map<std::string, std::set<std::string>> read; ///< columns that it reads of the tables that change
    QueryTimes times;
};

/// A TPC-H lake and what is done to it. Parts that are timed take nothing but the timed calls.
class Bench {
public:
    Bench(const Plan& plan, DemoLake& lake, std::function<void(const std::string&)> progress)
        : plan_(plan), lake_(lake), progress_(std::move(progress)) {}

    void Load() {
        progress_("loading");
        TpchDemo tpch(plan_.scale);
        tpch.Load(lake_);
        std::vector<DemoTable> tables = tpch.Tables(lake_);
        for (int64_t number : plan_.queries) {
            const DemoTable& table = tables.at(static_cast<size_t>(number - 1));
            Subject subject{table.name, table.query, ColumnsRead(table.query), {}};
            subject.times.name = table.name;
            subjects_.push_back(std::move(subject));
        }
    }

    void Fill() {
        for (auto& subject : subjects_) {
            progress_("filling " + subject.table);
            for (int64_t fill = 0; fill < plan_.fills; fill++) {
                FillPlainly(subject);
                FillByFreshet(subject, fill > 0);
            }
            Create(Twin(subject), "FULL", subject.query);
            lake_.Run(fmt::format("CREATE TABLE {} AS FROM {}", Shadow(subject), subject.table));
        }
        lake_.Run("CREATE TABLE floor_read AS SELECT 1 AS version");
    }

    void Round(int64_t number) {
        int64_t before = Newest();
        Change(number);
        window_ = fmt::format("{}, {}", before + 1, Newest());
        for (auto& subject : subjects_) {
            progress_(fmt::format("round {}: {}", number, subject.table));
            RefreshAndWrite(subject);
            subject.times.evaluate.push_back(Evaluate(subject));
            subject.times.recompute.push_back(Timed([&] { Refresh(Twin(subject)); }));
            subject.times.equal = subject.times.equal && IsEqual(lake_.GetService(), subject.table);
        }
    }

    IdleTimes Idle() {
        IdleTimes times;
        lake_.Run("CREATE TABLE bystander (i INTEGER)");
        for (const auto& subject : subjects_) {
            Refresh(subject.table); // knows the newest snapshot, and everything is warm
        }
        for (int64_t round = 0; round < plan_.rounds; round++) {
            for (const auto& subject : subjects_) {
                times.untouched.push_back(Timed([&] { Refresh(subject.table); }));
                lake_.Run("INSERT INTO bystander VALUES (1)");
                times.others_committed.push_back(Timed([&] { Refresh(subject.table); }));
            }
        }
        return times;
    }

    void CreateTables() {
        for (const auto& subject : subjects_) {
            Create(subject.table, plan_.refresh_mode, subject.query);
        }
    }

    std::vector<QueryTimes> Times() const {
        std::vector<QueryTimes> times;
        for (const auto& subject : subjects_) {
            times.push_back(subject.times);
        }
        return times;
    }

private:
    /// The same query, refreshed in full: recomputed, and written by difference.
    static std::string Twin(const Subject& subject) { return "full_" + subject.table; }
    static std::string Shadow(const Subject& subject) { return "floor_" + subject.table; }

    int64_t Newest() { return AsInt(lake_.Run("SELECT id::BIGINT FROM lake.current_snapshot() AS s(id)").rows[0][0]); }

    /// From DuckDB's own plan: what its scans project and filter.
    std::map<std::string, std::set<std::string>> ColumnsRead(const std::string& query) {
        auto explained = lake_.Run("EXPLAIN (FORMAT json) " + query);
        std::map<std::string, std::set<std::string>> read;
        for (const auto& root : nlohmann::json::parse(AsText(explained.rows[0][1]))) {
            CollectScans(root, read);
        }
        return read;
    }

    void CollectScans(const nlohmann::json& node, std::map<std::string, std::set<std::string>>& read) {
        nlohmann::json extra = node.value("extra_info", nlohmann::json::object());
        for (const char* table : {"lineitem", "orders", "customer", "part", "partsupp", "supplier"}) {
            if (extra.value("Table", "") != table) {
                continue;
            }
            for (const auto& column : lake_.Run(fmt::format("FROM {} LIMIT 0", table)).columns) {
                if (extra.dump().find(column.name) != std::string::npos) {
                    read[table].insert(column.name);
                }
            }
        }
        for (const auto& child : node.value("children", nlohmann::json::array())) {
            CollectScans(child, read);
        }
    }

    void FillPlainly(Subject& subject) {
        subject.times.create_as.push_back(Timed([&] { lake_.Run("CREATE TABLE plain AS " + subject.query); }));
        lake_.Run("DROP TABLE plain");
    }

    void FillByFreshet(Subject& subject, bool exists) {
        if (exists) {
            lake_.GetService().Drop({subject.table}, false);
        }
        subject.times.first_fill.push_back(Timed([&] { Create(subject.table, plan_.refresh_mode, subject.query); }));
    }

    void Create(const std::string& table, const std::string& refresh_mode, const std::string& query) {
        CreateTable(lake_.GetService(), table, refresh_mode, query);
    }

    /// RF1 brings orders with their lines under new keys, and as large a share of new rows to the other tables; RF2
    /// takes orders away, by default a range of keys, as TPC-H's own refresh function does. Each is a commit of its
    /// own.
    void Change(int64_t number) {
        auto slices = static_cast<int64_t>(1 / plan_.share);
        auto slice = [&](const char* key, int64_t offset) {
            return fmt::format("{0} < 1000000000 AND hash({0}) % {1} = {2}", key, slices,
                               (2 * number + offset) % slices);
        };
        auto again = [&](const char* table, const char* key) {
            return fmt::format("INSERT INTO {0} SELECT * REPLACE ({1} + {2} AS {1}) FROM {0} WHERE {3}", table, key,
                               1000000000 * number, slice(key, 0));
        };
        lake_.RunAtomically({again("orders", "o_orderkey"), again("lineitem", "l_orderkey")});
        if (plan_.all_tables) {
            lake_.RunAtomically({again("customer", "c_custkey"), again("part", "p_partkey"),
                                 again("partsupp", "ps_partkey"), again("supplier", "s_suppkey")});
        }
        if (plan_.mixed) {
            auto leaving = [&](const char* key) { return plan_.scattered ? slice(key, 1) : Range(key, number); };
            lake_.RunAtomically({"DELETE FROM lineitem WHERE " + leaving("l_orderkey"),
                                 "DELETE FROM orders WHERE " + leaving("o_orderkey")});
        }
    }

    /// A range of the keys that dbgen makes, at another place for each number; 6,000,000 for each scale factor.
    std::string Range(const char* key, int64_t number) const {
        double keys = 6e6 * plan_.scale;
        auto width = static_cast<int64_t>(keys * plan_.share);
        auto start = static_cast<int64_t>(keys * std::fmod(0.381966 * static_cast<double>(number), 1 - plan_.share));
        return fmt::format("{0} > {1} AND {0} <= {2}", key, start, start + width);
    }

    RefreshEntry Refresh(const std::string& table) { return RefreshTable(lake_.GetService(), table); }

    void RefreshAndWrite(Subject& subject) {
        int64_t before = Newest();
        RefreshEntry entry;
        subject.times.refresh.push_back(Timed([&] { entry = Refresh(subject.table); }));
        int64_t after = Newest();
        subject.times.idle.push_back(Timed([&] { Refresh(subject.table); }));
        subject.times.action = entry.action;
        subject.times.strategy = entry.strategy;
        subject.times.reason = entry.reason;
        subject.times.written_rows.push_back(static_cast<double>(entry.rows_inserted + entry.rows_deleted));
        auto stored = lake_.Run("SELECT count(*) FROM " + subject.table);
        subject.times.stored_rows.push_back(static_cast<double>(AsInt(stored.rows[0][0])));
        bool writes = entry.rows_inserted + entry.rows_deleted > 0;
        if (writes) {
            TakeWrittenRows(subject, fmt::format("{}, {}", before + 1, after));
        }
        subject.times.floor.push_back(Floor(subject, writes));
    }

    void TakeWrittenRows(const Subject& subject, const std::string& window) {
        for (const char* kind : {"insertions", "deletions"}) {
            lake_.Run(fmt::format("CREATE OR REPLACE TEMP TABLE {0} AS FROM ducklake_table_{0}('lake', 'main', '{1}', "
                                  "{2})",
                                  kind, subject.table, window));
        }
    }

    /// What any program must do that keeps this table by change: read what it needs of the feed, then remove and add
    /// the same rows in one commit. Where no row of the result changes, the commit notes how far the feed was read.
    double Floor(const Subject& subject, bool writes) {
        std::string same;
        for (const auto& column : lake_.Run(fmt::format("FROM {} LIMIT 0", subject.table)).columns) {
            std::string name = QuoteIdentifier(column.name);
            same += fmt::format("{}t.{} IS NOT DISTINCT FROM o.{}", same.empty() ? "" : " AND ", name, name);
        }
        return Timed([&] {
            for (const auto& [table, columns] : subject.read) {
                ReadFeed(table, columns);
            }
            if (writes) {
                lake_.RunAtomically(
                    {fmt::format("DELETE FROM {} AS t USING deletions AS o WHERE {}", Shadow(subject), same),
                     fmt::format("INSERT INTO {} FROM insertions", Shadow(subject))});
            } else {
                lake_.RunAtomically({"UPDATE floor_read SET version = version + 1"});
            }
        });
    }

    void ReadFeed(const std::string& table, const std::set<std::string>& columns) {
        std::string list;
        for (const auto& column : columns) {
            list += (list.empty() ? "" : ", ") + column;
        }
        std::string sql = fmt::format("SELECT {} FROM ducklake_table_insertions('lake', 'main', '{}', {})",
                                      list.empty() ? "1" : list, table, window_);
        if (plan_.mixed) {
            sql += fmt::format(" UNION ALL SELECT {} FROM ducklake_table_deletions('lake', 'main', '{}', {})",
                               list.empty() ? "1" : list, table, window_);
        }
        lake_.Run("CREATE OR REPLACE TEMP TABLE feed AS " + sql);
    }

    double Evaluate(const Subject& subject) {
        return Timed([&] { lake_.Run("CREATE OR REPLACE TEMP TABLE evaluated AS " + subject.query); });
    }

    const Plan& plan_;
    DemoLake& lake_;
    std::function<void(const std::string&)> progress_;
    std::vector<Subject> subjects_;
    std::string window_; ///< of the newest change
};

DemoLakeOptions LakeFor(const Plan& plan, const std::string& catalog) {
    DemoLakeOptions options;
    options.catalog = catalog;
    options.memory_limit = plan.memory_limit;
    options.extensions = {"tpch"};
    return options;
}

/// What nothing to do takes doesn't depend on the amount of data: a small lake does.
IdleTimes MeasureIdle(const Plan& plan, const std::string& catalog,
                      const std::function<void(const std::string&)>& progress) {
    progress("nothing to do on " + catalog.substr(0, catalog.find(':')));
    Plan small = plan;
    small.scale = 0.01;
    DemoLake lake(LakeFor(small, catalog));
    Bench bench(small, lake, [](const std::string&) {});
    bench.Load();
    bench.CreateTables();
    IdleTimes times = bench.Idle();
    times.catalog = catalog.substr(0, catalog.find(':')); // what follows may hold a password
    return times;
}

} // namespace

bool Measurement::AllEqual() const {
    return std::all_of(queries.begin(), queries.end(), [](const QueryTimes& query) { return query.equal; });
}

Measurement Measure(const Plan& plan, const std::function<void(const std::string&)>& progress) {
    Measurement result;
    PeakMemory peak;
    auto phase = [&](const std::string& name, const std::function<void()>& work) {
        peak.Restart();
        work();
        result.memory.push_back({name, peak.Megabytes()});
    };
    {
        DemoLake lake(LakeFor(plan, plan.catalog));
        Bench bench(plan, lake, progress);
        phase("load", [&] { bench.Load(); });
        phase("first fill", [&] { bench.Fill(); });
        phase("rounds", [&] {
            for (int64_t number = 1; number <= plan.rounds; number++) {
                bench.Round(number);
            }
        });
        result.queries = bench.Times();
    }
    phase("nothing to do", [&] {
        for (const auto& catalog : plan.idle_catalogs) {
            result.idle.push_back(MeasureIdle(plan, catalog, progress));
        }
    });
    return result;
}

} // namespace freshet::bench
