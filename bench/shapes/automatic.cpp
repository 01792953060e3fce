#include "shape_lake.hpp"
#include "shapes.hpp"

#include "../tables.hpp"
#include "../times.hpp"

#include <cmath>
#include <fmt/format.h>
#include <functional>
#include <map>
#include <set>

namespace freshet::bench {

namespace {

struct AutomaticPlan {
    int64_t rows = 1'000'000;
    std::vector<double> shares = {0.01, 0.1, 1, 5, 10, 30, 50, 100}; ///< percent
    std::vector<std::string> kinds = {"inserts", "updates", "deletes"};
    int64_t rounds = 3;
};

struct Query {
    std::string name;
    std::string sql;
};

const Query kQueries[] = {
    {"aggregate", "SELECT g, count(*) AS n, sum(v) AS s FROM facts GROUP BY g"},
    {"join", "SELECT d.region, count(*) AS n, sum(f.v) AS s FROM facts AS f JOIN dimension AS d ON d.id = f.d "
             "GROUP BY d.region"},
    {"filter", "SELECT id, g, v FROM facts WHERE v % 10 = 0"},
};

const char* const kModes[] = {"AUTO", "INCREMENTAL", "FULL"};

/// One kind of change over a lake of its own, with a table of each query in each mode.
class Comparison {
public:
    Comparison(const AutomaticPlan& plan, std::string kind) : plan_(plan), kind_(std::move(kind)) {
        lake_.Run(fmt::format("CREATE TABLE facts AS {}", Rows(0, plan.rows)));
        lake_.Run("CREATE TABLE dimension AS SELECT i AS id, 'region ' || i % 50 AS region FROM range(5000) AS r(i)");
        for (const Query& query : kQueries) {
            for (const char* mode : kModes) {
                CreateTable(lake_.Freshet(), Name(query, mode), mode, query.sql);
            }
        }
        Change(0.1);
        RefreshAll(0); // warms
    }

    /// Rows for the output: one for each query.
    std::vector<std::vector<Value>> Measure(double share) {
        times_.clear();
        actions_.clear();
        for (int64_t round = 1; round <= plan_.rounds; round++) {
            Progress(fmt::format("{} of {} %, round {}", kind_, share, round));
            Restore();
            Change(share);
            RefreshAll(round);
        }
        std::vector<std::vector<Value>> shown;
        for (const Query& query : kQueries) {
            shown.push_back(Shown(query, share));
        }
        return shown;
    }

    const Times& Excesses() const { return excesses_; }

private:
    static std::string Rows(int64_t from, int64_t to) {
        return fmt::format(
            "SELECT i AS id, i % 1000 AS g, hash(i) % 5000 AS d, (hash(i + 7) % 100000)::DECIMAL(12, 2) AS v "
            "FROM range({}, {}) AS r(i)",
            from, to);
    }

    static std::string Name(const Query& query, const char* mode) { return fmt::format("{}_{}", query.name, mode); }

    void Change(double share) {
        auto changed = std::max<int64_t>(1, std::llround(static_cast<double>(plan_.rows) * share / 100));
        step_++;
        if (kind_ == "inserts") {
            lake_.Run(fmt::format("INSERT INTO facts {}", Rows(plan_.rows, plan_.rows + changed)));
        } else if (kind_ == "updates") {
            lake_.Run(fmt::format("UPDATE facts SET v = v + 1 WHERE hash(id + {}) % 1000000 < {}", step_,
                                  std::llround(share * 10000)));
        } else {
            int64_t start = (plan_.rows - changed) / 2;
            lake_.Run(fmt::format("DELETE FROM facts WHERE id >= {} AND id < {}", start, start + changed));
        }
    }

