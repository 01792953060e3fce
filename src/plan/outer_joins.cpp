#include "plan/outer_joins.hpp"

#include <fmt/format.h>

namespace freshet::plan {

namespace {

/// Predicates over right ++ left.
std::vector<ExprPtr> Swapped(const std::vector<ExprPtr>& predicates, int left, int right) {
    std::vector<ExprPtr> swapped;
    for (const auto& predicate : predicates) {
        swapped.push_back(Substitute(predicate, [&](int column, const std::string& type) {
            return ColumnRef(column < left ? column + right : column - left, type);
        }));
    }
    return swapped;
}

} // namespace

NodePtr MakeRightJoin(const NodePtr& left, const NodePtr& right, const std::vector<ExprPtr>& predicates) {
    int lw = static_cast<int>(left->columns.size());
    int rw = static_cast<int>(right->columns.size());
    auto join = MakeJoin(JoinKind::Left, {right, left}, Swapped(predicates, lw, rw));
    auto outputs = AllColumns(*left, rw);
    auto tail = AllColumns(*right, 0);
    outputs.insert(outputs.end(), tail.begin(), tail.end());
    auto names = NamesOf(left->columns);
    for (const auto& column : right->columns) {
        names.push_back(column.name);
    }
    return MakeProject(join, outputs, names);
}

NodePtr MakeFullJoin(const NodePtr& left, const NodePtr& right, const std::vector<ExprPtr>& predicates) {
    int lw = static_cast<int>(left->columns.size());
    int rw = static_cast<int>(right->columns.size());
    auto padded = MakeJoin(JoinKind::Left, {left, right}, predicates);
    auto unmatched = MakeJoin(JoinKind::Anti, {right, left}, Swapped(predicates, lw, rw));
    std::vector<ExprPtr> outputs;
    for (const auto& column : left->columns) {
        outputs.push_back(Literal(fmt::format("CAST(NULL AS {})", column.type), column.type));
    }
    auto tail = AllColumns(*right);
    outputs.insert(outputs.end(), tail.begin(), tail.end());
    auto project = MakeProject(unmatched, outputs, NamesOf(padded->columns));
    return MakeUnionAll({padded, project}, padded->columns);
}

} // namespace freshet::plan
