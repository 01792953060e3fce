#pragma once

#include "service/reports.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

class Operations;

/// How a table stands against its target.
struct StatusEntry {
    ListEntry listed;
    std::optional<int64_t> target_seconds;    ///< the lag that holds for it: its own, or that of a consumer
    bool late = false;                        ///< beyond that
    std::string refreshed_by;                 ///< worker that has claimed it; empty: none that lives
    std::optional<double> refreshing_seconds; ///< since it was claimed
    std::string step;                         ///< WAITING, COMPUTING, WRITING; empty: not told, so it is short or next
    double step_seconds = 0;
    int64_t failures = 0; ///< scheduled refreshes that failed in a row
};

struct WorkerStatus {
    std::string id;
    std::string kind; ///< WORKER, or COMMAND: a refresh by hand beside workers
    int64_t process = 0;
    bool alive = false;
    double heartbeat_seconds = 0; ///< since its last sign of life
    Timestamp started_at = 0;
    int64_t claims = 0; ///< tables that it is refreshing
};

struct StatusReport {
    std::vector<StatusEntry> tables;
    std::vector<WorkerStatus> workers;
};

StatusReport ReadStatus(Operations& operations);

/// For people: name, state, target, lag, late, next due, refreshed by, step, failures, last action, last error.
Table StatusTable(const std::vector<StatusEntry>& entries);
Table WorkerTable(const std::vector<WorkerStatus>& workers);

} // namespace freshet