    /// Rows that came go, rows that went come again, so that every change meets as many rows; not measured.
    void Restore() {
        if (kind_ == "inserts") {
            lake_.Run(fmt::format("DELETE FROM facts WHERE id >= {}", plan_.rows));
        } else if (kind_ == "deletes") {
            lake_.Run(
                fmt::format("INSERT INTO facts FROM ({}) AS all_rows ANTI JOIN facts USING (id)", Rows(0, plan_.rows)));
        } else {
            return;
        }
        for (const Query& query : kQueries) {
            for (const char* mode : kModes) {
                RefreshTable(lake_.Freshet(), Name(query, mode));
            }
        }
    }

    /// The modes take turns in being first.
    void RefreshAll(int64_t round) {
        for (const Query& query : kQueries) {
            for (size_t turn = 0; turn < std::size(kModes); turn++) {
                const char* mode = kModes[(turn + static_cast<size_t>(round)) % std::size(kModes)];
                RefreshEntry entry;
                double time = Timed([&] { entry = RefreshTable(lake_.Freshet(), Name(query, mode)); });
                times_[Name(query, mode)].push_back(time);
                actions_[Name(query, mode)].insert(entry.action);
            }
        }
    }

    std::vector<Value> Shown(const Query& query, double share) {
        const Times& automatic = times_[Name(query, "AUTO")];
        const Times& by_change = times_[Name(query, "INCREMENTAL")];
        const Times& in_full = times_[Name(query, "FULL")];
        double best = std::min(Median(by_change), Median(in_full));
        excesses_.push_back(Median(automatic) / best);
        std::string actions;
        for (const auto& action : actions_[Name(query, "AUTO")]) {
            actions += (actions.empty() ? "" : ", ") + action;
        }
        return {kind_,
                fmt::format("{}", share),
                query.name,
                Spread(automatic),
                Spread(by_change),
                Spread(in_full),
                fmt::format("{:.2f}", excesses_.back()),
                fmt::format("{:.0f}", Median(automatic) - best),
                actions,
                std::string(IsEqual(lake_.Freshet(), Name(query, "AUTO")) ? "yes" : "NO")};
    }

    const AutomaticPlan& plan_;
    std::string kind_;
    ShapeLake lake_;
    int64_t step_ = 0;
    std::map<std::string, Times> times_;
    std::map<std::string, std::set<std::string>> actions_;
    Times excesses_; ///< not times: AUTO over the better way
};

void Measure(const AutomaticPlan& plan) {
    std::vector<std::vector<Value>> shown;
    Times excesses;
    for (const std::string& kind : plan.kinds) {
        Comparison comparison(plan, kind);
        for (double share : plan.shares) {
            for (auto& row : comparison.Measure(share)) {
                shown.push_back(std::move(row));
            }
        }
        excesses.insert(excesses.end(), comparison.Excesses().begin(), comparison.Excesses().end());
    }
    PrintTable(
        {"change", "share %", "query", "AUTO", "INCREMENTAL", "FULL", "AUTO/better", "ms more", "AUTO took", "equal"},
        shown);
    auto above = std::count_if(excesses.begin(), excesses.end(), [](double excess) { return excess > 1.1; });
    fmt::print("AUTO over the better way: median {:.2f}, greatest {:.2f}; above 1.1 in {} of {}\n", Median(excesses),
               *std::max_element(excesses.begin(), excesses.end()), above, excesses.size());
}

} // namespace

void AddAutomatic(CLI::App& program) {
    auto plan = std::make_shared<AutomaticPlan>();
    auto* command = program.add_subcommand("auto", "AUTO beside INCREMENTAL and FULL");
    command->add_option("--rows", plan->rows, "rows of the source")->check(CLI::PositiveNumber)->capture_default_str();
    command->add_option("--shares", plan->shares, "percent of the rows that change")
        ->delimiter(',')
        ->check(CLI::Range(0.0001, 100.0));
    command->add_option("--kinds", plan->kinds, "inserts, updates (scattered), deletes (clustered)")
        ->delimiter(',')
        ->check(CLI::IsMember({"inserts", "updates", "deletes"}));
    command->add_option("--rounds", plan->rounds, "rounds")->check(CLI::PositiveNumber)->capture_default_str();
    command->callback([plan] { Measure(*plan); });
}

} // namespace freshet::bench
