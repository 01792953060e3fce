#include "bind/model_statement.hpp"
#include "bind/resolve.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/undisturbed.hpp"
#include "service/definition_difference.hpp"
#include "service/project_planner.hpp"

#include <algorithm>
#include <condition_variable>
#include <fmt/format.h>
#include <mutex>
#include <thread>

namespace freshet {

namespace {

using Status = StepOutcome::Status;

/// What is found in the place of a step's object.
std::string Found(Session& session, const Registry& registry, const PlanStep& step) {
    if (step.kind == ObjectKind::DynamicTable) {
        const DynamicTable* table = registry.Find(step.name);
        return table != nullptr ? FoundText(*table) : "";
    }
    auto schemas = ListSchemas(session, CurrentSnapshot(session));
    bool there = std::find(schemas.begin(), schemas.end(), step.name.schema) != schemas.end();
    auto text = there ? StoredObject(session, step.kind, step.name) : std::nullopt;
    return text ? CanonicalText(*text) : "";
}

/// Is the object as the step would leave it?
bool Satisfied(const Registry& registry, const PlanStep& step, const std::string& found) {
    if (step.action == StepAction::Drop) {
        return found.empty();
    }
    if (step.kind != ObjectKind::DynamicTable) {
        return found == CanonicalText(step.text_after);
    }
    const DynamicTable* table = registry.Find(step.name);
    return table != nullptr && !Compare(*table, DefinitionOf(step)).Any();
}

/// Which steps are done already; throws StalePlan if one can't be done as it was planned.
std::vector<bool> DoneBefore(Session& session, const ProjectPlan& plan) {
    Transaction reading(session);
    CurrentSnapshot(session);
    Registry registry = ReadRegistry(session);
    std::vector<bool> done;
    for (const auto& step : plan.steps) {
        std::string found = Found(session, registry, step);
        done.push_back(Satisfied(registry, step, found));
        if (!done.back() && found != step.found) {
            const char* what = found.empty()        ? "is gone"
                               : step.found.empty() ? "exists now"
                                                    : "was changed since the plan was made";
            throw Error(Code::StalePlan, fmt::format("the plan no longer fits: {} {}", step.Title(), what),
                        "make the plan again: freshet plan --out FILE");
        }
    }
    return done;
}

/// The text that a step carries out, as errors point into it: that of the model's file, or, of a saved plan, the step's
/// own where it began there.
struct StepText {
    Source source;
    Excerpt body;

    explicit StepText(const PlanStep& step) : body{step.text_after, step.text_offset} {
        if (step.model_text) {
            source = step.model_text->Expanded();
        } else {
            std::string before = std::string(static_cast<size_t>(step.text_line) - 1, '\n') +
                                 std::string(static_cast<size_t>(step.text_column) - 1, ' ');
            body.offset = before.size();
            source = {step.file, before + step.text_after};
        }
    }

    Error Placed(Error error) const {
        bool known = error.Where() || source.file.empty();
        return known ? error : error.At(source.At(body.offset, std::min(body.text.find('\n'), body.text.size())));
    }
};

/// One transaction, since a scalar macro doesn't take the place of a table macro of its name, nor the other way round.
void RunObject(Session& session, const PlanStep& step) {
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        if (step.kind == ObjectKind::Macro && !step.found.empty()) {
            session.Query(DropText(step.kind, step.name, step.found));
        }
        QueryAlong(session, step.search_path, ReplacingText(step.text_after));
        transaction.Commit();
    });
}

/// Does the steps with several threads; one lock guards what they share.
class Application {
public:
    Application(Operations& operations, const ProjectPlan& plan, const ApplyRequest& request)
        : operations_(operations), plan_(plan), request_(request), outcomes_(plan.steps.size()),
          states_(plan.steps.size(), State::Waiting) {}

