#include "delta/rules.hpp"

#include <algorithm>

// Operators that any row of their input may decide as a whole (ORDER BY ... LIMIT, windows without PARTITION BY,
// aggregates without GROUP BY that have no accumulators), with M = the input, kept in a companion table:
//
//   d(W M) = W(M') - W(M)
//
// No source is read further than the change of M needs. Where rows may tie, all columns decide, so that old rows come
// out as they did before.

namespace freshet::delta {

bool Rules::IsTouched(const plan::NodePtr& node) {
    if (auto copy = analysis_.copies.find(node.get()); copy != analysis_.copies.end()) {
        return FoldAccumulators(copy->second);
    }
    if (node->kind == plan::NodeKind::Project || (node->kind == plan::NodeKind::Filter && !IsMoving(*node))) {
        return IsTouched(node->inputs[0]);
    }
    bool known = deltas_.count(node.get()) > 0;
    return IsKept(*node) && !known ? FoldAccumulators(node) : !Delta(node).Empty();
}

std::string Rules::WholeDelta(const plan::NodePtr& node) {
    if (!IsTouched(node->inputs[0])) {
        return "";
    }
    auto evaluate = [&](emit::Side side, const char* what) {
        std::string name = NewName(what);
        Make(name, emit::SelectSql(node, side, *this), false);
        return name;
    };
    std::string new_rows = evaluate(emit::Side::New, "new");
    std::string old_rows = evaluate(emit::Side::Old, "old");
    Note(node, kWholeStrategy);
    return Replacement(*node, new_rows, old_rows);
}

} // namespace freshet::delta
