#pragma once

#include "../times.hpp"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace freshet::bench {

struct Plan {
    double scale = 1;
    double share = 0.001;   ///< of the orders, with their lines, in each round
    bool mixed = false;     ///< RF2 as well: as many orders leave, of neighbouring keys
    bool scattered = false; ///< those that leave lie anywhere
    bool all_tables = true; ///< as large a share of new rows in customer, part, partsupp and supplier
    std::vector<int64_t> queries;
    int64_t rounds = 5;
    int64_t fills = 1;                      ///< of each table, before the rounds
    std::string catalog = "sqlite";         ///< as `freshet demo --catalog` has it
    std::vector<std::string> idle_catalogs; ///< for refreshes with nothing to do
    std::string refresh_mode = "INCREMENTAL";
    std::string memory_limit = "1200MB";
};

/// Times of one query's table, in milliseconds, one per round.
struct QueryTimes {
    std::string name;
    std::vector<double> create_as;   ///< plain CREATE TABLE AS in the lake
    std::vector<double> first_fill;  ///< CREATE DYNAMIC TABLE
    std::vector<double> recompute;   ///< the same change to a table of REFRESH_MODE = FULL: written by difference
    std::vector<double> evaluate;    ///< the query into a TEMP table, nothing written to the lake
    std::vector<double> refresh;     ///< a call of Service::Refresh
    std::vector<double> floor;       ///< read the feed's needed columns, write the same rows, one commit
    std::vector<double> idle;        ///< a refresh right after that: nothing to do
    std::vector<double> stored_rows; ///< not a time
    std::vector<double> written_rows;
    std::string action; ///< of the last round
    std::string strategy;
    std::string reason;
    bool equal = true; ///< after every round
};

/// Refreshes with nothing to do on one kind of catalog, over all tables; milliseconds.
struct IdleTimes {
    std::string catalog;
    std::vector<double> untouched;        ///< nothing was committed since the last refresh
    std::vector<double> others_committed; ///< a table that it doesn't read was written
};

struct PhaseMemory {
    std::string phase;
    double peak_mb = 0;
};

struct Measurement {
    std::vector<QueryTimes> queries;
    std::vector<IdleTimes> idle;
    std::vector<PhaseMemory> memory;

    bool AllEqual() const;
};

/// Everything in one run on one engine. `progress` hears what comes next.
Measurement Measure(const Plan& plan, const std::function<void(const std::string&)>& progress);

} // namespace freshet::bench
