#pragma once

#include "service/demo_subject.hpp"
#include "service/reports.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

struct DemoPlan {
    int64_t rounds = 4;
    std::string refresh_mode = "AUTO"; ///< of every table
};

/// One dynamic table in one round.
struct DemoLine {
    RefreshEntry refresh;
    VerifyEntry verification;
    std::optional<double> recompute_ms; ///< the plain query into a TEMP table; nothing if it failed

    bool Good() const { return !refresh.error && verification.Good(); }
};

struct DemoRound {
    int64_t number = 0; ///< 0: the tables are created
    std::string title;
    double change_ms = 0; ///< what the sources' user did
    std::vector<DemoLine> lines;
};

struct DemoReport {
    std::vector<std::string> notes; ///< on the sources
    std::vector<DemoRound> rounds;
    double peak_memory_mb = 0; ///< of the whole process

    /// Every table was refreshed and equals its definition, in every round.
    bool Good() const;
};

/// Hears of a demo while it runs. What it throws ends the demo.
class DemoObserver {
public:
    virtual ~DemoObserver() = default;
    virtual void Begins(const std::string& what) = 0;
    virtual void Notes(const std::string& text) = 0;
    virtual void Ends(const DemoRound& round) = 0;
};

/// Loads, creates the tables, then changes, refreshes, recomputes and verifies, round by round. A table that fails
/// stops nothing; it stands in the report.
DemoReport RunDemo(DemoSubject& subject, DemoLake& lake, const DemoPlan& plan, DemoObserver& observer);

} // namespace freshet
