#include "cli/json_text.hpp"

#include "base/clock.hpp"
#include "service/config.hpp"

#include <nlohmann/json.hpp>

namespace freshet {

namespace {

using Json = nlohmann::ordered_json;

std::string Dump(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json ToJson(const Value& value) {
    return std::visit(
        [](const auto& held) -> Json {
            if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::monostate>) {
                return nullptr;
            } else {
                return held;
            }
        },
        value);
}

Json TextOrNull(const std::string& text) {
    return text.empty() ? Json(nullptr) : Json(text);
}

Json SnapshotOrNull(int64_t snapshot) {
    return snapshot == kNoSnapshot ? Json(nullptr) : Json(snapshot);
}

Json ToJson(const Error& error) {
    Json json = {{"code", error.CodeText()}, {"message", error.Message()}, {"file", nullptr},
                 {"line", nullptr},          {"column", nullptr},          {"hint", TextOrNull(error.Hint())}};
    if (const auto& place = error.Where()) {
        json["file"] = TextOrNull(place->file);
        json["line"] = place->Line();
        json["column"] = place->Column();
    }
    return json;
}

Json ToJson(const std::vector<TableName>& names) {
    Json json = Json::array();
    for (const auto& name : names) {
        json.push_back(name.Text());
    }
    return json;
}

Json ToJson(const RefreshEntry& entry) {
    Json json = {{"table", entry.table.Text()},
                 {"action", TextOrNull(entry.action)},
                 {"strategy", TextOrNull(entry.strategy)},
                 {"reason", entry.reason},
                 {"rows_inserted", entry.rows_inserted},
                 {"rows_deleted", entry.rows_deleted},
                 {"duration_ms", entry.duration_ms},
                 {"snapshot", SnapshotOrNull(entry.snapshot)}};
    if (entry.error) {
        json["action"] = nullptr;
        json["error"] = ToJson(*entry.error);
    }
    return json;
}

Json ToJson(const std::vector<RefreshEntry>& entries) {
    Json json = Json::array();
    for (const auto& entry : entries) {
        json.push_back(ToJson(entry));
    }
    return json;
}

Json ToJson(const ColumnReport& column) {
    return {{"name", column.column.name},
            {"type", column.column.type},
            {"inexact", column.inexact},
            {"undetermined", column.undetermined}};
}

Json ToJson(const std::vector<ColumnReport>& columns) {
    Json json = Json::array();
    for (const auto& column : columns) {
        json.push_back(ToJson(column));
    }
    return json;
}

Json ToJson(const ColumnName& name) {
    return {{"table", name.table.Text()}, {"column", name.column}};
}

Json ToJson(const LineageNode& node) {
    Json json = ToJson(node.name);
    json["dynamic"] = node.dynamic;
    if (!node.dynamic) {
        return json;
    }
    if (node.repeated) {
        json["repeated"] = true;
        return json;
    }
    json["inputs"] = Json::array();
    for (const auto& input : node.inputs) {
        json["inputs"].push_back(ToJson(input));
    }
    json["decided_by"] = Json::array();
    for (const auto& name : node.decided_by) {
        json["decided_by"].push_back(ToJson(name));
    }
    json["unknown"] = TextOrNull(node.unknown);
    return json;
}

Json RowOf(const Table& table, size_t row) {
    Json json = Json::object();
    for (size_t i = 0; i < table.columns.size(); i++) {
        json[table.columns[i].name] = ToJson(table.rows[row][i]);
    }
    return json;
}

Json ToJson(const delta::OperatorReport& step) {
    Json json = {{"name", step.name}, {"strategy", step.strategy}, {"reason", step.reason}, {"depth", step.depth}};
    json["rule"] = TextOrNull(step.rule);
    json["rows"] = step.rows < 0 ? Json(nullptr) : Json(step.rows);
    json["rows_in"] = step.rows_in < 0 ? Json(nullptr) : Json(step.rows_in);
    json["rows_out"] = step.rows_out < 0 ? Json(nullptr) : Json(step.rows_out);
    return json;
}

Json ToJson(const DemoLine& line) {
    const RefreshEntry& entry = line.refresh;
    std::optional<Error> error = entry.error ? entry.error : line.verification.error;
    return {{"table", entry.table.Text()},
            {"action", TextOrNull(entry.action)},
            {"strategy", TextOrNull(entry.strategy)},
            {"reason", TextOrNull(entry.reason)},
            {"rows_inserted", entry.rows_inserted},
            {"rows_deleted", entry.rows_deleted},
            {"refresh_ms", entry.duration_ms},
            {"recompute_ms", line.recompute_ms ? Json(*line.recompute_ms) : Json(nullptr)},
            {"missing", line.verification.missing},
            {"extra", line.verification.extra},
            {"equal", line.Good()},
            {"error", error ? ToJson(*error) : Json(nullptr)}};
}

} // namespace

std::string StatementJson(size_t number, const StatementResult& result) {
    Json json = {{"statement", number}, {"ok", true}, {"columns", Json::array()}, {"rows", Json::array()}};
    for (const auto& column : result.columns) {
        json["columns"].push_back(column.name);
    }
    for (const auto& row : result.rows) {
        Json values = Json::array();
        for (const auto& value : row) {
            values.push_back(ToJson(value));
        }
        json["rows"].push_back(std::move(values));
    }
    if (!result.warnings.empty()) {
        json["warnings"] = result.warnings;
    }
    return Dump(json);
}

std::string StatementJson(size_t number, const Error& error) {
    return Dump({{"statement", number}, {"ok", false}, {"error", ToJson(error)}});
}

std::string ErrorJson(const Error& error) {
    Json json = {{"error", ToJson(error)}};
    const auto* several = dynamic_cast<const SeveralErrors*>(&error);
    if (several != nullptr && several->All().size() > 1) {
        for (const auto& each : several->All()) {
            json["errors"].push_back(ToJson(each));
        }
    }
    return Dump(json);
}

std::string RefreshJson(const std::vector<RefreshEntry>& entries) {
    return Dump(ToJson(entries));
}

std::string VerifyJson(const std::vector<VerifyEntry>& entries) {
    Json json = Json::array();
    for (const auto& entry : entries) {
        Json one = {{"table", entry.table.Text()},
                    {"missing", entry.missing},
                    {"extra", entry.extra},
                    {"snapshot", SnapshotOrNull(entry.snapshot)}};
        if (entry.error) {
            one["missing"] = one["extra"] = nullptr;
            one["error"] = ToJson(*entry.error);
        }
        json.push_back(std::move(one));
    }
    return Dump(json);
}

std::string ExplainJson(const ExplainReport& report) {
    Json json = {{"table", report.table.Text()}, {"mode", report.mode},     {"reason", report.reason},
                 {"operators", Json::array()},   {"costs", Json::object()}, {"sql", report.sql}};
    for (const auto& step : report.operators) {
        json["operators"].push_back(ToJson(step));
    }
    for (const auto& [way, milliseconds] : report.costs) {
        json["costs"][way] = milliseconds;
    }
    json["plan"] = TextOrNull(report.plan);
    json["advice"] = TextOrNull(report.advice);
    if (report.last_choice) {
        const auto& last = *report.last_choice;
        json["last_choice"] = {{"action", last.action},
                               {"candidates", Json::parse(last.candidates, nullptr, false)},
                               {"estimated_ms", last.estimated_ms},
                               {"measured_ms", last.measured_ms},
                               {"error", last.Error()}};
    }
    return Dump(json);
}

std::string CreateJson(const CreateReport& report) {
    return Dump({{"table", report.table.name.empty() ? Json(nullptr) : Json(report.table.Text())},
                 {"created", report.created},
                 {"mode", report.mode},
                 {"reason", report.mode_reason},
                 {"columns", ToJson(report.columns)},
                 {"refreshes", ToJson(report.refreshes)},
                 {"warnings", report.warnings}});
}

std::string DescribeJson(const TableReport& report, const Table& listed) {
    Json json = RowOf(listed, 0);
    json["table"] = report.entry.table.Text();
    json["mode_reason"] = report.mode_reason;
    json["definition"] = report.definition;
    json["search_path"] = report.search_path;
    json["columns"] = ToJson(report.columns);
    json["options"] = Json::object();
    for (const auto& option : report.options) {
        json["options"][option.name] = {
            {"value", TextOrNull(option.value)}, {"default", option.is_default}, {"effective", option.has_effect}};
    }
    json["inputs"] = ToJson(report.inputs);
    json["consumers"] = ToJson(report.consumers);
    json["snapshot"] = SnapshotOrNull(report.data_snapshot);
    json["row_count"] = report.row_count;
    json["warnings"] = report.warnings;
    return Dump(json);
}

std::string GraphJson(const GraphReport& graph) {
    Json json = {{"nodes", Json::array()}, {"edges", Json::array()}};
    for (const auto& node : graph.nodes) {
        json["nodes"].push_back({{"table", node.table.Text()},
                                 {"dynamic", node.dynamic},
                                 {"state", TextOrNull(node.state)},
                                 {"target_lag", TextOrNull(node.target_lag)},
                                 {"lag_seconds", node.lag_seconds ? Json(*node.lag_seconds) : Json(nullptr)}});
    }
    for (const auto& edge : graph.edges) {
        json["edges"].push_back({{"from", edge.from.Text()}, {"to", edge.to.Text()}});
    }
    return Dump(json);
}

std::string LineageJson(const LineageReport& report) {
    Json columns = Json::array();
    for (const auto& column : report.columns) {
        columns.push_back(ToJson(column));
    }
    return Dump({{"table", report.table.Text()}, {"columns", columns}});
}

std::string ApplyJson(const ProjectPlan& plan, const std::vector<StepOutcome>& outcomes) {
    constexpr const char* kStatus[] = {"DONE", "DONE BEFORE", "FAILED", "SKIPPED"};
    Json steps = Json::array();
    for (const auto& outcome : outcomes) {
        const PlanStep& step = plan.steps[outcome.step];
        Json json = {{"action", ActionText(step.action)},
                     {"kind", KindText(step.kind)},
                     {"table", step.name.Text()},
                     {"status", kStatus[static_cast<size_t>(outcome.status)]},
                     {"rows", outcome.rows},
                     {"duration_ms", outcome.duration_ms}};
        if (outcome.error) {
            json["error"] = ToJson(*outcome.error);
        }
        steps.push_back(json);
    }
    return Dump({{"steps", steps}});
}

std::string DiffJson(const DiffReport& report) {
    Json sample = Json::array();
    for (const auto& row : report.sample.rows) {
        Json object = Json::object();
        for (size_t i = 0; i < row.size(); i++) {
            object[report.sample.columns[i].name] = ToJson(row[i]);
        }
        sample.push_back(object);
    }
    return Dump({{"table", report.table.Text()},
                 {"added", report.added},
                 {"removed", report.removed},
                 {"changed", report.changed},
                 {"rows_before", report.rows_before},
                 {"rows_after", report.rows_after},
                 {"key", report.key},
                 {"columns_added", report.columns_added},
                 {"columns_removed", report.columns_removed},
                 {"basis", report.basis},
                 {"sample", sample}});
}

std::string DemoJson(const DemoReport& report) {
    Json rounds = Json::array();
    for (const auto& round : report.rounds) {
        Json tables = Json::array();
        for (const auto& line : round.lines) {
            tables.push_back(ToJson(line));
        }
        rounds.push_back(
            {{"round", round.number}, {"title", round.title}, {"change_ms", round.change_ms}, {"tables", tables}});
    }
    return Dump({{"notes", report.notes},
                 {"rounds", rounds},
                 {"peak_memory_mb", report.peak_memory_mb},
                 {"equal", report.Good()}});
}

std::string DoctorJson(const std::vector<DoctorCheck>& checks) {
    Json json = Json::array();
    for (const auto& check : checks) {
        json.push_back({{"check", check.name},
                        {"ok", check.good},
                        {"detail", check.detail},
                        {"hint", TextOrNull(check.good ? "" : check.hint)}});
    }
    return Dump(json);
}

std::string MaintainJson(const std::vector<MaintainEntry>& entries) {
    Table table = MaintainTable(entries);
    Json json = Json::array();
    for (size_t row = 0; row < entries.size(); row++) {
        Json one = RowOf(table, row);
        if (entries[row].error) {
            one["error"] = ToJson(*entries[row].error);
        }
        json.push_back(std::move(one));
    }
    return Dump(json);
}

std::string RowJson(const Table& table, size_t row) {
    return Dump(RowOf(table, row));
}

std::string RowsJson(const Table& table) {
    Json json = Json::array();
    for (size_t row = 0; row < table.rows.size(); row++) {
        json.push_back(RowOf(table, row));
    }
    return Dump(json);
}

std::string NamesJson(const std::string& key, const std::vector<TableName>& names) {
    return Dump({{key, ToJson(names)}});
}

std::string TextsJson(const std::vector<std::pair<std::string, std::string>>& texts) {
    Json json = Json::object();
    for (const auto& [key, text] : texts) {
        json[key] = text;
    }
    return Dump(json);
}

std::string ListsJson(const std::vector<std::pair<std::string, std::vector<std::string>>>& lists) {
    Json json = Json::object();
    for (const auto& [key, texts] : lists) {
        json[key] = texts;
    }
    return Dump(json);
}

} // namespace freshet
