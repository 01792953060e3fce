#include "service/project_planner.hpp"

#include "base/caseless.hpp"
#include "bind/resolve.hpp"
#include "project/model_graph.hpp"
#include "refresh/inputs.hpp"
#include "refresh/lake_state.hpp"
#include "service/definition_difference.hpp"
#include "service/project_cycles.hpp"
#include "service/project_effects.hpp"
#include "service/project_lags.hpp"
#include "service/project_order.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>
#include <set>

namespace freshet {

namespace {

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

/// Does the message hold the name, not as a part of a longer one?
bool Says(const std::string& message, const std::string& name) {
    std::string text = Lower(message), word = Lower(name);
    auto continues = [&](size_t at) {
        return at < text.size() && (std::isalnum(static_cast<unsigned char>(text[at])) != 0 || text[at] == '_');
    };
    for (size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        if ((at == 0 || !continues(at - 1)) && !continues(at + word.size())) {
            return true;
        }
    }
    return false;
}

class Planner {
public:
    Planner(Operations& operations, const PlanRequest& request)
        : request_(request), session_(operations.OpenUserSession()), models_(ReadModels(request.project)),
          graph_(models_), own_path_(CurrentSearchPath(*session_)) {}

    ProjectPlan Plan() {
        Transaction scratch(*session_); // never committed
        ReadWhatThereIs();
        FindStates();
        order_.emplace(*session_, models_, graph_, registry_, schemas_);
        selected_ =
            SelectModels(models_, graph_, request_.select, request_.exclude, [&](size_t i) { return states_[i]; });
        plan_.project = request_.project.name;
        if (AnythingChanges()) {
            before_ = Dependencies::OfAll(*session_, registry_);
        }
        FindBrokenBefore();
        FindDrops();
        PlanModels();
        CheckCycles();
        AddDrops();
        WarnOfTablesWithoutReaders(reads_, registry_, plan_);
        FindEffects(*session_, before_, reshaped_, plan_);
        NoteObjects();
        return std::move(plan_);
    }

private:
    // ---- what there is ----

    void ReadWhatThereIs() {
        now_ = CurrentSnapshot(*session_);
        registry_ = ReadRegistry(*session_);
        schemas_ = ListSchemas(*session_, now_);
        objects_ = ReadProjectObjects(*session_, request_.project.name);
        owners_ = ReadOtherOwners(*session_, request_.project.name);
        for (auto& model : models_) {
            UseStoredNames(model);
        }
    }

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
        definition.name_place = model.place;
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

    bool Changes(size_t i) const { return selected_.count(i) > 0 && states_[i] != ModelState::Unchanged; }

    bool AnythingChanges() const {
        return request_.prune || std::any_of(selected_.begin(), selected_.end(), [&](size_t i) { return Changes(i); });
    }

    /// Models that nobody selected and that failed already are not what this plan is about.
    void FindBrokenBefore() {
        std::set<size_t> changing;
        std::copy_if(selected_.begin(), selected_.end(), std::inserter(changing, changing.end()),
                     [&](size_t i) { return Changes(i); });
        for (size_t i : order_->Downstream(changing)) {
            if (selected_.count(i) == 0 && states_[i] == ModelState::Unchanged) {
                try {
                    BindUnchanged(i);
                } catch (const Error&) {
                    broken_before_.insert(i);
                }
            }
        }
    }

    // ---- all models ----

    /// Parents first; what reads a model that is wrong is left out, so that each error is told once.
    void PlanModels() {
        std::vector<Error> errors;
        for (size_t i : order_->Order()) {
            if (ReadsAny(i, wrong_)) {
                wrong_.insert(i);
                continue;
            }
            try {
                VisitModel(i);
            } catch (const EngineError& error) { // the lake, not the model
                throw Placed(i, error);
            } catch (const Error& error) {
                wrong_.insert(i);
                errors.push_back(Placed(i, WithWayOut(i, error)));
            }
        }
        if (!errors.empty()) {
            throw SeveralErrors(std::move(errors));
        }
    }

    Error Placed(size_t i, const Error& error) const {
        Error placed = error;
        return placed.Where() ? placed : placed.At(models_[i].place);
    }

