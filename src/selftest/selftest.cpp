#include "selftest/selftest.hpp"

#include "base/clock.hpp"
#include "selftest/case_generator.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace freshet::selftest {

namespace {

constexpr double kShrinkMilliseconds = 60'000; ///< for one failure
constexpr size_t kMostFailures = 5;

void Add(Tally& tally, const TableOutcome& table) {
    tally.queries++;
    tally.by_change += table.by_change > 0 ? 1 : 0;
    tally.in_full += table.by_change == 0 && table.in_full > 0 ? 1 : 0;
}

class Selftest {
public:
    Selftest(const Plan& plan, Observer& observer) : plan_(plan), observer_(observer) {}

    Report Run() {
        report_.seed = plan_.seed;
        int64_t first = plan_.only.value_or(1);
        for (int64_t number = first; Wanted(number - first); number++) {
            RunCase(number);
        }
        Finish();
        return std::move(report_);
    }

private:
    bool Wanted(int64_t done) {
        bool go_on = observer_.GoOn();
        report_.complete = report_.complete && go_on;
        if (!go_on || report_.failures.size() >= kMostFailures) {
            return false;
        }
        if (plan_.only) {
            return done < 1;
        }
        return plan_.minutes ? watch_.Milliseconds() < *plan_.minutes * 60'000 : done < plan_.cases;
    }

    void RunCase(int64_t number) {
        Script script = MakeCase(plan_.seed, number);
        observer_.Begins(number, plan_.minutes ? std::nullopt : std::optional(plan_.only ? 1 : plan_.cases), script);
        CaseOutcome outcome = RunScript(script, [&] { return observer_.GoOn(); });
        Count(outcome);
        observer_.Ends(number, outcome);
        if (!outcome.failure) {
            return;
        }
        observer_.Shrinks(number, *outcome.failure);
        Stopwatch watch;
        auto go_on = [&] { return observer_.GoOn() && watch.Milliseconds() < kShrinkMilliseconds; };
        auto run = [&](const Script& candidate) { return RunScript(candidate, go_on); };
        report_.failures.push_back({number, Shrink(script, outcome, run, go_on)});
    }

    void Count(const CaseOutcome& outcome) {
        report_.cases++;
        report_.refused += outcome.refused;
        for (const auto& [name, table] : outcome.tables) {
            if (!table.created) {
                report_.skipped += outcome.failure && outcome.failure->table == name ? 0 : 1;
                continue;
            }
            Add(report_.queries, table);
            Add(shapes_[table.features], table);
            for (const auto& feature : table.features) {
                Add(report_.features[feature], table);
            }
            if (!table.refusal.empty()) {
                report_.refusals[table.refusal]++;
            }
            report_.refreshes_by_change += table.by_change;
            report_.refreshes_in_full += table.in_full;
            report_.refreshes_without_data += table.unchanged;
            for (const auto& reason : table.repairs) {
                report_.repairs[reason]++;
            }
            report_.compared += table.compared;
        }
    }

    void Finish() {
        for (const auto& [features, tally] : shapes_) {
            report_.shapes.queries++;
            report_.shapes.by_change += tally.by_change > 0 ? 1 : 0;
            report_.shapes.in_full += tally.by_change == 0 && tally.in_full > 0 ? 1 : 0;
        }
        report_.seconds = watch_.Milliseconds() / 1000;
    }

    const Plan& plan_;
    Observer& observer_;
    Report report_;
    std::map<std::set<std::string>, Tally> shapes_;
    Stopwatch watch_;
};

} // namespace

Report RunSelftest(const Plan& plan, Observer& observer) {
    return Selftest(plan, observer).Run();
}

std::string RepeatCommand(uint64_t seed, int64_t number) {
    return fmt::format("freshet selftest --seed {} --case {}", seed, number);
}

} // namespace freshet::selftest
