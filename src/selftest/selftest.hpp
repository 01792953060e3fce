#pragma once

#include "selftest/case_runner.hpp"
#include "selftest/shrinker.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace freshet::selftest {

struct Plan {
    uint64_t seed = 1;
    int64_t cases = 15;            ///< from the first one
    std::optional<int64_t> only;   ///< this case alone
    std::optional<double> minutes; ///< as many cases as fit, instead of `cases`
};

struct FailedCase {
    int64_t number = 0;
    Shrunk shrunk;
};

/// Dynamic tables that have something in common, and how they were refreshed.
struct Tally {
    int64_t queries = 0;
    int64_t by_change = 0; ///< queries that were refreshed by change at least once
    int64_t in_full = 0;   ///< queries that were only ever evaluated whole
};

struct Report {
    uint64_t seed = 0;
    int64_t cases = 0;
    Tally queries;
    Tally shapes;        ///< sets of features that occur together in one query
    int64_t skipped = 0; ///< queries that DuckDB can't run either
    int64_t refused = 0; ///< statements on sources that DuckDB refused
    int64_t refreshes_by_change = 0;
    int64_t refreshes_in_full = 0;
    int64_t refreshes_without_data = 0;
    std::map<std::string, int64_t> repairs; ///< why refreshes could not build on what was stored, and how often
    int64_t compared = 0;
    std::map<std::string, Tally> features;
    std::map<std::string, int64_t> refusals; ///< why INCREMENTAL was refused, and how often
    std::vector<FailedCase> failures;
    bool complete = true; ///< nobody stopped it
    double seconds = 0;

    bool Good() const { return failures.empty(); }
};

/// Hears of a selftest while it runs.
class Observer {
public:
    virtual ~Observer() = default;
    /// @param planned  nothing where the time decides
    virtual void Begins(int64_t number, std::optional<int64_t> planned, const Script& script) = 0;
    virtual void Ends(int64_t number, const CaseOutcome& outcome) = 0;
    virtual void Shrinks(int64_t number, const Failure& failure) = 0;
    /// False ends it; the report then tells of what has been done.
    virtual bool GoOn() = 0;
};

/// Runs the cases. Each that fails is made smaller, within limits of time; after a few failures it ends. Throws Error
/// only if there can be no temporary lake.
Report RunSelftest(const Plan& plan, Observer& observer);

/// A script as text for `freshet sql -f`: in its end it shows the failure that `shrunk` has.
/// @param repeat  the command that makes the case again
std::string ScriptText(const Shrunk& shrunk, const std::string& repeat);
/// A case as it is before it runs.
std::string ScriptText(const Script& script, const std::string& repeat);
/// The command that runs this case alone.
std::string RepeatCommand(uint64_t seed, int64_t number);

} // namespace freshet::selftest
