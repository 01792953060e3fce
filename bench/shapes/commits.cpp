#include "shape_lake.hpp"
#include "shapes.hpp"

#include "../tables.hpp"
#include "../times.hpp"

#include <fmt/format.h>

namespace freshet::bench {

namespace {

struct CommitsPlan {
    int64_t rows = 1'000'000;
    int64_t changed = 100'000;
    int64_t commits = 1000;
    int64_t rounds = 3;
};

/// Windows of one and of many commits that change as much, over one table.
class Commits {
public:
    explicit Commits(const CommitsPlan& plan) : plan_(plan), next_(plan.rows) {
        lake_.MakeFacts(plan.rows);
        CreateTable(lake_.Freshet(), "sums", "INCREMENTAL",
                    "SELECT g, count(*) AS n, sum(v) AS s FROM facts GROUP BY g");
        Refresh(1); // warms
    }

    /// {the refresh, the feed read by hand} after so many commits.
    std::pair<double, double> Refresh(int64_t commits) {
        Snapshot before = lake_.Newest();
        int64_t rows = plan_.changed / commits;
        for (int64_t commit = 0; commit < commits; commit++) {
            lake_.AddFacts(next_, next_ + rows);
            next_ += rows;
        }
        double refresh = Timed([&] { RefreshTable(lake_.Freshet(), "sums"); });
        double feed = Timed([&] {
            lake_.Run(fmt::format("CREATE OR REPLACE TEMP TABLE feed AS SELECT g, v FROM facts WHERE snapshot_id > {}",
                                  before));
        });
        return {refresh, feed};
    }

    bool Equal() { return IsEqual(lake_.Freshet(), "sums"); }

private:
    const CommitsPlan& plan_;
    ShapeLake lake_;
    int64_t next_;
};

void Measure(const CommitsPlan& plan) {
    Commits lake(plan);
    Times refresh[2], feed[2];
    const int64_t commits[] = {1, plan.commits};
    for (int64_t round = 0; round < plan.rounds; round++) {
        for (size_t way = 0; way < 2; way++) {
            Progress(fmt::format("round {}: {} commits", round + 1, commits[way]));
            auto [of_refresh, of_feed] = lake.Refresh(commits[way]);
            refresh[way].push_back(of_refresh);
            feed[way].push_back(of_feed);
        }
    }
    std::vector<std::vector<Value>> shown;
    for (size_t way = 0; way < 2; way++) {
        shown.push_back({commits[way], plan.changed, Spread(refresh[way]), Ratio(refresh[way], refresh[0]),
                         Spread(feed[way]), Ratio(feed[way], feed[0])});
    }
    PrintTable({"commits", "rows inserted", "refresh", "to one commit", "rows read by hand", "to one commit"}, shown);
    fmt::print("{}\n", lake.Equal() ? "equal" : "THE TABLE DIFFERS");
}

} // namespace

void AddCommits(CLI::App& program) {
    auto plan = std::make_shared<CommitsPlan>();
    auto* command = program.add_subcommand("commits", "one commit beside many that change as much");
    command->add_option("--rows", plan->rows, "rows of the source")->capture_default_str();
    command->add_option("--changed", plan->changed, "rows inserted between two refreshes")->capture_default_str();
    command->add_option("--commits", plan->commits, "commits that do it")
        ->check(CLI::PositiveNumber)
        ->capture_default_str();
    command->add_option("--rounds", plan->rounds, "rounds")->check(CLI::PositiveNumber)->capture_default_str();
    command->callback([plan] { Measure(*plan); });
}

} // namespace freshet::bench
