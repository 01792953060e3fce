#include "service/project_plan.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

using Json = nlohmann::ordered_json;

constexpr StepAction kActions[] = {StepAction::Create, StepAction::Alter, StepAction::Refill, StepAction::Replace,
                                   StepAction::Drop};
constexpr ObjectKind kKinds[] = {ObjectKind::DynamicTable, ObjectKind::View, ObjectKind::Macro};

template <class Enum, size_t N>
Enum FromText(const Enum (&values)[N], std::string (*text_of)(Enum), const std::string& text) {
    for (Enum value : values) {
        if (text_of(value) == text) {
            return value;
        }
    }
    throw Error(Code::StalePlan, fmt::format("the plan file says \"{}\", which means nothing", text));
}

Json NameJson(const TableName& name) {
    return {{"schema", name.schema}, {"name", name.name}};
}

Json NamesJson(const std::vector<TableName>& names) {
    Json json = Json::array();
    for (const auto& name : names) {
        json.push_back(NameJson(name));
    }
    return json;
}

TableName NameFrom(const Json& json) {
    return {json.at("schema"), json.at("name")};
}

Json ObjectsJson(const std::vector<std::pair<ObjectKind, TableName>>& objects) {
    Json json = Json::array();
    for (const auto& [kind, name] : objects) {
        Json object = {{"kind", KindText(kind)}};
        object.update(NameJson(name));
        json.push_back(std::move(object));
    }
    return json;
}

std::vector<TableName> EffectTables(const PlanStep& step) {
    std::vector<TableName> tables;
    for (const auto& effect : step.effects) {
        tables.push_back(effect.table);
    }
    return tables;
}

std::vector<TableName> NamesFrom(const Json& json) {
    std::vector<TableName> names;
    for (const auto& name : json) {
        names.push_back(NameFrom(name));
    }
    return names;
}

Json StepJson(const PlanStep& step) {
    Json json = {{"action", ActionText(step.action)}, {"kind", KindText(step.kind)}};
    json.update(NameJson(step.name));
    json.update(Json{{"reason", step.reason}, {"made_by", step.made_by}, {"file", step.file}, {"line", step.line}});
    if (step.kind == ObjectKind::DynamicTable && step.action != StepAction::Drop) {
        json["mode"] = step.mode;
        json["mode_reason"] = step.mode_reason;
    }
    json["changes"] = Json::array();
    for (const auto& change : step.changes) {
        json["changes"].push_back({{"option", change.name}, {"before", change.before}, {"after", change.after}});
    }
    json["before"] = step.text_before;
    json["after"] = step.text_after;
    json["effects"] = Json::array();
    for (const auto& effect : step.effects) {
        json["effects"].push_back({{"table", effect.table.Text()}, {"effect", effect.what}, {"fails", effect.fails}});
    }
    json["warnings"] = step.warnings;
    json["reads"] = Json::array();
    for (const auto& name : step.reads) {
        json["reads"].push_back(name.Text());
    }
    json["rows_to_read"] = step.rows_to_read;
    json["bytes_to_read"] = step.bytes_to_read;
    json["apply"] = {{"column_names", step.column_names},
                     {"options", Json::parse(step.options.ToText())},
                     {"search_path", step.search_path},
                     {"found", step.found},
                     {"makes_room", step.makes_room},
                     {"needs", step.needs},
                     {"text_line", step.text_line},
                     {"text_column", step.text_column},
                     {"refresh_first", NamesJson(step.refresh_first)},
                     {"reads", NamesJson(step.reads)},
                     {"effects", NamesJson(EffectTables(step))}};
    return json;
}

PlanStep StepFrom(const Json& json) {
    PlanStep step;
    step.action = FromText(kActions, ActionText, json.at("action"));
    step.kind = FromText(kKinds, KindText, json.at("kind"));
    step.name = NameFrom(json);
    step.reason = json.at("reason");
    step.made_by = json.value("made_by", "");
    step.file = json.at("file");
    step.line = json.at("line");
    step.mode = json.value("mode", "");
    step.mode_reason = json.value("mode_reason", "");
    for (const auto& change : json.at("changes")) {
        step.changes.push_back({change.at("option"), change.at("before"), change.at("after")});
    }
    step.text_before = json.at("before");
    step.text_after = json.at("after");
    json.at("warnings").get_to(step.warnings);
    json.at("rows_to_read").get_to(step.rows_to_read);
    json.at("bytes_to_read").get_to(step.bytes_to_read);
    const Json& apply = json.at("apply");
    apply.at("column_names").get_to(step.column_names);
    step.options = TableOptions::FromText(apply.at("options").dump());
    step.search_path = apply.at("search_path");
    step.found = apply.at("found");
    step.makes_room = apply.value("makes_room", false);
    apply.at("needs").get_to(step.needs);
    step.text_line = std::max<int64_t>(1, apply.value("text_line", int64_t{1}));
    step.text_column = std::max<int64_t>(1, apply.value("text_column", int64_t{1}));
    step.refresh_first = NamesFrom(apply.value("refresh_first", Json::array()));
    step.reads = NamesFrom(apply.value("reads", Json::array()));
    for (const auto& table : NamesFrom(apply.value("effects", Json::array()))) {
        const Json& effect = json.at("effects").at(step.effects.size());
        step.effects.push_back({table, effect.at("effect"), effect.at("fails")});
    }
    return step;
}

ProjectPlan PlanFrom(const Json& json) {
    ProjectPlan plan;
    plan.project = json.at("project");
    json.at("schemas").get_to(plan.schemas);
    plan.unchanged = json.at("unchanged");
    for (const auto& step : json.at("steps")) {
        plan.steps.push_back(StepFrom(step));
        for (size_t need : plan.steps.back().needs) {
            if (need + 1 >= plan.steps.size()) {
                throw Error(Code::StalePlan, "the plan file has a step that needs a later one");
            }
        }
    }
    for (const auto& object : json.at("objects")) {
        plan.objects.push_back({FromText(kKinds, KindText, object.at("kind")), NameFrom(object)});
    }
    return plan;
}

} // namespace

std::string ActionText(StepAction action) {
    switch (action) {
    case StepAction::Create:
        return "create";
    case StepAction::Alter:
        return "alter";
    case StepAction::Refill:
        return "refill";
    case StepAction::Replace:
        return "replace";
    case StepAction::Drop:
        break;
    }
    return "drop";
}

std::string WritePlan(const ProjectPlan& plan) {
    Json json = {{"format_version", kProjectFormat},
                 {"project", plan.project},
                 {"schemas", plan.schemas},
                 {"steps", Json::array()},
                 {"unchanged", plan.unchanged}};
    for (const auto& step : plan.steps) {
        json["steps"].push_back(StepJson(step));
    }
    json["objects"] = ObjectsJson(plan.objects);
    json["orphans"] = ObjectsJson(plan.orphans);
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

ProjectPlan ReadPlan(const std::string& text, const std::string& file) {
    try {
        Json json = Json::parse(text);
        int64_t format = json.at("format_version");
        if (format > kProjectFormat) {
            throw Error(
                Code::NewerProject,
                fmt::format("{} is a plan of format {}, and this Freshet knows {}", file, format, kProjectFormat),
                "use the version that wrote it, or make the plan again");
        }
        return PlanFrom(json);
    } catch (const Json::exception& problem) {
        std::string what = problem.what(); // "[json.exception...] key 'steps' not found"
        throw Error(Code::StalePlan, fmt::format("{} is not a plan: {}", file, what.substr(what.find(']') + 2)),
                    "make one: freshet plan --out FILE");
    }
}

} // namespace freshet
