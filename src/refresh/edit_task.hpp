#pragma once

#include "refresh/by_change.hpp"
#include "refresh/compute.hpp"
#include "refresh/derived.hpp"
#include "refresh/experience.hpp"

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What the steps of computing one edit share. Lives for one read transaction.
class EditTask {
public:
    EditTask(Session& session, const Pass& pass, const ComputeRequest& request)
        : session(session), pass(pass), request(request), node(*request.node) {}

    /// Reads the frontier, the inputs and the columns of the result: the frontier after the edit is that of the pass's
    /// snapshot then. Throws Error where the definition can't be bound, StaleSnapshot.
    void Prepare();
    /// The frontier after the edit becomes that of the pass's snapshot.
    void FillFrontier();

    const Analysis& GetAnalysis();
    const Experience& GetExperience();
    /// CARDINALITY_THRESHOLD, where the way is free.
    std::optional<double> Threshold() const;
    /// May the cheaper way be taken?
    bool CostsDecide() const { return node.table.options.Mode() == RefreshMode::Auto && !Threshold(); }
    /// Why AUTO refreshes the table in full always; empty if it doesn't.
    std::string WhyAutoDoesNot();
    /// The definition over the inputs' new versions.
    std::string QuerySql() const { return node.definition->VersionedSql(inputs.ForSql(), now); }
    std::string TimeMoved() const {
        return node.definition->TimeFunctions()[0].name + " moved with the data timestamp";
    }
    /// The result table's columns as it is stored.
    std::vector<Column> StoredColumns();
    /// Whatever the user's expressions raise is a failure of the refresh.
    template <class Work>
    void RunQuery(const Work& work) {
        try {
            work();
        } catch (const EngineError& error) {
            if (error.IsConflict()) {
                throw;
            }
            throw EvaluationFailed(node.table, error);
        }
    }

    Session& session;
    const Pass& pass;
    const ComputeRequest& request;
    const TableNode& node;
    Inputs inputs;
    std::optional<Timestamp> now;      ///< what now() means, where the definition asks for it
    std::optional<InputChanges> guess; ///< what metadata tell of the change, where costs decide
    Edit edit;

private:
    void CheckStillFree() const;
    void CheckNotPassed();
    BoundQuery BindResult();
    [[noreturn]] void ThrowBindError(const EngineError& error);
    std::string KnownFingerprint();

    /// What `find` finds out, if possible once per definition and schema. Tables of the same commit are not of the
    /// schema that this holds for.
    template <class Part, class Find>
    Part OnceOrAnew(std::optional<Part> Derived::*part, const Find& find) {
        if (!node.derived || !pass.members.empty()) {
            return find();
        }
        std::lock_guard lock(node.derived->mutex);
        auto& known = (*node.derived).*part;
        if (!known) {
            known = find();
        }
        return *known;
    }

    std::shared_ptr<const Analysis> analysis_;
    std::optional<Experience> experience_;
};

} // namespace freshet