    ApplyReport Run(const std::vector<bool>& done_before) {
        for (size_t i = 0; i < plan_.steps.size(); i++) {
            outcomes_[i].step = i;
            if (done_before[i]) {
                outcomes_[i].status = Status::DoneBefore;
                states_[i] = State::Good;
                Tell(i);
            }
        }
        std::vector<std::thread> threads;
        size_t count = std::min(plan_.steps.size(), static_cast<size_t>(std::max<int64_t>(1, request_.parallel)));
        for (size_t t = 0; t < count; t++) {
            threads.emplace_back([this] { Work(); });
        }
        for (auto& thread : threads) {
            thread.join();
        }
        return {outcomes_};
    }

private:
    enum class State { Waiting, Running, Good, Bad };

    void Work() {
        std::unique_lock lock(mutex_);
        while (true) {
            auto next = Next();
            if (!next) {
                bool running = std::count(states_.begin(), states_.end(), State::Running) > 0;
                if (!running) {
                    changed_.notify_all();
                    return;
                }
                changed_.wait(lock);
                continue;
            }
            states_[*next] = State::Running;
            if (request_.on_begin) {
                request_.on_begin(*next);
            }
            lock.unlock();
            StepOutcome outcome = Do(*next);
            lock.lock();
            states_[*next] = outcome.error ? State::Bad : State::Good;
            outcomes_[*next] = std::move(outcome);
            Tell(*next);
            changed_.notify_all();
        }
    }

    /// A step that can be begun. Those that can't any more are skipped on the way.
    std::optional<size_t> Next() {
        for (size_t i = 0; i < states_.size(); i++) {
            if (states_[i] != State::Waiting) {
                continue;
            }
            if (request_.stop && request_.stop()) {
                Skip(i, Error(Code::ParentFailed, "not begun, since the command was interrupted",
                              "apply again: what is done stays done"));
                continue;
            }
            bool ready = true;
            for (size_t need : plan_.steps[i].needs) {
                if (states_[need] == State::Bad) {
                    Skip(i, Error(Code::ParentFailed,
                                  fmt::format("skipped, because {} failed", plan_.steps[need].Title())));
                    break;
                }
                ready = ready && states_[need] == State::Good;
            }
            if (ready && states_[i] == State::Waiting) {
                return i;
            }
        }
        return {};
    }

    void Skip(size_t i, const Error& error) {
        states_[i] = State::Bad;
        outcomes_[i].status = Status::Skipped;
        outcomes_[i].error = error;
        Tell(i);
    }

    void Tell(size_t i) {
        if (request_.on_end) {
            request_.on_end(outcomes_[i]);
        }
    }

    StepOutcome Do(size_t i) {
        StepOutcome outcome;
        outcome.step = i;
        Stopwatch watch;
        const PlanStep& step = plan_.steps[i];
        try {
            DoStep(step, outcome);
            outcome.status = Status::Done;
        } catch (const Error& error) {
            Fail(step, error, outcome);
        } catch (const std::exception& problem) {
            Fail(step, Error(Code::Defect, problem.what(), "this is a defect in Freshet"), outcome);
        }
        outcome.duration_ms = watch.Milliseconds();
        return outcome;
    }

    /// Another process may have been quicker, with the same or with something else.
    void Fail(const PlanStep& step, const Error& error, StepOutcome& outcome) {
        outcome.status = Status::Failed;
        outcome.error = StepText(step).Placed(error);
        if (MayBeOvertaken(step, error.GetCode())) {
            try {
                LookAgain(step, outcome);
            } catch (const std::exception&) { // the lake can't be read: the error stays what it was
            }
        }
    }

    static bool MayBeOvertaken(const PlanStep& step, Code code) {
        bool engine_says_so = code == Code::Binding && step.action == StepAction::Create;
        return engine_says_so || code == Code::AlreadyExists || code == Code::NotADynamicTable ||
               code == Code::LakeConflict;
    }

