#include "service/reports.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

Value Text(const std::string& text) {
    return text.empty() ? Value{} : Value{text};
}

Value TimeValue(Timestamp time) {
    return time == 0 ? Value{} : Value{TimestampText(time)};
}

Value NumberValue(const std::optional<double>& number) {
    Value value;
    if (number) {
        value = *number;
    }
    return value;
}

Value SnapshotValue(int64_t snapshot) {
    return snapshot == kNoSnapshot ? Value{} : Value{snapshot};
}

/// "1 hour 5 minutes"-like texts are for people; lag is shown as seconds with one decimal.
Value LagValue(const std::optional<double>& seconds) {
    return seconds ? Value{fmt::format("{:.1f} seconds", *seconds)} : Value{};
}

std::string Names(const std::vector<TableName>& tables) {
    std::string names;
    for (const auto& table : tables) {
        names += (names.empty() ? "" : ", ") + table.Text();
    }
    return names;
}

} // namespace

Table ListTable(const std::vector<ListEntry>& entries) {
    Table table;
    table.columns = {{"name", "VARCHAR"},
                     {"schema", "VARCHAR"},
                     {"target_lag", "VARCHAR"},
                     {"refresh_mode", "VARCHAR"},
                     {"mode", "VARCHAR"},
                     {"state", "VARCHAR"},
                     {"data_timestamp", "TIMESTAMP WITH TIME ZONE"},
                     {"lag", "VARCHAR"},
                     {"next_due", "TIMESTAMP WITH TIME ZONE"},
                     {"last_action", "VARCHAR"},
                     {"last_error", "VARCHAR"},
                     {"comment", "VARCHAR"}};
    for (const auto& entry : entries) {
        table.rows.push_back({entry.table.name, entry.table.schema, Text(entry.target_lag), entry.refresh_mode,
                              entry.mode, entry.state, TimeValue(entry.data_timestamp), LagValue(entry.lag_seconds),
                              TimeValue(entry.next_due.value_or(0)), Text(entry.last_action), Text(entry.last_error),
                              Text(entry.comment)});
    }
    return table;
}

Table HistoryTable(const std::vector<RefreshRecord>& records) {
    Table table;
    table.columns = {{"table", "VARCHAR"},
                     {"started_at", "TIMESTAMP WITH TIME ZONE"},
                     {"finished_at", "TIMESTAMP WITH TIME ZONE"},
                     {"trigger", "VARCHAR"},
                     {"status", "VARCHAR"},
                     {"action", "VARCHAR"},
                     {"strategy", "VARCHAR"},
                     {"reason", "VARCHAR"},
                     {"rows_inserted", "BIGINT"},
                     {"rows_deleted", "BIGINT"},
                     {"duration_ms", "DOUBLE"},
                     {"data_snapshot", "BIGINT"},
                     {"commit_snapshot", "BIGINT"},
                     {"estimated_cost", "DOUBLE"},
                     {"measured_cost", "DOUBLE"},
                     {"candidates", "VARCHAR"},
                     {"error_code", "VARCHAR"},
                     {"error_message", "VARCHAR"},
                     {"run_id", "VARCHAR"}};
    for (const auto& record : records) {
        table.rows.push_back({record.table.Text(), TimeValue(record.started_at), TimeValue(record.finished_at),
                              freshet::Text(record.trigger), freshet::Text(record.status), Text(record.action),
                              Text(record.strategy), Text(record.reason), record.rows_inserted, record.rows_deleted,
                              record.duration_ms, SnapshotValue(record.data_snapshot),
                              SnapshotValue(record.commit_snapshot), NumberValue(record.estimated_cost),
                              NumberValue(record.measured_cost), record.candidates, Text(record.error_code),
                              Text(record.error_message), record.run_id});
    }
    return table;
}

Table GraphTable(const GraphReport& graph) {
    Table table;
    table.columns = {{"input", "VARCHAR"}, {"consumer", "VARCHAR"}, {"input_is_dynamic", "BOOLEAN"}};
    for (const auto& edge : graph.edges) {
        bool dynamic = false;
        for (const auto& node : graph.nodes) {
            dynamic = dynamic || (node.table == edge.from && node.dynamic);
        }
        table.rows.push_back({edge.from.Text(), edge.to.Text(), dynamic});
    }
    return table;
}

