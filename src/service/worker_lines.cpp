#include "service/worker_lines.hpp"

#include <fmt/format.h>

namespace freshet {

WorkerLine LineOf(const RefreshRecord& record) {
    WorkerLine line;
    line.fields = {{"run_id", record.run_id}, {"refresh_id", record.refresh_id}, {"table", record.table.Text()}};
    if (record.status == RefreshStatus::Succeeded) {
        line.level = "info";
        line.event = "refreshed";
        line.text = fmt::format("{}: {}, +{} -{}, {:.0f} ms", record.table.Text(), record.action, record.rows_inserted,
                                record.rows_deleted, record.duration_ms);
        line.fields.insert(line.fields.end(), {{"action", record.action},
                                               {"strategy", record.strategy},
                                               {"reason", record.reason},
                                               {"rows_inserted", record.rows_inserted},
                                               {"rows_deleted", record.rows_deleted},
                                               {"duration_ms", record.duration_ms},
                                               {"snapshot", record.data_snapshot}});
    } else {
        line.level = record.status == RefreshStatus::Failed ? "error" : "warning";
        line.event = "refresh_failed";
        line.text = fmt::format("{}: {}: {}", record.table.Text(), record.error_code, record.error_message);
        line.fields.insert(
            line.fields.end(),
            {{"status", Text(record.status)}, {"error_code", record.error_code}, {"error", record.error_message}});
    }
    return line;
}

} // namespace freshet