    /// What a model reads may be missing only because of what was asked for.
    Error WithWayOut(size_t i, const Error& error) const {
        auto code = error.GetCode();
        if (code != Code::UnknownTable && code != Code::UnknownSchema && code != Code::Binding) {
            return error;
        }
        std::string hint = UnselectedHint(i, error);
        for (const auto& drop : drops_) {
            if (Mentions(models_[i], drop.name)) {
                hint = fmt::format("no model makes {} any more, and --prune drops it: bring its model back, or leave "
                                   "--prune out",
                                   drop.Title());
            }
        }
        if (hint.empty()) {
            return error;
        }
        Error explained(error.GetCode(), error.Message(), hint);
        return error.Where() ? explained.At(*error.Where()) : explained;
    }

    /// Empty where nothing that the error names is a model that wasn't selected.
    std::string UnselectedHint(size_t i, const Error& error) const {
        std::vector<std::string> missing;
        for (size_t parent : order_->Parents(i)) {
            const TableName& name = models_[parent].name;
            bool named = Says(error.Message(), error.GetCode() == Code::UnknownSchema ? name.schema : name.name);
            if (named && states_[parent] == ModelState::New && selected_.count(parent) == 0) {
                missing.push_back(name.Text());
            }
        }
        bool one = missing.size() == 1;
        return missing.empty()
                   ? ""
                   : fmt::format("{} {} and {} exist yet: --select '+{}' selects {} too", fmt::join(missing, ", "),
                                 one ? "is a model that isn't selected" : "are models that aren't selected",
                                 one ? "doesn't" : "don't", SelectionWord(models_[i].name.name), one ? "it" : "them");
    }

    static bool Mentions(const Model& model, const TableName& name) {
        return std::any_of(model.references.begin(), model.references.end(),
                           [&](const Reference& reference) { return SameWord(reference.name, name.name); });
    }

    bool ReadsAny(size_t i, const std::set<size_t>& models) const {
        const auto& parents = order_->Parents(i);
        return std::any_of(parents.begin(), parents.end(), [&](size_t parent) { return models.count(parent) > 0; });
    }

    void VisitModel(size_t i) {
        bool concerned = ReadsAny(i, concerned_);
        for (const auto& table : order_->TablesBetween(i)) {
            RemakeOther(table);
        }
        if (Changes(i)) {
            PlanModel(i);
            concerned_.insert(i);
            return;
        }
        plan_.unchanged += selected_.count(i) > 0 ? 1 : 0;
        if (concerned) {
            concerned_.insert(i);
        }
        if (states_[i] == ModelState::Unchanged) {
            CheckUnchanged(i, concerned);
        } else if (concerned && models_[i].kind == ObjectKind::DynamicTable) {
            RemakeOther(models_[i].name);
        }
    }

    /// An unchanged model has to hold over what the plan makes.
    void CheckUnchanged(size_t i, bool concerned) {
        const Model& model = models_[i];
        bool asked = selected_.count(i) > 0;
        if (!concerned) {
            if (asked) {
                BindUnchanged(i);
            }
        } else if (broken_before_.count(i) > 0) {
            return;
        } else if (model.kind != ObjectKind::DynamicTable) {
            MakeObject(i);
        } else {
            RemakeTable(*registry_.Find(model.name), model.body, model.GetSource());
        }
    }

    void BindUnchanged(size_t i) {
        const Model& model = models_[i];
        ApplySettings(*session_, {});
        if (model.kind == ObjectKind::DynamicTable) {
            Definition definition = ParseDefinition(*session_, model.body, PathOf(model), model.GetSource());
            BindDefinition(*session_, definition, model.body, model.GetSource());
        } else if (model.kind == ObjectKind::View) {
            try {
                ResultColumns(*session_, "SELECT * FROM " + model.name.Sql());
            } catch (const EngineError& error) {
                MakeObject(i); // says where
                throw TranslateBindError(*session_, error, model.body, model.GetSource());
            }
        }
    }

    /// A dynamic table that no model changes: its columns may follow those of what it reads.
    void RemakeTable(const DynamicTable& existing, const Excerpt& query, const Source& source) {
        DynamicTable table = existing;
        CheckedQuery checked = CheckQueryAlone(*session_, table, query, source);
        std::vector<Column> before = ColumnsOf(existing.name);
        if (!before.empty() && before != checked.analysis.columns) {
            MakeTable(existing.name, true, before, checked.analysis.columns);
            follows_.insert(existing.name);
        }
    }

    /// The same for one that is no model, or not as its model has it: whether it fails is told as an effect.
    void RemakeOther(const TableName& name) {
        const DynamicTable* table = registry_.Find(name);
        try {
            if (table != nullptr && !concerned_.empty() && remade_.insert(name).second) {
                RemakeTable(*table, {table->definition, 0}, DefinitionSource(*table));
            }
        } catch (const EngineError&) {
            throw;
        } catch (const Error&) {
        }
    }