    void LookAgain(const PlanStep& step, StepOutcome& outcome) {
        auto session = operations_.OpenSession();
        Transaction reading(*session);
        Registry registry = ReadRegistry(*session);
        std::string found = Found(*session, registry, step);
        if (found == step.found) {
            return;
        }
        if (Satisfied(registry, step, found)) {
            outcome.status = Status::DoneBefore;
            outcome.error.reset();
        } else {
            outcome.error = StepText(step).Placed(
                Error(Code::StalePlan,
                      fmt::format("{} was changed by another process while the plan was carried out", step.Title()),
                      "apply again: it compares with what is there now"));
        }
    }

    /// What the step reads may get columns from earlier steps only by being refreshed.
    void RefreshFirst(const PlanStep& step) {
        if (step.refresh_first.empty()) {
            return;
        }
        auto entries = operations_.Refresh([&](const Registry& registry) {
            RunRequest request;
            for (const auto& name : step.refresh_first) {
                if (const DynamicTable* table = registry.Find(name)) {
                    request.ids.push_back(table->id);
                }
            }
            return request;
        });
        for (const auto& entry : entries) {
            if (entry.error) {
                throw *entry.error;
            }
        }
    }

    void DoStep(const PlanStep& step, StepOutcome& outcome) {
        auto session = operations_.OpenUserSession();
        if (step.action == StepAction::Drop) {
            Drop(*session, step);
            ForgetObject(*session, plan_.project, {step.kind, step.name});
        } else if (step.kind == ObjectKind::DynamicTable) {
            RefreshFirst(step);
            StepText text(step);
            NewDefinition definition = DefinitionOf(step);
            definition.query = text.body;
            definition.name_place = text.source.At(text.body.offset);
            CreateReport report = operations_.CreateOrAlter(definition, text.source);
            for (const auto& refresh : report.refreshes) {
                if (refresh.table == step.name) {
                    outcome.rows = refresh.rows_inserted + refresh.rows_deleted;
                }
            }
            outcome.warnings = report.warnings;
            bool planned = std::count(step.warnings.begin(), step.warnings.end(), kWarningOfDownstream) > 0;
            if (!planned) { // the step that makes its reader may come later
                std::erase(outcome.warnings, kWarningOfDownstream);
            }
        } else {
            RunObject(*session, step);
        }
    }

    void Drop(Session& session, const PlanStep& step) {
        if (step.kind == ObjectKind::DynamicTable) {
            Registry registry = operations_.ReadTables();
            const DynamicTable* table = registry.Find(step.name);
            if (table != nullptr && step.makes_room) {
                operations_.DropForSuccessor(table->id);
            } else if (table != nullptr) {
                operations_.Drop({table->id}, false);
            }
            return;
        }
        UntilUndisturbed(session, [&] { session.Query(DropText(step.kind, step.name, step.found)); });
    }

    Operations& operations_;
    const ProjectPlan& plan_;
    const ApplyRequest& request_;
    std::mutex mutex_;
    std::condition_variable changed_;
    std::vector<StepOutcome> outcomes_;
    std::vector<State> states_;
};

} // namespace

bool ApplyReport::Good() const {
    return std::none_of(outcomes.begin(), outcomes.end(), [](const StepOutcome& outcome) { return outcome.error; });
}

NewDefinition DefinitionOf(const PlanStep& step) {
    NewDefinition definition;
    definition.name = step.name;
    definition.name_place = {"", step.text_after, 0, 1};
    definition.column_names = step.column_names;
    definition.options = step.options;
    definition.query = {step.text_after, 0};
    definition.search_path = step.search_path;
    return definition;
}

ApplyReport ApplyPlan(Operations& operations, const ProjectPlan& plan, const ApplyRequest& request) {
    auto session = operations.OpenSession();
    std::vector<bool> done_before = DoneBefore(*session, plan);
    for (const auto& schema : plan.schemas) {
        UntilUndisturbed(*session, [&] {
            session->Query(
                fmt::format("CREATE SCHEMA IF NOT EXISTS {}.{}", QuoteIdentifier(kLake), QuoteIdentifier(schema)));
        });
    }
    RememberObjects(*session, plan.project, plan.objects);
    return Application(operations, plan, request).Run(done_before);
}

} // namespace freshet
