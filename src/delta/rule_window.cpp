#include "base/identifier.hpp"
#include "delta/rules.hpp"

#include <fmt/format.h>

// Window functions, with K = the partitions to which changed input rows belong:
//
//   d(W A) = W(A' restricted to K) - W(A restricted to K)
//
// A row of one partition never decides the value of a row in another. The restriction reaches the scans, as for
// affected groups of an aggregate. Keys match NULL-safely: NULL is a partition. Where a call depends on which of
// equally ordered rows comes first, all columns are appended to its order, so that old rows come out as they did
// before.

namespace freshet::delta {

GroupChange Rules::RecomputePartitions(const plan::NodePtr& node, const NodeDelta& input, bool with_old) {
    const auto& window = node->As<plan::Window>();
    auto column_sql = emit::ColumnsFrom(node->inputs[0]->columns, "t");
    std::vector<std::string> expressions;
    for (const auto& partition : window.partitions) {
        expressions.push_back(plan::ToSql(partition, column_sql));
    }
    const Keys keys = MakeKeys(input.table, expressions, false);
    const emit::Restriction restriction = Restrict(keys, window.partitions);
    GroupChange change;
    change.keys = keys.table;
    change.key_names = restriction.columns;
    change.key_facts = keys.facts;
    EvaluateFor(
        node->inputs[0], restriction, input, with_old,
        [&](const std::string& rows) { return emit::WindowSql(window, rows); }, change);
    Note(node, "affected partitions");
    return change;
}

std::string Rules::WindowDelta(const plan::NodePtr& node) {
    const NodeDelta input = Delta(node->inputs[0]);
    if (input.Empty()) {
        return "";
    }
    const GroupChange change = RecomputePartitions(node, input, true);
    return Replacement(*node, change.new_rows, change.old_rows);
}

} // namespace freshet::delta
