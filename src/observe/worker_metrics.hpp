#pragma once

#include "schedule/retry.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// An attempt to refresh a table.
struct ObservedRefresh {
    std::string table;                   ///< schema.name
    std::string status;                  ///< succeeded, failed, skipped, upstream_failed
    std::string error_type;              ///< a failure class; empty where it succeeded
    std::optional<double> seconds;       ///< nothing: it was not begun
    std::optional<int64_t> rows_changed; ///< nothing: nothing was there to be done, or it failed
    std::optional<int64_t> affected_keys;
    std::optional<double> cardinality_ratio;
    std::optional<double> dedup_ratio;
};

/// How fresh a table is, as of some moment.
struct ObservedTable {
    std::string table;
    std::optional<Instant> data_at;        ///< the moment of its data timestamp; nothing: never filled
    std::optional<int64_t> target_seconds; ///< nothing: no lag is promised
};

/// What a worker counts and measures, and its text for Prometheus. Thread-safe. Labels are names of tables and words of
/// ours, nothing else.
class WorkerMetrics {
public:
    WorkerMetrics();
    ~WorkerMetrics();
    WorkerMetrics(const WorkerMetrics&) = delete;
    WorkerMetrics& operator=(const WorkerMetrics&) = delete;

    void Count(const ObservedRefresh& refresh);
    /// All tables there are: what was counted for others is forgotten.
    void Show(const std::vector<ObservedTable>& tables);
    void ShowPending(int64_t refreshes);
    void ShowClaims(int64_t claims);

    /// In the Prometheus text format 0.0.4. Lags are those of `now`.
    std::string Text(Instant now, bool healthy) const;
    static const char* ContentType() { return "text/plain; version=0.0.4; charset=utf-8"; }

private:
    struct Families;
    std::unique_ptr<Families> families_;
};

} // namespace freshet
