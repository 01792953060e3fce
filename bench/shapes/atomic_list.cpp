#include "shape_lake.hpp"
#include "shapes.hpp"

#include "../tables.hpp"
#include "../times.hpp"

#include <fmt/format.h>

namespace freshet::bench {

namespace {

struct AtomicListPlan {
    int64_t rows = 1'000'000;
    int64_t changed = 1000;
    int64_t tables = 100;
    int64_t rounds = 3;
};

/// Many tables over one source.
class AtomicList {
public:
    explicit AtomicList(const AtomicListPlan& plan) : plan_(plan), next_(plan.rows) {
        lake_.MakeFacts(plan.rows);
        for (int64_t table = 0; table < plan.tables; table++) {
            names_.push_back(fmt::format("sums_{}", table));
            CreateTable(
                lake_.Freshet(), names_.back(), "INCREMENTAL",
                fmt::format("SELECT g % {} AS g, count(*) AS n, sum(v) AS s FROM facts GROUP BY ALL", table + 10));
        }
        Change();
        OneByOne(); // warms
    }

    void Change() {
        lake_.AddFacts(next_, next_ + plan_.changed);
        next_ += plan_.changed;
    }

    /// Per table.
    double OneByOne() {
        double time = Timed([&] {
            for (const auto& name : names_) {
                RefreshTable(lake_.Freshet(), name);
            }
        });
        return time / static_cast<double>(names_.size());
    }

    /// Per table.
    double AsOne() {
        RefreshRequest request;
        request.names = names_;
        request.atomic = true;
        std::vector<RefreshEntry> entries;
        double time = Timed([&] { entries = lake_.Freshet().Refresh(request); });
        for (const auto& entry : entries) {
            if (entry.error) {
                throw Error(*entry.error);
            }
        }
        return time / static_cast<double>(names_.size());
    }

    bool Equal() { return IsEqual(lake_.Freshet(), names_.front()) && IsEqual(lake_.Freshet(), names_.back()); }

private:
    const AtomicListPlan& plan_;
    ShapeLake lake_;
    int64_t next_;
    std::vector<std::string> names_;
};

void Measure(const AtomicListPlan& plan) {
    Progress(fmt::format("making {} tables", plan.tables));
    AtomicList lake(plan);
    Times one_by_one, as_one;
    for (int64_t round = 1; round <= plan.rounds; round++) {
        Progress(fmt::format("round {}", round));
        lake.Change();
        one_by_one.push_back(lake.OneByOne());
        lake.Change();
        as_one.push_back(lake.AsOne());
    }
    PrintTable({"tables", "one by one, per table", "one atomic list, per table", "one by one/list"},
               {{plan.tables, Spread(one_by_one), Spread(as_one), Ratio(one_by_one, as_one)}});
    fmt::print("{}\n", lake.Equal() ? "equal" : "SOME TABLES DIFFER");
}

} // namespace

void AddAtomicList(CLI::App& program) {
    auto plan = std::make_shared<AtomicListPlan>();
    auto* command = program.add_subcommand("list", "many tables over one source, in one commit and one by one");
    command->add_option("--rows", plan->rows, "rows of the source")->capture_default_str();
    command->add_option("--changed", plan->changed, "rows inserted between two refreshes")->capture_default_str();
    command->add_option("--tables", plan->tables, "tables")->check(CLI::PositiveNumber)->capture_default_str();
    command->add_option("--rounds", plan->rounds, "rounds")->check(CLI::PositiveNumber)->capture_default_str();
    command->callback([plan] { Measure(*plan); });
}

} // namespace freshet::bench
