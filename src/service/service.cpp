#include "service/service.hpp"

#include "bind/resolve.hpp"
#include "bind/statement.hpp"
#include "refresh/dependencies.hpp"
#include "service/diff.hpp"
#include "service/doctor.hpp"
#include "service/maintain.hpp"
#include "service/names.hpp"
#include "service/operations.hpp"
#include "service/project_planner.hpp"
#include "service/sql_session.hpp"
#include "service/statements.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

std::vector<TableName> NamesOf(const std::vector<DynamicTable>& tables) {
    std::vector<TableName> names;
    for (const auto& table : tables) {
        names.push_back(table.name);
    }
    return names;
}

/// The one statement of a file that holds a definition.
CreateStatement OnlyCreate(const Source& source, const Statement& statement, size_t count) {
    const auto* create = std::get_if<CreateStatement>(&statement);
    if (create == nullptr || count != 1) {
        throw Error(Code::NotAQuery, "exactly one CREATE DYNAMIC TABLE statement is wanted").At(source.At(0));
    }
    return *create;
}

CreateStatement ParseCreate(const Source& source) {
    std::vector<Excerpt> statements = SplitStatements(source.text);
    if (statements.empty()) {
        throw Error(Code::NotAQuery, "there is no statement in it").At(source.At(0));
    }
    auto statement = ParseStatement(statements[0], source);
    if (!statement) {
        throw Error(Code::NotAQuery, "exactly one CREATE DYNAMIC TABLE statement is wanted")
            .At(source.At(statements[0].offset));
    }
    return OnlyCreate(source, *statement, statements.size());
}

class LakeService : public Service {
public:
    LakeService(std::unique_ptr<Engine> engine, std::unique_ptr<StateStore> store)
        : operations_(std::move(engine), std::move(store)) {}

    std::unique_ptr<SqlSession> NewSession() override { return std::make_unique<LakeSqlSession>(operations_); }

    CreateReport Create(const Source& source) override {
        auto session = operations_.OpenSession();
        return operations_.Create(ResolveDefinition(*session, ParseCreate(source), source), source, false);
    }

    CreateReport Validate(const Source& source) override {
        auto session = operations_.OpenSession();
        std::vector<Excerpt> statements = SplitStatements(source.text);
        bool bare = statements.size() == 1 && !ParseStatement(statements[0], source);
        if (!bare) {
            return operations_.Create(ResolveDefinition(*session, ParseCreate(source), source), source, true);
        }
        NewDefinition definition;
        definition.name = {"main", "query"};
        definition.query = statements[0];
        definition.search_path = CurrentSearchPath(*session);
        definition.or_replace = true;
        return operations_.Create(definition, source, true);
    }

    std::vector<RefreshEntry> Refresh(const RefreshRequest& request) override {
        return operations_.Refresh([&](const Registry& registry) {
            RunRequest run;
            run.ids = Selected(registry, request.names, request.all, true);
            run.full = request.full;
            run.atomic = request.atomic;
            run.dry_run = request.dry_run;
            return run;
        });
    }

    std::vector<VerifyEntry> Verify(const VerifyRequest& request) override {
        std::vector<std::string> ids = Selected(request.names, request.all, false);
        if (request.current && !ids.empty()) {
            operations_.Refresh([&](const Registry&) {
                RunRequest run;
                run.ids = ids;
                return run;
            });
        }
        return operations_.Verify(ids, request.version);
    }

    std::vector<ListEntry> List() override { return operations_.List(); }
    StatusReport Status() override { return ReadStatus(operations_); }
    TableReport Describe(const std::string& name) override { return operations_.Describe(One(name)); }

    std::vector<RefreshRecord> History(const std::optional<std::string>& name, int64_t limit) override {
        if (!name) {
            return operations_.History({}, limit);
        }
        Registry registry = operations_.ReadTables();
        return operations_.History(registry.FindById(MatchNames(registry, {*name}).front())->name, limit);
    }

    GraphReport Graph() override { return operations_.Graph(); }
    LineageReport Lineage(const std::string& name) override {
        auto [table, column] = MatchColumn(operations_.ReadTables(), name);
        return operations_.Lineage(table, column);
    }
    ExplainReport Explain(const std::string& name) override { return operations_.Explain(One(name)); }

    std::vector<TableName> Suspend(const std::vector<std::string>& names) override {
        return NamesOf(operations_.Suspend(Selected(names, false, false)));
    }
    std::vector<TableName> Resume(const std::vector<std::string>& names) override {
        return NamesOf(operations_.Resume(Selected(names, false, false)));
    }
    std::vector<TableName> Drop(const std::vector<std::string>& names, bool cascade) override {
        return NamesOf(operations_.Drop(Selected(names, false, false), cascade));
    }

    DiffReport Diff(const DiffRequest& request) override {
        return request.as ? DiffAs(operations_, One(request.name), request)
                          : DiffVersions(operations_, One(request.name), request);
    }
    ProjectPlan Plan(const PlanRequest& request) override { return PlanProject(operations_, request); }
    ApplyReport Apply(const ProjectPlan& plan, const ApplyRequest& request) override {
        return ApplyPlan(operations_, plan, request);
    }

    std::vector<MaintainEntry> Maintain(const MaintainRequest& request) override {
        return freshet::Maintain(operations_, request);
    }

    std::vector<DoctorCheck> Doctor() override { return CheckOpened(operations_); }
    std::unique_ptr<Worker> NewWorker(const WorkerOptions& options, Worker::Log log) override {
        return std::make_unique<Worker>(operations_, options, std::move(log));
    }
    void Force() override { operations_.Force(); }
    StatementProgress HowFar() override { return operations_.HowFar(); }
    void Interrupt() override { operations_.Interrupt(); }

private:
    std::vector<std::string> Selected(const std::vector<std::string>& names, bool all, bool skip_suspended) {
        return Selected(operations_.ReadTables(), names, all, skip_suspended);
    }

    static std::vector<std::string> Selected(const Registry& registry, const std::vector<std::string>& names, bool all,
                                             bool skip_suspended) {
        if (!all) {
            return MatchNames(registry, names);
        }
        std::vector<std::string> ids;
        for (const auto& table : registry.Tables()) {
            if (!skip_suspended || table.suspended == Suspension::None) {
                ids.push_back(table.id);
            }
        }
        return ids;
    }

    DynamicTable One(const std::string& name) {
        Registry registry = operations_.ReadTables();
        std::vector<std::string> ids = MatchNames(registry, {name});
        if (ids.size() > 1) {
            throw Error(Code::NothingMatches, fmt::format("{} matches {} dynamic tables", name, ids.size()),
                        "name one, with its schema: schema.name");
        }
        return *registry.FindById(ids.front());
    }

    Operations operations_;
};

} // namespace

std::unique_ptr<Service> Service::Open(const ServiceOptions& options) {
    auto engine = Engine::Open(options.lake);
    return std::make_unique<LakeService>(std::move(engine), OpenStateStore(options.state));
}

} // namespace freshet
