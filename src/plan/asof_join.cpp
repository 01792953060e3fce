#include "plan/asof_join.hpp"

#include "plan/windows.hpp"

namespace freshet::plan {

namespace {

/// The time of the neighbour in the direction from which the next match would come.
WindowCall NeighbourTime(const AsofJoin& join, bool later) {
    WindowCall call;
    call.function = later ? "lead" : "lag";
    call.args = {join.right_time};
    call.partitions = join.right_keys;
    call.order_by = {{join.right_time, false, false}};
    call.frame_unit = "ROWS";
    call.start.text = "UNBOUNDED PRECEDING";
    call.end.text = "CURRENT ROW";
    call.type = join.right_time->type;
    return call;
}

/// No time is nearer: there is no neighbour, or the left time has not reached it.
ExprPtr NotReached(const AsofJoin& join, const ExprPtr& neighbour) {
    const char* op = join.op == ">=" ? "<" : join.op == ">" ? "<=" : join.op == "<=" ? ">" : ">=";
    return Call(ExprKind::Or, "BOOLEAN",
                {Call(ExprKind::IsNull, "BOOLEAN", {neighbour}), Compare(op, join.left_time, neighbour)});
}

} // namespace

NodePtr MakeAsofJoin(const AsofJoin& join) {
    auto timed = MakeFilter(join.right, {Call(ExprKind::IsNotNull, "BOOLEAN", {join.right_time})});
    auto moments = join.right_keys;
    moments.push_back(join.right_time);
    auto distinct = FirstOfEach(timed, moments, {});
    bool later = join.op == ">=" || join.op == ">";
    auto valid = MakeWindow(distinct, join.right_keys, {NeighbourTime(join, later)}, {"asof_neighbour"});
    int width = static_cast<int>(join.left->columns.size());
    int right_width = static_cast<int>(join.right->columns.size());
    auto predicates = join.equalities;
    predicates.push_back(Compare(join.op, join.left_time, Shift(join.right_time, width)));
    predicates.push_back(NotReached(join, ColumnRef(width + right_width, join.right_time->type)));
    auto joined = MakeJoin(join.kind, {join.left, valid}, predicates);
    auto outputs = AllColumns(*joined);
    auto names = NamesOf(joined->columns);
    outputs.pop_back();
    names.pop_back();
    return MakeProject(joined, outputs, names);
}

} // namespace freshet::plan
