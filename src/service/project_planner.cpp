#include "service/project_planner.hpp"

#include "bind/resolve.hpp"
#include "project/model_graph.hpp"
#include "refresh/inputs.hpp"
#include "refresh/lake_state.hpp"
#include "service/definition_difference.hpp"
#include "service/project_cycles.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

namespace freshet {

namespace {

bool SameWord(const std::string& a, const std::string& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

std::string SignatureOf(const std::vector<Column>& columns) {
    std::string text;
    for (const auto& column : columns) {
        text += (text.empty() ? "" : ", ") + QuoteIfNeeded(column.name) + " " + column.type;
    }
    return text;
}

std::string DefinitionsOf(const std::vector<Column>& columns) {
    std::string text;
    for (const auto& column : columns) {
        text += (text.empty() ? "" : ", ") + QuoteIdentifier(column.name) + " " + column.type;
    }
    return text;
}

class Planner {
public:
    Planner(Operations& operations, const PlanRequest& request)
        : request_(request), session_(operations.OpenUserSession()), models_(ReadModels(request.project)),
          graph_(models_), own_path_(CurrentSearchPath(*session_)) {}

    ProjectPlan Plan() {
        Transaction scratch(*session_); // never committed
        now_ = CurrentSnapshot(*session_);
        registry_ = ReadRegistry(*session_);
        schemas_ = ListSchemas(*session_, now_);
        objects_ = ReadProjectObjects(*session_, request_.project.name);
        for (auto& model : models_) {
            UseStoredNames(model);
        }
        FindStates();
        auto selected =
            SelectModels(models_, graph_, request_.select, request_.exclude, [&](size_t i) { return states_[i]; });
        plan_.project = request_.project.name;
        if (AnythingExistingChanges(selected)) {
            before_ = Dependencies::OfAll(*session_, registry_);
        }
        for (size_t i : graph_.Order()) {
            if (selected.count(i) > 0) {
                PlanModel(i);
            }
        }
        for (size_t i : selected) {
            plan_.objects.push_back({models_[i].kind, models_[i].name});
        }
        CheckCycles();
        PlanDrops();
        FindEffects();
        return std::move(plan_);
    }

private:
    // ---- what there is ----

    /// The case of what exists already is kept: names are the same in any case.
    void UseStoredNames(Model& model) {
        for (const auto& schema : schemas_) {
            model.name.schema = SameWord(model.name.schema, schema) ? schema : model.name.schema;
            for (auto& name : model.schemas) {
                name = SameWord(name, schema) ? schema : name;
            }
        }
        for (const auto& table : registry_.Tables()) {
            if (model.kind == ObjectKind::DynamicTable && table.name.schema == model.name.schema &&
                SameWord(table.name.name, model.name.name)) {
                model.name = table.name;
            }
        }
    }

    NewDefinition DefinitionOfModel(const Model& model) const {
        NewDefinition definition;
        definition.name = model.name;
        definition.name_place = model.GetSource().At(model.body.offset);
        for (const auto& column : model.columns) {
            definition.column_names.push_back(column.name);
        }
        definition.options = model.options;
        definition.query = model.body;
        definition.search_path = PathOf(model);
        return definition;
    }

    std::string PathOf(const Model& model) const {
        return model.schemas.size() == 1 ? own_path_ : SearchPathOf(model.schemas);
    }

    /// A view or macro is made in the first schema of the path.
    static std::string PathToMake(const Model& model) {
        std::vector<std::string> schemas = {model.name.schema};
        std::copy_if(model.schemas.begin(), model.schemas.end(), std::back_inserter(schemas),
                     [&](const std::string& schema) { return schema != model.name.schema; });
        return SearchPathOf(schemas);
    }

    bool SchemaExists(const std::string& schema) const {
        return std::find(schemas_.begin(), schemas_.end(), schema) != schemas_.end();
    }

    std::string Stored(const Model& model) {
        auto text = SchemaExists(model.name.schema) ? StoredObject(*session_, model.kind, model.name) : std::nullopt;
        return text ? CanonicalText(*text) : "";
    }

    void FindStates() {
        states_.assign(models_.size(), ModelState::Unchanged);
        stored_.resize(models_.size());
        for (size_t i = 0; i < models_.size(); i++) {
            const Model& model = models_[i];
            if (model.kind == ObjectKind::DynamicTable) {
                const DynamicTable* existing = registry_.Find(model.name);
                bool differs = existing != nullptr && Compare(*existing, DefinitionOfModel(model)).Any();
                states_[i] = existing == nullptr ? ModelState::New
                             : differs           ? ModelState::Modified
                                                 : ModelState::Unchanged;
            } else {
                stored_[i] = Stored(model);
                bool same = stored_[i] == CanonicalText(model.body.text);
                states_[i] = stored_[i].empty() ? ModelState::New : same ? ModelState::Unchanged : ModelState::Modified;
            }
        }
    }

    bool AnythingExistingChanges(const std::set<size_t>& selected) const {
        return request_.prune || std::any_of(selected.begin(), selected.end(),
                                             [&](size_t i) { return states_[i] == ModelState::Modified; });
    }

    // ---- one model ----

    void PlanModel(size_t i) {
        const Model& model = models_[i];
        if (states_[i] == ModelState::Unchanged) {
            plan_.unchanged++;
            return;
        }
        MakeSchema(model.name.schema);
        PlanStep step;
        step.kind = model.kind;
        step.name = model.name;
        step.file = model.place.file;
        step.line = static_cast<int64_t>(model.place.Line());
        step.search_path = model.kind == ObjectKind::DynamicTable ? PathOf(model) : PathToMake(model);
        step.text_after = model.body.text;
        step.needs = NeedsOf(i);
        try {
            model.kind == ObjectKind::DynamicTable ? PlanTable(i, step) : PlanObject(i, step);
        } catch (const Error& error) {
            Error placed = model.text->InFile(error);
            throw placed.Where() ? placed : placed.At(model.place);
        }
        steps_of_[i] = plan_.steps.size();
        plan_.steps.push_back(std::move(step));
    }

    std::vector<size_t> NeedsOf(size_t i) const {
        std::vector<size_t> needs;
        for (size_t parent : graph_.Parents(i)) {
            if (auto step = steps_of_.find(parent); step != steps_of_.end()) {
                needs.push_back(step->second);
            }
        }
        return needs;
    }

    void MakeSchema(const std::string& schema) {
        if (!SchemaExists(schema)) {
            session_->Query(fmt::format("CREATE SCHEMA {}.{}", QuoteIdentifier(kLake), QuoteIdentifier(schema)));
            schemas_.push_back(schema);
            plan_.schemas.push_back(schema);
        }
    }

    void PlanObject(size_t i, PlanStep& step) {
        bool is_new = states_[i] == ModelState::New;
        step.action = is_new ? StepAction::Create : StepAction::Replace;
        step.reason = is_new ? "does not exist" : "its text changed";
        step.found = stored_[i];
        step.text_before = stored_[i];
        step.text_after = CanonicalText(models_[i].body.text);
        try {
            QueryAlong(*session_, step.search_path, ReplacingText(step.text_after));
        } catch (const EngineError& error) {
            throw TranslateBindError(error, models_[i].body, models_[i].GetSource());
        }
    }

    void PlanTable(size_t i, PlanStep& step) {
        const Model& model = models_[i];
        NewDefinition definition = DefinitionOfModel(model);
        const DynamicTable* existing = registry_.Find(model.name);
        DynamicTable table = existing != nullptr ? *existing : DynamicTable{};
        std::vector<Column> before = existing != nullptr ? ColumnsOf(existing->name) : std::vector<Column>{};
        table.name = model.name;
        table.definition = definition.query.text;
        table.column_names = definition.column_names;
        table.search_path = definition.search_path;
        table.settings.clear();
        table.options = KeptOptions(definition);
        step.options = definition.options;
        step.column_names = definition.column_names;
        if (existing == nullptr) {
            CheckNotInTheWay(*session_, definition);
            step.reason = "does not exist";
        }
        CheckedQuery checked = CheckQueryAlone(*session_, table, definition.query, model.GetSource());
        step.mode = checked.analysis.mode;
        step.mode_reason = checked.analysis.mode_reason;
        step.warnings = checked.analysis.warnings;
        if (existing != nullptr) {
            step.found = FoundText(*existing);
            step.text_before = existing->definition;
            DescribeChange(*existing, definition, checked, before, step);
        }
        if (step.action == StepAction::Create || step.action == StepAction::Refill) {
            EstimateWork(checked.definition, step);
        }
        reads_[model.name] = ReadsOf(model, checked.definition.Tables());
        MakeTable(step, existing, before, checked.analysis.columns);
    }

    static PlannedReads ReadsOf(const Model& model, const std::set<TableName>& inputs) {
        PlannedReads reads{inputs, {}};
        for (const auto& input : inputs) {
            auto named = std::find_if(model.references.begin(), model.references.end(),
                                      [&](const Reference& reference) { return SameWord(reference.name, input.name); });
            bool direct = named != model.references.end(); // else a view stands between
            reads.places.emplace(input, direct ? model.InFile(named->offset, named->length) : model.place);
        }
        return reads;
    }

    void CheckCycles() {
        for (const auto& id : before_.Order()) {
            const TableNode& node = before_.At(id);
            auto model = std::find_if(models_.begin(), models_.end(), [&](const Model& each) {
                return each.kind == ObjectKind::DynamicTable && each.name == node.table.name;
            });
            reads_.try_emplace(node.table.name,
                               model == models_.end() ? PlannedReads{node.inputs, {}} : ReadsOf(*model, node.inputs));
        }
        CheckNoCycle(reads_);
    }

    std::vector<Column> ColumnsOf(const TableName& name) {
        return FindTable(*session_, name, now_) ? ResultColumns(*session_, "SELECT * FROM " + name.Sql())
                                                : std::vector<Column>{};
    }

    void DescribeChange(const DynamicTable& existing, const NewDefinition& wanted, const CheckedQuery& checked,
                        const std::vector<Column>& before, PlanStep& step) {
        DefinitionDifference difference = Compare(existing, wanted);
        auto old_options = existing.options.Show(), new_options = KeptOptions(wanted).Show();
        for (size_t k = 0; k < old_options.size(); k++) {
            if (old_options[k].value != new_options[k].value) {
                step.changes.push_back({old_options[k].name, old_options[k].value, new_options[k].value});
            }
        }
        bool reshaped = before != checked.analysis.columns;
        bool same_meaning = !reshaped && MeaningFingerprint(*session_, checked.definition) ==
                                             ReadFrontier(*session_, existing.id).fingerprint;
        step.action = difference.Content() && !same_meaning ? StepAction::Refill : StepAction::Alter;
        if (!difference.Content()) {
            step.reason = "its options changed";
        } else if (same_meaning) {
            step.reason = "its text changed, and means the same";
        } else if (reshaped) {
            step.reason = fmt::format("its columns change from ({}) to ({})", SignatureOf(before),
                                      SignatureOf(checked.analysis.columns));
            reshaped_.insert(existing.name);
        } else {
            step.reason =
                difference.query ? "its query changed" : "it is read in other schemas, or under other settings";
        }
    }

    void EstimateWork(const Definition& definition, PlanStep& step) {
        for (const auto& name : definition.Tables()) {
            step.reads.push_back(name);
            if (auto info = FindTable(*session_, name, now_)) {
                auto known = statistics_.find(info->id);
                if (known == statistics_.end()) {
                    known = statistics_.emplace(info->id, Statistics(*session_, info->id)).first;
                }
                step.rows_to_read += known->second.rows;
                step.bytes_to_read += known->second.bytes;
            }
        }
    }

    /// In the scratch transaction, for the models that read it.
    void MakeTable(const PlanStep& step, const DynamicTable* existing, const std::vector<Column>& before,
                   const std::vector<Column>& after) {
        if (existing != nullptr && before == after) {
            return;
        }
        if (existing != nullptr || step.options.Adopt()) {
            session_->Query("DROP TABLE IF EXISTS " + step.name.Sql());
        }
        session_->Query(fmt::format("CREATE TABLE {} ({})", step.name.Sql(), DefinitionsOf(after)));
    }

    // ---- drops ----

    /// Of what no model makes any more; without --prune it is only mentioned.
    void PlanDrops() {
        std::vector<PlanStep> tables, others;
        for (const auto& [kind, name] : objects_) {
            bool wanted = std::any_of(models_.begin(), models_.end(), [&, k = kind, n = name](const Model& model) {
                return model.kind == k && model.name == n;
            });
            if (wanted) {
                continue;
            }
            PlanStep step;
            step.kind = kind;
            step.name = name;
            step.action = StepAction::Drop;
            step.reason = "no model makes it any more";
            if (kind == ObjectKind::DynamicTable) {
                const DynamicTable* existing = registry_.Find(name);
                step.found = existing != nullptr ? FoundText(*existing) : "";
                step.text_before = existing != nullptr ? existing->definition : "";
            } else if (SchemaExists(name.schema)) {
                auto text = StoredObject(*session_, kind, name);
                step.found = step.text_before = text ? CanonicalText(*text) : "";
            }
            if (!step.found.empty() && !request_.prune) {
                plan_.orphans.push_back({kind, name});
            } else if (!step.found.empty()) {
                (kind == ObjectKind::DynamicTable ? tables : others).push_back(std::move(step));
            }
        }
        OrderDrops(tables);
        tables.insert(tables.end(), others.begin(), others.end());
        for (auto& step : tables) {
            for (size_t k = 0; k < plan_.steps.size(); k++) {
                step.needs.push_back(k); // what no longer reads it comes first
            }
            plan_.steps.push_back(std::move(step));
        }
    }

    /// Consumers first.
    void OrderDrops(std::vector<PlanStep>& tables) const {
        std::map<TableName, size_t> place;
        auto order = before_.Order();
        for (size_t k = 0; k < order.size(); k++) {
            place[before_.At(order[k]).table.name] = order.size() - k;
        }
        std::sort(tables.begin(), tables.end(),
                  [&](const PlanStep& a, const PlanStep& b) { return place[a.name] < place[b.name]; });
    }

    // ---- effects ----

    const PlanStep* StepOf(const TableName& name) const {
        for (const auto& step : plan_.steps) {
            if (step.kind == ObjectKind::DynamicTable && step.name == name) {
                return &step;
            }
        }
        return nullptr;
    }

    void FindEffects() {
        for (auto& step : plan_.steps) {
            if (step.action == StepAction::Create || step.action == StepAction::Alter) {
                continue;
            }
            std::set<std::string> direct;
            for (const auto& id : before_.Order()) {
                if (Reads(before_.At(id), step) && StepOf(before_.At(id).table.name) == nullptr) {
                    direct.insert(id);
                    step.effects.push_back(EffectOn(before_.At(id), step));
                }
            }
            for (const auto& id : std::set<std::string>(direct)) {
                for (const auto& further : before_.Downstream(id)) {
                    bool told = !direct.insert(further).second;
                    if (!told && StepOf(before_.At(further).table.name) == nullptr) {
                        step.effects.push_back({before_.At(further).table.name, "is refreshed by what changes", false});
                    }
                }
            }
        }
    }

    static bool Reads(const TableNode& node, const PlanStep& step) {
        if (step.kind == ObjectKind::DynamicTable) {
            return node.inputs.count(step.name) > 0;
        }
        if (!node.definition) {
            return false;
        }
        std::string qualified = QuoteIfNeeded(kLake) + "." + step.name.Text();
        const auto& parts = node.definition->InlinedParts();
        return std::any_of(parts.begin(), parts.end(), [&](const Inlined& part) {
            return (part.kind == Inlined::Kind::View) == (step.kind == ObjectKind::View) && part.name == qualified;
        });
    }

    StepEffect EffectOn(const TableNode& node, const PlanStep& step) {
        const DynamicTable& table = node.table;
        if (step.action == StepAction::Drop) {
            return {table.name, "reads it, so that the drop will be refused", true};
        }
        try {
            Source source = DefinitionSource(table);
            Definition definition = ParseDefinition(*session_, {table.definition, 0}, table.search_path, source);
            BindDefinition(*session_, definition, {table.definition, 0}, source);
        } catch (const Error& error) {
            return {table.name, "will fail: " + error.Message(), true};
        }
        if (step.kind != ObjectKind::DynamicTable) {
            return {table.name, fmt::format("is refilled by difference, since the {} changes", KindText(step.kind)),
                    false};
        }
        return reshaped_.count(step.name) > 0
                   ? StepEffect{table.name, "is refilled by difference, since the columns change", false}
                   : StepEffect{table.name, "is refreshed by what changes", false};
    }

    const PlanRequest& request_;
    std::shared_ptr<Session> session_;
    std::vector<Model> models_;
    ModelGraph graph_;
    std::string own_path_;
    Snapshot now_ = kNoSnapshot;
    Registry registry_;
    std::vector<std::string> schemas_; ///< that exist, or are made in the scratch transaction
    std::vector<ProjectObject> objects_;
    std::vector<ModelState> states_;
    std::vector<std::string> stored_; ///< canonical text of views and macros, by model
    Dependencies before_;             ///< of what exists, before anything is changed
    std::map<size_t, size_t> steps_of_;
    std::set<TableName> reshaped_;
    std::map<int64_t, TableStatistics> statistics_; ///< of tables that models read, by table id
    std::map<TableName, PlannedReads> reads_; ///< of planned tables, then of all that exist where any of them changes
    ProjectPlan plan_;
};

} // namespace

std::string FoundText(const DynamicTable& table) {
    return fmt::format("{} {}", table.id, table.definition_version);
}

ProjectPlan PlanProject(Operations& operations, const PlanRequest& request) {
    return Planner(operations, request).Plan();
}

} // namespace freshet
