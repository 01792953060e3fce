#include "shape_lake.hpp"
#include "shapes.hpp"

#include "../tables.hpp"
#include "../times.hpp"

#include <fmt/format.h>

namespace freshet::bench {

namespace {

struct OneRowPlan {
    int64_t rows = 100'000;
    int64_t rounds = 15;
    std::string catalog = "sqlite";
};

/// The statements by which somebody without Freshet keeps the same table, with a row that notes how far.
class ByHand {
public:
    ByHand(ShapeLake& lake, const std::string& query) : lake_(lake) {
        lake_.Run("CREATE TABLE by_hand AS " + query);
        lake_.Run(fmt::format("CREATE TABLE state AS SELECT {}::BIGINT AS version", lake_.Newest()));
        version_ = lake_.Newest();
    }

    void Refresh() {
        lake_.Run("BEGIN");
        Snapshot newest = lake_.Newest();
        lake_.Run(fmt::format("CREATE OR REPLACE TEMP TABLE feed AS SELECT g, v FROM ducklake_table_insertions('lake', "
                              "'main', 'facts', {}, {})",
                              version_ + 1, newest));
        lake_.Run(fmt::format("SELECT count(*) FROM facts AT (VERSION => {})", version_));
        lake_.Run(fmt::format("SELECT count(*) FROM facts AT (VERSION => {})", newest));
        lake_.Run(
            "CREATE OR REPLACE TEMP TABLE groups AS SELECT g, sum(n)::BIGINT AS n, sum(s) AS s FROM (SELECT g, n, "
            "s FROM by_hand WHERE g IN (SELECT g FROM feed) UNION ALL SELECT g, 1, v FROM feed) GROUP BY g");
        lake_.Run("DELETE FROM by_hand WHERE g IN (SELECT g FROM groups)");
        lake_.Run("INSERT INTO by_hand FROM groups");
        lake_.Run(fmt::format("UPDATE state SET version = {}", newest));
        lake_.Run("COMMIT");
        version_ = newest;
    }

private:
    ShapeLake& lake_;
    Snapshot version_ = 0;
};

void Measure(const OneRowPlan& plan) {
    const std::string query = "SELECT g, count(*) AS n, sum(v) AS s FROM facts GROUP BY g";
    ShapeLake lake(plan.catalog);
    lake.MakeFacts(plan.rows);
    ByHand by_hand(lake, query);
    CreateTable(lake.Freshet(), "sums", "INCREMENTAL", query);
    Times refreshes, hands;
    for (int64_t round = -2; round < plan.rounds; round++) { // two rounds warm
        lake.Run(fmt::format("INSERT INTO facts VALUES ({}, {}, 1)", plan.rows + round, round + 2));
        auto refresh = [&] { return Timed([&] { RefreshTable(lake.Freshet(), "sums"); }); };
        auto hand = [&] { return Timed([&] { by_hand.Refresh(); }); };
        bool refresh_first = round % 2 == 0;
        double first = refresh_first ? refresh() : hand();
        double second = refresh_first ? hand() : refresh();
        if (round >= 0) {
            refreshes.push_back(refresh_first ? first : second);
            hands.push_back(refresh_first ? second : first);
        }
    }
    PrintTable({"refresh", "by hand", "refresh/by hand"},
               {{Spread(refreshes), Spread(hands), Ratio(refreshes, hands)}});
    bool same = lake.Number("SELECT count(*) FROM (FROM by_hand EXCEPT ALL FROM sums)") == 0;
    fmt::print("{}\n", same && IsEqual(lake.Freshet(), "sums") ? "equal" : "THE TABLES DIFFER");
}

} // namespace

void AddOneRow(CLI::App& program) {
    auto plan = std::make_shared<OneRowPlan>();
    auto* command = program.add_subcommand("one_row", "one row changed: a refresh beside the same statements by hand");
    command->add_option("--rows", plan->rows, "rows of the source")->capture_default_str();
    command->add_option("--rounds", plan->rounds, "rounds")->check(CLI::PositiveNumber)->capture_default_str();
    AddCatalogOption(*command, plan->catalog);
    command->callback([plan] { Measure(*plan); });
}

} // namespace freshet::bench
