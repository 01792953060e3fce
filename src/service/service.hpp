#pragma once

#include "bind/source.hpp"
#include "lake/session.hpp"
#include "service/diff.hpp"
#include "service/project_plan.hpp"
#include "service/reports.hpp"
#include "service/status.hpp"
#include "service/worker.hpp"
#include "state/store.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

struct ServiceOptions {
    LakeOptions lake;
    StateOptions state; ///< `create` is taken as given: the store of an existing lake may always be made anew
};

/// A user's SQL session: statements share transactions, SET, USE and TEMP tables. One thread at a time; Interrupt()
/// from any.
class SqlSession {
public:
    virtual ~SqlSession() = default;

    /// Runs one statement (see SplitStatements), ours or DuckDB's. `source` is the text that `statement` was cut from:
    /// errors point into it. Throws Error, after which the session can go on.
    virtual StatementResult Execute(const Excerpt& statement, const Source& source) = 0;
    virtual void Interrupt() = 0;
};

/// What command line, worker and HTTP offer, once. Calls may come from several threads.
class Service {
public:
    /// Opens (or, with lake.create, creates) the lake, then the state store, and reconciles the store with the lake.
    /// Throws Error.
    static std::unique_ptr<Service> Open(const ServiceOptions& options);
    virtual ~Service() = default;

    virtual std::unique_ptr<SqlSession> NewSession() = 0;

    /// Exactly one CREATE DYNAMIC TABLE statement. Throws Error with the place in `source`.
    virtual CreateReport Create(const Source& source) = 0;
    /// The same checks, without creating anything. Takes also a bare query.
    virtual CreateReport Validate(const Source& source) = 0;

    /// Parents before children; one entry per table concerned. Throws Error only where nothing was tried
    /// (NothingMatches, a suspended ancestor); failures of single tables are in the entries.
    virtual std::vector<RefreshEntry> Refresh(const RefreshRequest& request) = 0;
    virtual std::vector<VerifyEntry> Verify(const VerifyRequest& request) = 0;

    virtual std::vector<ListEntry> List() = 0;
    /// The same with workers, and what they are at.
    virtual StatusReport Status() = 0;
    virtual TableReport Describe(const std::string& name) = 0;
    /// Newest first; of one table, or of all. limit 0: all.
    virtual std::vector<RefreshRecord> History(const std::optional<std::string>& name, int64_t limit) = 0;
    virtual GraphReport Graph() = 0;
    /// Where the columns of a dynamic table come from, down to source tables. `name`: TABLE or TABLE.COLUMN.
    virtual LineageReport Lineage(const std::string& name) = 0;
    virtual ExplainReport Explain(const std::string& name) = 0;

    /// The tables whose state changed: the named ones, and those that follow by cascade.
    virtual std::vector<TableName> Suspend(const std::vector<std::string>& names) = 0;
    virtual std::vector<TableName> Resume(const std::vector<std::string>& names) = 0;
    /// The tables dropped, consumers first. Throws DependentsExist without cascade.
    virtual std::vector<TableName> Drop(const std::vector<std::string>& names, bool cascade) = 0;

    /// Rows that another definition would add, remove or change, or that differ between two snapshots; writes nothing.
    virtual DiffReport Diff(const DiffRequest& request) = 0;

    /// Compares a project's models with what exists; changes nothing. Throws what is wrong with them, with its place.
    virtual ProjectPlan Plan(const PlanRequest& request) = 0;
    /// Does a plan. Throws StalePlan, before anything is done, where it no longer fits; failures of single steps are in
    /// the report.
    virtual ApplyReport Apply(const ProjectPlan& plan, const ApplyRequest& request) = 0;

    /// Compacts files, expires snapshots that no frontier needs, and removes files that no snapshot needs. Failures of
    /// single steps are in the entries; what doesn't depend on them is done all the same.
    virtual std::vector<MaintainEntry> Maintain(const MaintainRequest& request) = 0;

    /// Connections, versions, extensions, clock, state store against lake. What can't be opened at all is reported by
    /// Diagnose().
    virtual std::vector<DoctorCheck> Doctor() = 0;

    /// A worker for this lake; it must not outlive the service.
    virtual std::unique_ptr<Worker> NewWorker(const WorkerOptions& options, Worker::Log log) = 0;

    /// DDL and maintenance of this service don't wait for running refreshes of workers: those lose.
    virtual void Force() = 0;

    /// How far the largest statement is that runs in any session of this service.
    virtual StatementProgress HowFar() = 0;
    /// Ends what runs in any session of this service (Ctrl-C).
    virtual void Interrupt() = 0;
};

/// Doctor for a service that may not open: tries to, and says what is wrong if it can't. Never throws for a lake that
/// is missing or unreachable.
std::vector<DoctorCheck> Diagnose(const ServiceOptions& options);

} // namespace freshet
