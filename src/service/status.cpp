#include "service/status.hpp"

#include "service/operations.hpp"
#include "service/process_identity.hpp"

#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

constexpr double kMicroseconds = 1e6;

struct Holder {
    std::string worker;
    double seconds = 0;
    std::string step;
    double step_seconds = 0;
};

Value OrNull(const std::string& text) {
    return text.empty() ? Value{} : Value{text};
}

Value SecondsValue(const std::optional<double>& seconds) {
    return seconds ? Value{fmt::format("{:.1f} seconds", *seconds)} : Value{};
}

} // namespace

StatusReport ReadStatus(Operations& operations) {
    StatusReport report;
    std::vector<ListEntry> listed = operations.List();
    std::map<std::string, Holder> holders;
    std::map<std::string, int64_t> held, failures;
    Timestamp now = operations.Books().Now();
    operations.Books().WithStore([&](StateStore& store) {
        std::vector<Claim> claims = store.ListClaims();
        for (const WorkerInfo& worker : store.ListWorkers()) {
            WorkerStatus status;
            status.id = worker.id;
            status.kind = worker.kind;
            status.process = worker.process;
            status.alive = now - worker.heartbeat_at < worker.expires_after &&
                           MayLive(worker.host, worker.process, worker.process_started);
            status.heartbeat_seconds = static_cast<double>(now - worker.heartbeat_at) / kMicroseconds;
            status.started_at = worker.started_at;
            for (const Claim& claim : claims) {
                if (claim.worker_id == worker.id) {
                    status.claims++;
                    if (status.alive) {
                        holders[claim.table_id] = {worker.id, static_cast<double>(now - claim.taken_at) / kMicroseconds,
                                                   claim.step,
                                                   static_cast<double>(now - claim.step_since) / kMicroseconds};
                    }
                }
            }
            report.workers.push_back(status);
        }
        for (const FailureNote& note : store.ListFailureNotes()) {
            failures[note.table_id] = note.failures;
        }
    });
    for (ListEntry& entry : listed) {
        StatusEntry status;
        status.target_seconds = entry.target_seconds;
        status.late = entry.lag_seconds && entry.target_seconds &&
                      *entry.lag_seconds > static_cast<double>(*entry.target_seconds);
        auto holder = holders.find(entry.id);
        if (holder != holders.end()) {
            status.refreshed_by = holder->second.worker;
            status.refreshing_seconds = holder->second.seconds;
            status.step = holder->second.step;
            status.step_seconds = holder->second.step_seconds;
        }
        status.failures = failures[entry.id];
        status.listed = std::move(entry);
        report.tables.push_back(std::move(status));
    }
    return report;
}

Table StatusTable(const std::vector<StatusEntry>& entries) {
    Table table;
    table.columns = {{"table", "VARCHAR"},      {"state", "VARCHAR"},       {"target_lag", "VARCHAR"},
                     {"lag", "VARCHAR"},        {"late", "BOOLEAN"},        {"next_due", "TIMESTAMP WITH TIME ZONE"},
                     {"refreshing", "VARCHAR"}, {"step", "VARCHAR"},        {"refreshed_by", "VARCHAR"},
                     {"failures", "BIGINT"},    {"last_action", "VARCHAR"}, {"last_error", "VARCHAR"}};
    for (const StatusEntry& entry : entries) {
        const ListEntry& listed = entry.listed;
        table.rows.push_back(
            {listed.table.Text(), listed.state, OrNull(listed.target_lag), SecondsValue(listed.lag_seconds), entry.late,
             listed.next_due ? Value{TimestampText(*listed.next_due)} : Value{}, SecondsValue(entry.refreshing_seconds),
             entry.step.empty() ? Value{} : Value{fmt::format("{} {:.1f} seconds", entry.step, entry.step_seconds)},
             OrNull(entry.refreshed_by), entry.failures, OrNull(listed.last_action), OrNull(listed.last_error)});
    }
    return table;
}

Table WorkerTable(const std::vector<WorkerStatus>& workers) {
    Table table;
    table.columns = {{"worker", "VARCHAR"}, {"kind", "VARCHAR"},      {"process", "BIGINT"},
                     {"alive", "BOOLEAN"},  {"heartbeat", "VARCHAR"}, {"started_at", "TIMESTAMP WITH TIME ZONE"},
                     {"claims", "BIGINT"}};
    for (const WorkerStatus& worker : workers) {
        table.rows.push_back({worker.id, worker.kind, worker.process, worker.alive,
                              SecondsValue(worker.heartbeat_seconds), TimestampText(worker.started_at), worker.claims});
    }
    return table;
}

} // namespace freshet