    // ---- one model that changes ----

    void PlanModel(size_t i) {
        const Model& model = models_[i];
        MakeSchema(model.name.schema);
        PlanStep step;
        step.kind = model.kind;
        step.name = model.name;
        step.file = model.place.file;
        step.line = static_cast<int64_t>(model.place.Line());
        step.search_path = model.kind == ObjectKind::DynamicTable ? PathOf(model) : PathToMake(model);
        step.text_after = model.body.text;
        step.model_text = model.text;
        step.text_offset = model.body.offset;
        Place begin = model.GetSource().At(model.body.offset);
        step.text_line = static_cast<int64_t>(begin.Line());
        step.text_column = static_cast<int64_t>(begin.Column());
        step.needs = NeedsOf(i);
        MakeRoom(model, step);
        if (states_[i] == ModelState::Modified) {
            step.made_by = MadeBy(model.kind, model.name);
        }
        if (model.kind == ObjectKind::DynamicTable) {
            PlanTable(i, step);
        } else {
            PlanObject(i, step);
        }
        steps_of_[i] = plan_.steps.size();
        plan_.steps.push_back(std::move(step));
    }

    bool IsOwn(ObjectKind kind, const TableName& name) const {
        return std::find(objects_.begin(), objects_.end(), ProjectObject{kind, name}) != objects_.end();
    }

    std::string MadeBy(ObjectKind kind, const TableName& name) const {
        if (IsOwn(kind, name)) {
            return "";
        }
        auto owner = owners_.find({kind, name});
        return owner == owners_.end() ? "by hand" : "by project " + owner->second;
    }

    /// What this project has made, or makes now: what it takes over stays the other's.
    void NoteObjects() {
        for (size_t i : selected_) {
            ProjectObject object{models_[i].kind, models_[i].name};
            auto step = steps_of_.find(i);
            bool makes = step != steps_of_.end() && plan_.steps[step->second].action == StepAction::Create &&
                         plan_.steps[step->second].made_by.empty();
            if (makes || IsOwn(object.first, object.second)) {
                plan_.objects.push_back(object);
            }
        }
    }

    /// The nearest steps above the model, also through what doesn't change.
    std::vector<size_t> NeedsOf(size_t i) const {
        std::set<size_t> needs, seen = {i};
        std::vector<size_t> open = {i};
        while (!open.empty()) {
            size_t model = open.back();
            open.pop_back();
            for (size_t parent : order_->Parents(model)) {
                auto step = steps_of_.find(parent);
                if (step != steps_of_.end()) {
                    needs.insert(step->second);
                } else if (seen.insert(parent).second) {
                    open.push_back(parent);
                }
            }
        }
        return {needs.begin(), needs.end()};
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
        MakeObject(i);
    }

    /// In the scratch transaction, from the model's own text, so that errors have their place in it.
    void MakeObject(size_t i) {
        const Model& model = models_[i];
        if (!stored_[i].empty()) {
            session_->Query(DropText(model.kind, model.name, stored_[i]));
        }
        try {
            QueryAlong(*session_, PathToMake(model), model.body.text);
        } catch (const EngineError& error) {
            throw TranslateBindError(*session_, error, model.body, model.GetSource());
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
            if (room_.count(model.name) == 0) {
                CheckNotInTheWay(*session_, definition);
            }
            bool adopts = model.options.Adopt() && FindTable(*session_, model.name, now_);
            step.made_by = adopts ? "by hand" : "";
            step.reason =
                adopts ? "an ordinary table of that name exists, and ADOPT makes it a dynamic table" : "does not exist";
        }
        CheckedQuery checked = CheckQueryAlone(*session_, table, definition.query, model.GetSource());
        step.mode = checked.analysis.mode;
        step.mode_reason = checked.analysis.mode_reason;
        step.warnings = table.options.WithoutEffect();
        step.warnings.insert(step.warnings.end(), checked.analysis.warnings.begin(), checked.analysis.warnings.end());
        if (existing != nullptr) {
            step.found = FoundText(*existing);
            step.text_before = existing->definition;
            DescribeChange(*existing, definition, checked, before, step);
        }
        WarnOfSuspension(checked.definition.Tables(), step);
        if (step.action == StepAction::Create || step.action == StepAction::Refill) {
            EstimateWork(checked.definition, step);
        }
        for (const auto& input : checked.definition.Tables()) {
            if (follows_.count(input) > 0) {
                step.refresh_first.push_back(input);
            }
        }
        reads_[model.name] = ReadsOf(model, checked.definition.Tables());
        MakeTable(model.name, existing != nullptr || model.options.Adopt(), before, checked.analysis.columns);
    }