Table RefreshTable(const std::vector<RefreshEntry>& entries) {
    Table table;
    table.columns = {{"table", "VARCHAR"},      {"action", "VARCHAR"},       {"strategy", "VARCHAR"},
                     {"reason", "VARCHAR"},     {"rows_inserted", "BIGINT"}, {"rows_deleted", "BIGINT"},
                     {"duration_ms", "DOUBLE"}, {"snapshot", "BIGINT"}};
    for (const auto& entry : entries) {
        table.rows.push_back({entry.table.Text(), Text(entry.action), Text(entry.strategy), Text(entry.reason),
                              entry.rows_inserted, entry.rows_deleted, entry.duration_ms,
                              SnapshotValue(entry.snapshot)});
    }
    return table;
}

Table VerifyTable(const std::vector<VerifyEntry>& entries) {
    Table table;
    table.columns = {{"table", "VARCHAR"}, {"missing", "BIGINT"}, {"extra", "BIGINT"}, {"snapshot", "BIGINT"}};
    for (const auto& entry : entries) {
        table.rows.push_back({entry.table.Text(), entry.missing, entry.extra, SnapshotValue(entry.snapshot)});
    }
    return table;
}

Table DescribeTable(const TableReport& report) {
    Table table;
    table.columns = {{"property", "VARCHAR"}, {"value", "VARCHAR"}};
    auto add = [&](const std::string& property, const Value& value) { table.rows.push_back({property, value}); };
    Table list = ListTable({report.entry});
    for (size_t i = 0; i < list.columns.size(); i++) {
        add(list.columns[i].name, list.rows[0][i]);
    }
    add("id", report.entry.id);
    add("mode_reason", Text(report.mode_reason));
    add("definition", report.definition);
    add("search_path", Text(report.search_path));
    add("inputs", Text(Names(report.inputs)));
    add("consumers", Text(Names(report.consumers)));
    add("data_snapshot", report.data_snapshot == kNoSnapshot ? Value{} : Value{std::to_string(report.data_snapshot)});
    add("row_count", std::to_string(report.row_count));
    for (const auto& column : report.columns) {
        std::string note = column.inexact ? " (inexact)" : "";
        note += column.undetermined ? " (undetermined)" : "";
        add("column " + column.column.name, column.column.type + note);
    }
    for (const auto& option : report.options) {
        add("option " + option.name, option.value + (option.is_default ? " (default)" : ""));
    }
    for (const auto& warning : report.warnings) {
        add("warning", warning);
    }
    return table;
}

Table MaintainTable(const std::vector<MaintainEntry>& entries) {
    Table table;
    table.columns = {{"step", "VARCHAR"},       {"table", "VARCHAR"},       {"files_before", "BIGINT"},
                     {"files_after", "BIGINT"}, {"bytes_before", "BIGINT"}, {"bytes_after", "BIGINT"},
                     {"snapshots", "BIGINT"},   {"detail", "VARCHAR"}};
    auto number = [](const std::optional<int64_t>& value) { return value ? Value(*value) : Value{}; };
    for (const auto& entry : entries) {
        table.rows.push_back({entry.step, entry.table ? Value(entry.table->Text()) : Value{},
                              number(entry.files_before), number(entry.files_after), number(entry.bytes_before),
                              number(entry.bytes_after), number(entry.snapshots), Text(entry.detail)});
    }
    return table;
}

Table ExplainTable(const ExplainReport& report) {
    Table table;
    table.columns = {{"operator", "VARCHAR"},
                     {"strategy", "VARCHAR"},
                     {"reason", "VARCHAR"},
                     {"rule", "VARCHAR"},
                     {"rows", "BIGINT"}};
    table.rows.push_back({report.table.Text(), report.mode, report.reason, Value{}, Value{}});
    for (const auto& entry : report.operators) {
        table.rows.push_back({std::string(static_cast<size_t>(entry.depth) * 2, ' ') + entry.name, entry.strategy,
                              entry.reason, Text(entry.rule), entry.rows < 0 ? Value{} : Value{entry.rows}});
    }
    if (!report.advice.empty()) {
        table.rows.push_back({"To make it incremental", Value{}, report.advice, Value{}, Value{}});
    }
    return table;
}

} // namespace freshet
