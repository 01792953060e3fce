#include "delta/recorded_sql.hpp"

#include "base/identifier.hpp"
#include "delta/compiler.hpp"

#include <fmt/format.h>

namespace freshet::delta {

namespace {

/// Finds a changed row of either sign in every table, and no NULL among keys: the longest way through the rules.
class Recorder : public Runtime {
public:
    Facts Make(const std::string& name, const std::string& sql, bool,
               const std::vector<std::string>& null_columns) override {
        statements.push_back(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", name, sql));
        return {2, 1, 1, std::vector<bool>(null_columns.size(), false)};
    }

    std::vector<std::string> statements;
};

Interval Everything(const Analysis& analysis, const std::string& companion_prefix) {
    Interval interval;
    for (const auto& source : analysis.query.sources) {
        SourceInterval changed;
        changed.old_relation = fmt::format("(FROM {} AT (VERSION => $frontier))", source.table.Sql());
        changed.new_relation = fmt::format("(FROM {} AT (VERSION => $snapshot))", source.table.Sql());
        changed.delta = "temp.main." + QuoteIdentifier("changes of " + source.table.Text());
        changed.inserted = changed.deleted = 1;
        interval.sources.push_back(changed);
    }
    for (const auto& node : analysis.kept) {
        int id = analysis.operator_id.at(node.get());
        interval.companions[id] = TableName{kOwnSchema, fmt::format("{}{}", companion_prefix, id)}.Sql();
    }
    for (const auto& column : analysis.query.root->columns) {
        interval.result_columns.push_back(column.name);
    }
    interval.old_moment = "$frontier_time";
    interval.new_moment = "$snapshot_time";
    return interval;
}

} // namespace

std::vector<std::string> RecordedSql(const Analysis& analysis, const std::string& companion_prefix) {
    Recorder recorder;
    ComputeChange(analysis, Everything(analysis, companion_prefix), recorder);
    return recorder.statements;
}

} // namespace freshet::delta
