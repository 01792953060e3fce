#include "cli/refresh_text.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

std::vector<Value> Row(const RefreshEntry& entry) {
    Value action = entry.error ? Value("failed") : Value(entry.action);
    if (entry.error && entry.error->GetCode() == Code::ParentFailed) {
        action = "skipped";
    }
    std::string reason = entry.error ? entry.error->CodeText() + ": " + entry.error->Message() : entry.reason;
    Value snapshot = entry.snapshot == kNoSnapshot ? Value{} : Value(entry.snapshot);
    return {entry.table.Text(), action,
            entry.strategy,     entry.rows_inserted,
            entry.rows_deleted, fmt::format("{:.1f}", entry.duration_ms),
            snapshot,           reason};
}

} // namespace

void ShowRefreshes(Invocation& invocation, const std::vector<RefreshEntry>& entries) {
    Table table{{{"table", "VARCHAR"},
                 {"action", "VARCHAR"},
                 {"strategy", "VARCHAR"},
                 {"inserted", "BIGINT"},
                 {"deleted", "BIGINT"},
                 {"ms", "DOUBLE"},
                 {"snapshot", "BIGINT"},
                 {"reason", "VARCHAR"}},
                {}};
    for (const auto& entry : entries) {
        table.rows.push_back(Row(entry));
    }
    invocation.PrintTable(table, {"table", "action", "reason", "inserted", "deleted"});
    for (const auto& entry : entries) {
        if (entry.error) {
            invocation.Report(*entry.error);
        }
    }
}

} // namespace freshet
