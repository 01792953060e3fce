#include "refresh/evaluation.hpp"

#include "refresh/cost.hpp"
#include "refresh/difference.hpp"
#include "refresh/fill_companions.hpp"
#include "refresh/result_types.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

RowEdit Incoming(const std::string& rows, int64_t count) {
    RowEdit edit;
    edit.in = rows;
    edit.in_count = count;
    return edit;
}

class Evaluation {
public:
    explicit Evaluation(EditTask& task) : task_(task) {}

    void Run() {
        bool fresh = task_.edit.target == TargetChange::Create || task_.edit.target == TargetChange::Recreate;
        if (fresh && !task_.request.keep_rows_in_temp && !NeedValueCheck(task_.edit.columns)) {
            return FillDirectly();
        }
        std::string content = EditPrefix(task_.node.table) + "_new";
        CountInputs(task_.session, task_.edit.after.inputs);
        KeepCompanions();
        MakeContent(content);
        CheckStorableValues(task_.session, task_.node.table.name, task_.edit.columns, TempSql(content));
        int64_t rows = AsInt(task_.session.QueryValue("SELECT count(*) FROM " + TempSql(content)));
        if (fresh) {
            task_.edit.strategy = "replace";
            task_.edit.rows = Incoming(content, rows);
            return;
        }
        int64_t stored = AsInt(task_.session.QueryValue("SELECT count(*) FROM " + task_.node.table.name.Sql()));
        task_.edit.before.row_count = stored;
        WriteDifference(content, rows, stored);
    }

private:
    std::string NamedSql() const {
        return fmt::format("SELECT * FROM ({}) AS q({})", content_sql_.empty() ? task_.QuerySql() : content_sql_,
                           ColumnList(task_.edit.columns));
    }

    /// Of the plan's sources, at their new versions.
    std::vector<int64_t> SourceRows() {
        std::vector<int64_t> rows;
        for (const auto& source : task_.GetAnalysis().plan->query.sources) {
            rows.push_back(InputOf(task_.edit.after.inputs, source.table).rows);
        }
        return rows;
    }

    /// The analysis stands on the columns that the lake has.
    bool ReadsReshapedMember() const {
        return std::any_of(task_.inputs.versions.begin(), task_.inputs.versions.end(), [&](const InputVersion& input) {
            auto member = task_.pass.members.find(input.dynamic_id);
            return member != task_.pass.members.end() && member->second.reshaped;
        });
    }

    /// A table that may be refreshed by change later needs its accumulators to fit its content.
    void KeepCompanions() {
        task_.edit.after.companions.clear();
        if (task_.node.table.options.Mode() == RefreshMode::Full || ReadsReshapedMember() ||
            task_.GetAnalysis().mode != "INCREMENTAL" || !task_.WhyAutoDoesNot().empty()) {
            return;
        }
        const delta::Analysis& plan = *task_.GetAnalysis().plan;
        bool keeps =
            !task_.CostsDecide() || plan.settled ||
            AccumulatorsPay(plan, StoredBy(task_.edit.before), SourceRows(), task_.guess, task_.GetExperience());
        delta::Contents filled = NewContents(task_.session, plan, task_.inputs, task_.edit);
        if (keeps) {
            task_.RunQuery([&] { filled = FillCompanions(task_.session, plan, task_.inputs, task_.edit); });
        }
        // Who asks for a full refresh, or needs one after a failure, gets the query as it was written, unless rows have
        // to be told from what they were computed of later.
        bool as_written = task_.request.full || !task_.request.not_by_change.empty();
        if (plan.settled || plan.determined || (!filled.companions.empty() && !as_written)) {
            content_sql_ = delta::ResultSql(plan, filled);
        }
    }

    void MakeContent(const std::string& content) {
        task_.RunQuery([&] {
            task_.session.Query(
                fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", QuoteIdentifier(content), NamedSql()));
        });
    }

    /// There is nothing to compare with: the commit inserts the query's rows as they come.
    void FillDirectly() {
        CountInputs(task_.session, task_.edit.after.inputs);
        KeepCompanions();
        task_.edit.strategy = "replace";
        task_.edit.insert_sql = NamedSql();
    }

    /// Columns of which noise is no change. There is none where content always comes from the settled plan.
    std::set<std::string> Inexact() {
        if (!content_sql_.empty() && task_.GetAnalysis().plan->settled) {
            return {};
        }
        bool floating = std::any_of(task_.edit.columns.begin(), task_.edit.columns.end(), [](const Column& column) {
            return column.type == "DOUBLE" || column.type == "FLOAT";
        });
        return floating ? task_.GetAnalysis().inexact : std::set<std::string>{};
    }

    void ReplaceAll(const std::string& content, int64_t rows, int64_t stored, const std::string& why) {
        task_.edit.strategy = "replace";
        task_.edit.reason += (task_.edit.reason.empty() ? "" : "; ") + why;
        task_.edit.delete_all = true;
        task_.edit.rows = Incoming(content, rows);
        task_.edit.rows.out_count = stored;
    }

    void WriteDifference(const std::string& content, int64_t rows, int64_t stored) {
        task_.edit.strategy = "difference";
        if (stored == 0) {
            task_.edit.rows = Incoming(content, rows);
            return;
        }
        if (HidesPhysicalPlace(task_.edit.columns)) {
            return ReplaceAll(content, rows, stored, "a column hides the physical place of rows");
        }
        if (!task_.node.table.options.Deduplicate()) {
            return ReplaceAll(content, rows, stored, "DEDUPLICATION = FALSE");
        }
        task_.edit.rows = ComputeDifference(task_.session, task_.edit.stored, task_.edit.columns, Inexact(),
                                            TempSql(content), EditPrefix(task_.node.table));
        task_.edit.extent.recomputed_rows = rows;
        task_.edit.extent.equal_rows = stored - task_.edit.rows.out_count;
        if (task_.edit.rows.out_count * 2 > stored) {
            ReplaceAll(content, rows, stored,
                       fmt::format("{} of {} rows differ: written anew", task_.edit.rows.out_count, stored));
        }
    }

    EditTask& task_;
    std::string content_sql_; ///< of the result over filled companions; empty: the query is evaluated
};

} // namespace

void Evaluate(EditTask& task) {
    Evaluation(task).Run();
}

} // namespace freshet
