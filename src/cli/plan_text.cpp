#include "cli/plan_text.hpp"

#include "base/line_difference.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

std::string Sign(StepAction action) {
    switch (action) {
    case StepAction::Create:
        return "+";
    case StepAction::Drop:
        return "-";
    case StepAction::Refill:
    case StepAction::Replace:
        return "-/+";
    case StepAction::Alter:
        break;
    }
    return "~";
}

std::string Painted(const Style& style, StepAction action, const std::string& text) {
    return action == StepAction::Create ? style.Green(text)
           : action == StepAction::Drop ? style.Red(text)
                                        : style.Yellow(text);
}

std::string Bytes(int64_t bytes) {
    constexpr double kStep = 1024;
    double value = static_cast<double>(bytes);
    const char* unit = "B";
    for (const char* next : {"KiB", "MiB", "GiB", "TiB"}) {
        if (value < kStep) {
            break;
        }
        value /= kStep;
        unit = next;
    }
    return fmt::format("{:.{}f} {}", value, unit[0] == 'B' ? 0 : 1, unit);
}

std::string Names(const std::vector<TableName>& names) {
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ", ") + name.Text();
    }
    return text;
}

class PlanPrinter {
public:
    PlanPrinter(std::string& text, const Style& style) : text_(text), style_(style) {}

    void Print(const PlanStep& step) {
        std::string place = step.file.empty() ? "" : fmt::format("  ({}:{})", step.file, step.line);
        std::string title = fmt::format("{:>3} {}", Sign(step.action), StepTitle(step));
        text_ += Painted(style_, step.action, title) + style_.Dim(place) + "\n";
        Detail("reason: " + step.reason);
        if (!step.made_by.empty()) {
            Detail(style_.Yellow("takes over") + ": what was made " + step.made_by +
                   ", not by this project; --prune will never drop it");
        }
        if (!step.mode.empty()) {
            Detail(fmt::format("mode: {}{}", step.mode, step.mode_reason.empty() ? "" : ", " + step.mode_reason));
        }
        if (!step.reads.empty()) {
            std::string rows = fmt::format("about {} rows ({}) of ", step.rows_to_read, Bytes(step.bytes_to_read));
            Detail("work: reads " + (step.rows_to_read > 0 ? rows : "") + Names(step.reads));
        }
        for (const auto& change : step.changes) {
            Detail(fmt::format("{}: {} -> {}", change.name, Shown(change.before), Shown(change.after)));
        }
        for (const auto& effect : step.effects) {
            std::string text = fmt::format("then {} {}", effect.table.Text(), effect.what);
            Detail(effect.fails ? style_.Red(text) : text);
        }
        for (const auto& warning : step.warnings) {
            Detail(style_.Yellow("warning") + ": " + warning);
        }
        PrintTexts(step);
        text_ += "\n";
    }

private:
    void Detail(const std::string& text) { text_ += "      " + text + "\n"; }

    static std::string Shown(const std::string& value) { return value.empty() ? "(none)" : value; }

    /// The difference of what is there before and after; of a drop nothing, its text is no news.
    void PrintTexts(const PlanStep& step) {
        if (step.action == StepAction::Drop || step.text_before == step.text_after) {
            return;
        }
        for (const auto& line : CompareLines(step.text_before, step.text_after)) {
            std::string text = fmt::format("  {} {}", line.sign, line.text);
            Detail(line.sign == '+' ? style_.Green(text) : line.sign == '-' ? style_.Red(text) : text);
        }
    }

    std::string& text_;
    const Style& style_;
};

std::string Summary(const ProjectPlan& plan) {
    size_t counts[5] = {};
    for (const auto& step : plan.steps) {
        counts[static_cast<size_t>(step.action)]++;
    }
    auto of = [&](StepAction action) { return counts[static_cast<size_t>(action)]; };
    return fmt::format("Plan: {} to create, {} to alter, {} to refill, {} to replace, {} to drop; {} unchanged.",
                       of(StepAction::Create) + plan.schemas.size(), of(StepAction::Alter), of(StepAction::Refill),
                       of(StepAction::Replace), of(StepAction::Drop), plan.unchanged);
}

/// What the project made and no model makes any more.
std::string OrphansText(const ProjectPlan& plan) {
    if (plan.orphans.empty()) {
        return "";
    }
    std::string names;
    for (const auto& [kind, name] : plan.orphans) {
        names += fmt::format("{}{} {}", names.empty() ? "" : ", ", KindText(kind), name.Text());
    }
    return fmt::format("Without a model any more: {} (--prune drops what the project made).\n", names);
}

} // namespace

PlanRequest PlanOptions::Request(const Configuration& configuration) const {
    PlanRequest request;
    request.project = configuration.project;
    request.select = select;
    request.exclude = exclude;
    request.prune = prune;
    SetVariables(variables, request.project.variables);
    return request;
}

void SetVariables(const std::vector<std::string>& given, Variables& variables) {
    for (const auto& variable : given) {
        size_t equals = variable.find('=');
        if (equals == std::string::npos || equals == 0) {
            throw Error(Code::Usage, "--var takes NAME=VALUE", "for example --var currency=EUR");
        }
        variables[variable.substr(0, equals)] = variable.substr(equals + 1);
    }
}

void DeclarePlanOptions(Arguments& arguments, PlanOptions& options) {
    arguments.Each("-s,--select", options.select, "models: name, glob, tag:x, path:models/x, state:modified; +x, x+");
    arguments.Each("--exclude", options.exclude, "models that are left out, in the same words");
    arguments.Each("--var", options.variables, "NAME=VALUE: a value of ${NAME} in models");
    arguments.Flag("--prune", options.prune, "drop what the project made and no model makes any more");
}

std::string StepTitle(const PlanStep& step) {
    return ActionText(step.action) + " " + step.Title();
}

std::string PlanText(const ProjectPlan& plan, const Style& style) {
    if (plan.Empty()) {
        return fmt::format("No changes: what exists is as the models have it ({} unchanged).\n", plan.unchanged) +
               OrphansText(plan);
    }
    std::string text;
    for (const auto& schema : plan.schemas) {
        text += style.Green("  + create schema " + QuoteIfNeeded(schema)) + "\n\n";
    }
    PlanPrinter printer(text, style);
    for (const auto& step : plan.steps) {
        printer.Print(step);
    }
    return text + style.Bold(Summary(plan)) + "\n" + OrphansText(plan);
}

} // namespace freshet