    static PlannedReads ReadsOf(const Model& model, const std::set<TableName>& inputs) {
        PlannedReads reads{inputs, {}};
        for (const auto& input : inputs) {
            auto named = std::find_if(model.references.begin(), model.references.end(),
                                      [&](const Reference& reference) { return SameWord(reference.name, input.name); });
            bool direct = named != model.references.end(); // else a view stands between
            reads.places.emplace(input, direct ? model.GetSource().At(named->offset, named->length) : model.place);
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
        bool same_meaning = !reshaped && MeaningFingerprint(*session_, checked.definition, wanted.settings) ==
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

    /// To fill a table is to refresh by hand, which stops at suspended ancestors.
    void WarnOfSuspension(const std::set<TableName>& inputs, PlanStep& step) {
        if (step.action == StepAction::Alter) {
            return;
        }
        for (const auto& input : inputs) {
            const DynamicTable* parent = registry_.Find(input);
            std::set<std::string> ids = parent != nullptr ? before_.Upstream(parent->id) : std::set<std::string>{};
            if (parent != nullptr) {
                ids.insert(parent->id);
            }
            for (const auto& id : ids) {
                const DynamicTable& table = before_.At(id).table;
                if (table.suspended != Suspension::None) {
                    step.warnings.push_back(fmt::format("this will fail, since {0} is suspended: ALTER DYNAMIC TABLE "
                                                        "{0} RESUME",
                                                        table.name.Text()));
                    return;
                }
            }
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
    void MakeTable(const TableName& name, bool exists, const std::vector<Column>& before,
                   const std::vector<Column>& after) {
        if (exists && before == after) {
            return;
        }
        if (exists) {
            session_->Query("DROP TABLE IF EXISTS " + name.Sql());
        }
        session_->Query(fmt::format("CREATE TABLE {} ({})", name.Sql(), DefinitionsOf(after)));
    }

    // ---- drops ----

    /// What no model makes any more. With --prune it goes before the models are looked at, so that those that still
    /// read it are found; without it is only mentioned.
    void FindDrops() {
        for (const auto& [kind, name] : objects_) {
            bool wanted = std::any_of(models_.begin(), models_.end(), [&, k = kind, n = name](const Model& model) {
                bool other_sort = (model.kind == ObjectKind::Macro) != (k == ObjectKind::Macro);
                return model.name == n && !other_sort; // of another kind: MakeRoom() sees to it
            });
            PlanStep step = wanted ? PlanStep{} : DropOf(kind, name, "no model makes it any more");
            if (!step.found.empty() && request_.prune) {
                DropInScratch(step);
                drops_.push_back(std::move(step));
            } else if (!step.found.empty()) {
                plan_.orphans.push_back({kind, name});
            }
        }
    }

    PlanStep DropOf(ObjectKind kind, const TableName& name, const std::string& reason) {
        PlanStep step;
        step.kind = kind;
        step.name = name;
        step.action = StepAction::Drop;
        step.reason = reason;
        if (kind == ObjectKind::DynamicTable) {
            const DynamicTable* existing = registry_.Find(name);
            step.found = existing != nullptr ? FoundText(*existing) : "";
            step.text_before = existing != nullptr ? existing->definition : "";
        } else if (SchemaExists(name.schema)) {
            auto text = StoredObject(*session_, kind, name);
            step.found = step.text_before = text ? CanonicalText(*text) : "";
        }
        return step;
    }

    void DropInScratch(const PlanStep& step) {
        session_->Query(step.kind == ObjectKind::DynamicTable ? "DROP TABLE IF EXISTS " + step.name.Sql()
                                                              : DropText(step.kind, step.name, step.found));
    }

    /// Drops an object of another kind that has the model's name, where --prune may.
    void MakeRoom(const Model& model, PlanStep& step) {
        auto other = InTheWay(model);
        if (!other) {
            return;
        }
        CheckMayGo(model, *other);
        PlanStep drop = DropOf(other->first, other->second,
                               fmt::format("its model makes a {} of that name now", KindText(model.kind)));
        drop.makes_room = true;
        DropInScratch(drop);
        room_.insert(model.name);
        if (const DynamicTable* table = registry_.Find(other->second)) {
            registry_.Remove(table->id);
        }
        step.needs.push_back(plan_.steps.size());
        plan_.steps.push_back(std::move(drop));
    }

    std::optional<ProjectObject> InTheWay(const Model& model) {
        if (model.kind == ObjectKind::View) {
            for (const auto& table : registry_.Tables()) {
                if (table.name.schema == model.name.schema && SameWord(table.name.name, model.name.name)) {
                    return ProjectObject{ObjectKind::DynamicTable, table.name};
                }
            }
            if (FindTable(*session_, model.name, now_)) {
                throw Error(Code::NotADynamicTable, model.name.Text() + " exists as an ordinary table",
                            "choose another name, or drop the table first")
                    .At(model.place);
            }
        }
        bool view = model.kind == ObjectKind::DynamicTable && SchemaExists(model.name.schema) &&
                    StoredObject(*session_, ObjectKind::View, model.name);
        return view ? std::optional(ProjectObject{ObjectKind::View, model.name}) : std::nullopt;
    }

    void CheckMayGo(const Model& model, const ProjectObject& other) const {
        bool own = IsOwn(other.first, other.second);
        if (own && request_.prune) {
            return;
        }
        std::string old_kind = KindText(other.first), new_kind = KindText(model.kind);
        throw Error(other.first == ObjectKind::View ? Code::NotADynamicTable : Code::AlreadyExists,
                    fmt::format("{} exists as a {}, and its model makes a {}", other.second.Text(), old_kind, new_kind),
                    own ? fmt::format("with --prune the {} is dropped and the {} made in its place", old_kind, new_kind)
                        : fmt::format("this project didn't make the {0}: drop it first (DROP {1} {2}), or choose "
                                      "another name",
                                      old_kind, other.first == ObjectKind::View ? "VIEW" : "DYNAMIC TABLE",
                                      other.second.Text()))
            .At(model.place);
    }

    /// Behind the other steps; dynamic tables first, consumers before what they read.
    void AddDrops() {
        std::map<TableName, size_t> place;
        auto order = before_.Order();
        for (size_t k = 0; k < order.size(); k++) {
            place[before_.At(order[k]).table.name] = order.size() - k;
        }
        auto rank = [&](const PlanStep& step) {
            bool table = step.kind == ObjectKind::DynamicTable;
            return std::pair(!table, table ? place[step.name] : 0);
        };
        std::stable_sort(drops_.begin(), drops_.end(),
                         [&](const PlanStep& a, const PlanStep& b) { return rank(a) < rank(b); });
        for (auto& drop : drops_) {
            for (size_t k = 0; k < plan_.steps.size(); k++) {
                if (ReadBefore(plan_.steps[k], drop)) {
                    drop.needs.push_back(k);
                }
            }
            plan_.steps.push_back(drop);
        }
    }

    /// Might the step's object read, until the step is done, what is dropped?
    bool ReadBefore(const PlanStep& step, const PlanStep& drop) const {
        if (step.kind != ObjectKind::DynamicTable) {
            return step.action == StepAction::Replace;
        }
        const DynamicTable* table = registry_.Find(step.name);
        return table != nullptr && before_.Has(table->id) && Reads(before_.At(table->id), drop);
    }

    const PlanRequest& request_;
    std::shared_ptr<Session> session_;
    std::vector<Model> models_;
    ModelGraph graph_;
    std::string own_path_;
    Snapshot now_ = kNoSnapshot;
    Registry registry_;
    std::vector<std::string> schemas_;            ///< that exist, or are made in the scratch transaction
    std::vector<ProjectObject> objects_;          ///< that this project made
    std::map<ProjectObject, std::string> owners_; ///< other projects, by what they made
    std::vector<PlanStep> drops_;                 ///< with --prune
    std::set<TableName> room_;                    ///< names whose object of another kind is dropped
    std::vector<ModelState> states_;
    std::vector<std::string> stored_; ///< canonical text of views and macros, by model
    std::optional<ProjectOrder> order_;
    std::set<size_t> selected_;
    std::set<size_t> broken_before_; ///< unchanged models that aren't selected and don't bind
    std::set<size_t> concerned_;     ///< models that change, and what reads them
    std::set<size_t> wrong_;         ///< models with errors, and what reads them
    std::set<TableName> remade_;     ///< dynamic tables that RemakeOther() has seen to
    std::set<TableName> follows_;    ///< unchanged dynamic tables that get other columns from what they read
    Dependencies before_;            ///< of what exists, before anything is changed
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
