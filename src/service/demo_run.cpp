#include "service/demo_run.hpp"

#include "base/clock.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sys/resource.h>

namespace freshet {

namespace {

double PeakMemoryMb() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024; // Linux counts in KB
}

class Demo {
public:
    Demo(DemoSubject& subject, DemoLake& lake, const DemoPlan& plan, DemoObserver& observer)
        : subject_(subject), lake_(lake), plan_(plan), observer_(observer) {}

    DemoReport Run() {
        DemoReport report;
        observer_.Begins("loading the sources");
        report.notes = subject_.Load(lake_);
        for (const auto& note : report.notes) {
            observer_.Notes(note);
        }
        tables_ = subject_.Tables(lake_);
        for (int64_t number = 0; number <= plan_.rounds; number++) {
            report.rounds.push_back(number == 0 ? CreateTables() : ChangeAndRefresh(number));
            Compare(report.rounds.back());
            report.peak_memory_mb = PeakMemoryMb();
            observer_.Ends(report.rounds.back());
        }
        return report;
    }

private:
    DemoRound CreateTables() {
        DemoRound round;
        round.title = "first fill";
        for (const auto& table : tables_) {
            observer_.Begins("creating " + table.name);
            round.lines.push_back({Create(table), {}, {}});
        }
        return round;
    }

    RefreshEntry Create(const DemoTable& table) {
        RefreshEntry entry;
        entry.table = {"main", table.name};
        Source source{"", fmt::format("CREATE DYNAMIC TABLE {} TARGET_LAG = '1 hour' REFRESH_MODE = {} AS\n{}",
                                      QuoteIdentifier(table.name), plan_.refresh_mode, table.query)};
        try {
            std::vector<RefreshEntry> done = lake_.GetService().Create(source).refreshes;
            return done.empty() ? entry : done.back(); // parents come first
        } catch (const Error& error) {
            entry.error = error;
            return entry;
        }
    }

    DemoRound ChangeAndRefresh(int64_t number) {
        DemoChange change = subject_.Round(number);
        DemoRound round;
        round.number = number;
        round.title = change.title;
        observer_.Begins(fmt::format("round {}: {}", number, change.title));
        Stopwatch watch;
        for (const auto& commit : change.commits) {
            lake_.RunAtomically(commit);
        }
        round.change_ms = watch.Milliseconds();
        observer_.Begins(fmt::format("round {}: refreshing", number));
        RefreshRequest request;
        request.all = true;
        for (const auto& entry : lake_.GetService().Refresh(request)) {
            round.lines.push_back({entry, {}, {}});
        }
        Arrange(round.lines);
        return round;
    }

    /// In the order in which the tables were created.
    void Arrange(std::vector<DemoLine>& lines) const {
        auto position = [&](const DemoLine& line) {
            return std::find_if(tables_.begin(), tables_.end(),
                                [&](const DemoTable& table) { return table.name == line.refresh.table.name; });
        };
        std::stable_sort(lines.begin(), lines.end(),
                         [&](const auto& left, const auto& right) { return position(left) < position(right); });
    }

    void Compare(DemoRound& round) {
        for (auto& line : round.lines) {
            observer_.Begins(fmt::format("round {}: recomputing {}", round.number, line.refresh.table.name));
            line.recompute_ms = Recompute(line.refresh.table.name);
        }
        for (auto& line : round.lines) {
            observer_.Begins(fmt::format("round {}: verifying {}", round.number, line.refresh.table.name));
            line.verification = Verify(line.refresh.table);
        }
    }

    std::optional<double> Recompute(const std::string& name) {
        auto table = std::find_if(tables_.begin(), tables_.end(),
                                  [&](const DemoTable& candidate) { return candidate.name == name; });
        try {
            Stopwatch watch;
            lake_.Run("CREATE OR REPLACE TEMP TABLE recomputed AS " + table->query);
            double elapsed = watch.Milliseconds();
            lake_.Run("DROP TABLE recomputed");
            return elapsed;
        } catch (const Error&) {
            return std::nullopt; // the refresh failed for the same reason, and says so
        }
    }

    VerifyEntry Verify(const TableName& name) {
        VerifyRequest request;
        request.names = {name.Text()};
        VerifyEntry entry;
        entry.table = name;
        try {
            return lake_.GetService().Verify(request).at(0);
        } catch (const Error& error) {
            entry.error = error;
            return entry;
        }
    }

    DemoSubject& subject_;
    DemoLake& lake_;
    const DemoPlan& plan_;
    DemoObserver& observer_;
    std::vector<DemoTable> tables_;
};

} // namespace

bool DemoReport::Good() const {
    return std::all_of(rounds.begin(), rounds.end(), [](const DemoRound& round) {
        return std::all_of(round.lines.begin(), round.lines.end(), [](const DemoLine& line) { return line.Good(); });
    });
}

DemoReport RunDemo(DemoSubject& subject, DemoLake& lake, const DemoPlan& plan, DemoObserver& observer) {
    return Demo(subject, lake, plan, observer).Run();
}

} // namespace freshet
