#include "service/project_effects.hpp"

#include "base/caseless.hpp"
#include "refresh/settings.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

bool Reads(const std::set<TableName>& inputs, const std::optional<Definition>& definition, const PlanStep& step) {
    if (step.kind == ObjectKind::DynamicTable) {
        return inputs.count(step.name) > 0;
    }
    if (!definition) {
        return false;
    }
    std::string qualified = QuoteIfNeeded(kLake) + "." + step.name.Text();
    const auto& parts = definition->InlinedParts();
    return std::any_of(parts.begin(), parts.end(), [&](const Inlined& part) {
        return (part.kind == Inlined::Kind::View) == (step.kind == ObjectKind::View) && part.name == qualified;
    });
}

class EffectFinder {
public:
    EffectFinder(Session& session, const Dependencies& before, const std::set<TableName>& reshaped, ProjectPlan& plan)
        : session_(session), before_(before), reshaped_(reshaped), plan_(plan) {
        for (const auto& step : plan.steps) {
            if (step.kind == ObjectKind::DynamicTable && step.action != StepAction::Alter) { // of options alone
                with_step_.insert(step.name);
            }
        }
    }

    void Find() {
        auto order = before_.Order();
        for (auto& step : plan_.steps) {
            if (step.action == StepAction::Alter) {
                continue;
            }
            std::set<std::string> told;
            for (const auto& id : order) {
                const TableNode& node = before_.At(id);
                auto effect = HasStep(node.table.name) ? std::nullopt : EffectOn(node, step);
                if (effect) {
                    told.insert(id);
                    step.effects.push_back(*effect);
                }
            }
            TellFurther(told, step);
        }
    }

private:
    bool HasStep(const TableName& name) const { return with_step_.count(name) > 0; }

    /// What reads the tables that the step reaches.
    void TellFurther(std::set<std::string> told, PlanStep& step) const {
        for (const auto& id : std::set<std::string>(told)) {
            for (const auto& further : before_.Downstream(id)) {
                const TableName& name = before_.At(further).table.name;
                if (told.insert(further).second && !HasStep(name)) {
                    step.effects.push_back({name, "is refreshed by what changes", false});
                }
            }
        }
    }

    /// A new object can only be read by a definition that has its name somewhere.
    static bool MightRead(const TableNode& node, const PlanStep& step) {
        auto has = [&](const std::string& text) { return FindWord(text, step.name.name) != std::string_view::npos; };
        if (!node.definition) {
            return false;
        }
        const auto& parts = node.definition->InlinedParts();
        return has(node.definition->Text()) ||
               std::any_of(parts.begin(), parts.end(), [&](const Inlined& part) { return has(part.sql); });
    }

    std::optional<StepEffect> EffectOn(const TableNode& node, const PlanStep& step) {
        const DynamicTable& table = node.table;
        bool read = Reads(node.inputs, node.definition, step);
        if (!read && (step.action != StepAction::Create || !MightRead(node, step))) {
            return {};
        }
        try {
            Source source = DefinitionSource(table);
            ApplySettings(session_, table.settings);
            Definition definition = ParseDefinition(session_, {table.definition, 0}, table.search_path, source);
            BindDefinition(session_, definition, {table.definition, 0}, source);
            bool reads = Reads(definition.Tables(), definition, step);
            return step.action == StepAction::Create ? Shadowed(node, definition, reads && !read)
                   : reads || step.makes_room        ? std::optional(EffectOfChange(table, step))
                                                     : std::nullopt;
        } catch (const Error& error) {
            bool refused = step.action == StepAction::Drop && step.kind == ObjectKind::DynamicTable && !step.makes_room;
            return StepEffect{table.name,
                              refused ? "reads it, so that the drop will be refused" : "will fail: " + error.Message(),
                              true};
        }
    }

    static std::optional<StepEffect> Shadowed(const TableNode& node, const Definition& after, bool reads_now) {
        if (!reads_now) {
            return {};
        }
        std::string others;
        for (const auto& input : node.inputs) {
            if (after.Tables().count(input) == 0) {
                others += (others.empty() ? "" : ", ") + input.Text();
            }
        }
        return StepEffect{node.table.name,
                          "reads it" + (others.empty() ? "" : " in place of " + others) +
                              " from its next refresh on, and is refilled by difference",
                          false};
    }

    StepEffect EffectOfChange(const DynamicTable& table, const PlanStep& step) const {
        if (step.makes_room || step.kind != ObjectKind::DynamicTable) {
            return {table.name, fmt::format("is refilled by difference, since the {} changes", KindText(step.kind)),
                    false};
        }
        return reshaped_.count(step.name) > 0
                   ? StepEffect{table.name, "is refilled by difference, since the columns change", false}
                   : StepEffect{table.name, "is refreshed by what changes", false};
    }

    Session& session_;
    const Dependencies& before_;
    const std::set<TableName>& reshaped_;
    ProjectPlan& plan_;
    std::set<TableName> with_step_;
};

} // namespace

bool Reads(const TableNode& node, const PlanStep& step) {
    return Reads(node.inputs, node.definition, step);
}

void FindEffects(Session& session, const Dependencies& before, const std::set<TableName>& reshaped, ProjectPlan& plan) {
    EffectFinder(session, before, reshaped, plan).Find();
}

} // namespace freshet
