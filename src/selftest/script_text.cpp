#include "selftest/marked_text.hpp"
#include "selftest/selftest.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <regex>

namespace freshet::selftest {

namespace {

/// One statement, or several as a transaction.
std::string Statements(const std::vector<std::string>& statements) {
    std::string text;
    for (const auto& statement : statements) {
        text += marked::Plain(statement) + ";\n";
    }
    return statements.size() > 1 ? "BEGIN;\n" + text + "COMMIT;\n" : text;
}

/// The step as it ran, without tables that could not be created, but with the one whose creation is the failure.
Step AsItRan(Step step, const CaseOutcome& outcome) {
    auto skipped = [&](const std::string& name) {
        auto table = outcome.tables.find(name);
        bool failed = outcome.failure && outcome.failure->table == name;
        return table != outcome.tables.end() && !table->second.created && !failed;
    };
    std::erase_if(step.refreshed, skipped);
    if (step.definition && skipped(step.definition->name)) {
        step.definition.reset();
    }
    return step;
}

std::string StepText(const Step& given, const CaseOutcome& outcome) {
    if (given.kind == StepKind::Reopen) {
        return "-- by another process:\n";
    }
    Step step = AsItRan(given, outcome);
    if (!step.definition && step.refreshed.empty() && step.statements.empty()) {
        return "";
    }
    if (!step.definition) {
        return step.kind == StepKind::Refresh ? RefreshStatement(step) + ";\n" : Statements(step.statements);
    }
    auto table = outcome.tables.find(step.definition->name);
    bool refused = table != outcome.tables.end() && !table->second.refusal.empty();
    return CreateStatement(*step.definition, refused ? "AUTO" : step.definition->mode) + ";\n";
}

const Definition* FindDefinition(const Script& script, const std::string& name) {
    for (const auto& step : script.steps) {
        if (step.definition && step.definition->name == name) {
            return &*step.definition;
        }
    }
    return nullptr;
}

/// The engine's messages have several lines.
std::string Comment(const std::string& text) {
    return "-- " + std::regex_replace(text, std::regex("\n+"), "\n-- ") + "\n";
}

} // namespace

std::string ScriptText(const Script& script, const std::string& repeat) {
    std::string text = Comment(repeat);
    for (const auto& step : script.steps) {
        text += StepText(step, {});
    }
    return text;
}

std::string ScriptText(const Shrunk& shrunk, const std::string& repeat) {
    const Failure& failure = *shrunk.outcome.failure;
    std::string text = Comment(repeat) + Comment(failure.table + ": " + failure.problem);
    auto table = shrunk.outcome.tables.find(failure.table);
    if (table != shrunk.outcome.tables.end() && !table->second.last_refresh.empty()) {
        text += Comment("its last refresh: " + table->second.last_refresh);
    }
    text += "-- In an empty project: freshet sql --keep-going -f FILE\n";
    for (const auto& step : shrunk.script.steps) {
        text += StepText(step, shrunk.outcome);
    }
    const Definition* definition = FindDefinition(shrunk.script, failure.table);
    bool moves = definition != nullptr && definition->query.find(marked::kNow) != std::string::npos;
    if (definition != nullptr && failure.kind == "difference" && !moves) {
        std::string query = marked::Plain(definition->query);
        text +=
            fmt::format("-- Neither may give a row: what is missing, what is too many.\n{2};\nFROM ({0}) EXCEPT ALL "
                        "FROM {1};\nFROM {1} EXCEPT ALL FROM ({0});\n",
                        query, definition->name, fmt::join(kAsDefined, ";\n"));
    }
    if (definition != nullptr && (failure.kind == "difference" || failure.kind == "verify")) {
        text += fmt::format("VERIFY DYNAMIC TABLE {};\n", definition->name);
    }
    return text;
}

} // namespace freshet::selftest
