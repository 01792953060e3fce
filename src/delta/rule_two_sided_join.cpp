#include "base/identifier.hpp"
#include "delta/rules.hpp"

#include <algorithm>
#include <fmt/format.h>

// Left, semi, anti and mark joins. What a left row L contributes depends on that row and on all right rows that match
// it, so (R' new, R old, A any set of old left rows that holds all whose matches changed)
//
//   d(L op R) = dL op R'  +  A op R'  -  A op R
//
// The left rows that a changed right row can match are found by the join's equalities: keys of dR, restricted at the
// scans of L. A may hold rows whose matches did not change: both terms then give the same and cancel. Where a row
// leaves and comes back, or both sides change in one interval, the first term sees R' and the others L before the
// change, so nothing is counted twice. Padding with NULL, its removal, and the three values of a mark follow from
// evaluating `op` itself on both states. R is read once: restricted to the keys of dL and A, R old is R' - dR. Larson &
// Zhou, "Efficient Maintenance of Materialized Outer-Join Views", ICDE 2007, treat outer joins by terms; recomputing
// affected rows gives the same without their case distinctions.

namespace freshet::delta {

namespace {

/// Equalities between left and right with the right side's positions counted from the right input.
std::vector<emit::EquiPair> Links(const plan::Join& join, bool with_decisive) {
    int width = static_cast<int>(join.inputs[0]->columns.size());
    std::vector<emit::EquiPair> links;
    for (auto pair : emit::EquiPairs(join)) {
        bool decisive = join.null_aware && plan::Same(pair.left, join.predicates.back()->args[0]) &&
                        plan::Same(pair.right, join.predicates.back()->args[1]);
        if (decisive && !with_decisive) {
            continue;
        }
        pair.right = plan::Shift(pair.right, -width);
        links.push_back(pair);
    }
    return links;
}

std::vector<std::string> RightSql(const std::vector<emit::EquiPair>& links, const std::vector<Column>& columns) {
    std::vector<std::string> sql;
    for (const auto& link : links) {
        sql.push_back(plan::ToSql(link.right, emit::ColumnsFrom(columns, "t")));
    }
    return sql;
}

std::vector<plan::ExprPtr> Lefts(const std::vector<emit::EquiPair>& links) {
    std::vector<plan::ExprPtr> out;
    for (const auto& link : links) {
        out.push_back(link.left);
    }
    return out;
}

bool AnyNullSafe(const std::vector<emit::EquiPair>& links) {
    return std::any_of(links.begin(), links.end(), [](const auto& link) { return link.null_safe; });
}

} // namespace

namespace {

std::vector<emit::EquiPair> Chosen(const std::vector<emit::EquiPair>& links, const std::vector<bool>& carry) {
    std::vector<emit::EquiPair> chosen;
    for (size_t i = 0; i < links.size(); i++) {
        if (carry[i]) {
            chosen.push_back(links[i]);
        }
    }
    return chosen;
}

std::vector<plan::ExprPtr> Rights(const std::vector<emit::EquiPair>& links) {
    std::vector<plan::ExprPtr> out;
    for (const auto& link : links) {
        out.push_back(link.right);
    }
    return out;
}

} // namespace

std::string Rules::TwoSidedJoinDelta(const plan::NodePtr& node) {
    const NodeDelta left = Delta(node->inputs[0]);
    const NodeDelta right = Delta(node->inputs[1]);
    std::string affected;
    if (!right.Empty()) {
        std::string name = NewName("affected");
        affected = Make(name, AffectedLeft(node, right), false).rows > 0 ? name : "";
    }
    if (left.Empty() && affected.empty()) {
        return "";
    }
    Note(node, "affected rows");
    std::string weight = std::string("l.") + QuoteIdentifier(kWeight);
    if (affected.empty()) {
        return OverRight(node, left.table, emit::Side::New, weight);
    }
    const auto& join = node->As<plan::Join>();
    if (!join.null_aware && !Links(join, true).empty() && IsReproducible(join.inputs[1])) {
        return OverBothSides(node, left, affected, right);
    }
    std::string out = left.Empty() ? "" : OverRight(node, left.table, emit::Side::New, weight) + " UNION ALL ";
    out += OverRight(node, affected, emit::Side::New, "CAST(1 AS TINYINT)");
    return out + " UNION ALL " + OverRight(node, affected, emit::Side::Old, "CAST(-1 AS TINYINT)");
}

/// All three terms over one evaluation of the right side.
std::string Rules::OverBothSides(const plan::NodePtr& node, const NodeDelta& left, const std::string& affected,
                                 const NodeDelta& right) {
    const auto& join = node->As<plan::Join>();
    const auto& columns = join.inputs[0]->columns;
    auto all = Links(join, true);
    auto links = Chosen(all, Carriers(join.inputs[1], Rights(all)));
    std::vector<std::string> own;
    for (const auto& left : Lefts(links)) {
        own.push_back(plan::ToSql(left, emit::ColumnsFrom(columns, "t")));
    }
    std::string reached = affected;
    if (!left.Empty()) {
        std::string list = emit::ColumnList(columns, "t");
        reached =
            fmt::format("(SELECT {0} FROM {1} AS t UNION ALL SELECT {0} FROM {2} AS t)", list, left.table, affected);
    }
    BothSides sides =
        ReadOnce(join.inputs[1], Restrict(MakeKeys(reached, own, !AnyNullSafe(links)), Rights(links)), right);
    auto term = [&](const std::string& rows, const std::string& matches, const std::string& weight) {
        return emit::TwoSidedJoinSql(join, rows, matches, fmt::format(", {} AS {}", weight, QuoteIdentifier(kWeight)));
    };
    std::string out =
        left.Empty() ? ""
                     : term(left.table, sides.new_rows, std::string("l.") + QuoteIdentifier(kWeight)) + " UNION ALL ";
    return out + term(affected, sides.new_rows, "CAST(1 AS TINYINT)") + " UNION ALL " +
           term(affected, sides.old_rows, "CAST(-1 AS TINYINT)");
}

/// SELECT of old left rows whose matches may have changed.
std::string Rules::AffectedLeft(const plan::NodePtr& node, const NodeDelta& right) {
    const auto& join = node->As<plan::Join>();
    const auto& left_node = join.inputs[0];
    const auto& right_columns = join.inputs[1]->columns;
    if (!join.null_aware) {
        auto links = Links(join, true);
        if (links.empty()) {
            plan::Join semi = join;
            semi.join_kind = plan::JoinKind::Semi;
            semi.columns = left_node->columns;
            return emit::TwoSidedJoinSql(semi, "(" + emit::SelectSql(left_node, emit::Side::Old, *this) + ")",
                                         right.table);
        }
        links = Chosen(links, Carriers(left_node, Lefts(links)));
        auto keys = MakeKeys(right.table, RightSql(links, right_columns), !AnyNullSafe(links));
        return emit::SelectSql(left_node, emit::Side::Old, *this, Restrict(keys, Lefts(links)));
    }
    // x op ANY (...): the subquery rows of the same correlation decide, NULLs among them too.
    auto correlation = Links(join, false);
    auto decisive = join.predicates.back();
    bool equality = decisive->text == "=" && correlation.size() + 1 == Links(join, true).size();
    std::optional<emit::Restriction> by_correlation;
    if (!correlation.empty()) {
        auto keys = MakeKeys(right.table, RightSql(correlation, right_columns), !AnyNullSafe(correlation));
        by_correlation = Restrict(keys, Lefts(correlation));
    }
    std::string all = emit::SelectSql(left_node, emit::Side::Old, *this, by_correlation);
    if (!equality) {
        return all;
    }
    auto links = Links(join, true);
    auto keys = MakeKeys(right.table, RightSql(links, right_columns), false);
    if (keys.facts.HasNull()) {
        return all; // a NULL came or went: it decides for every row of its correlation
    }
    // Rows that compare equal to a changed value, and rows whose own value is NULL: those ask whether there is any row.
    std::string value = plan::ToSql(decisive->args[0], emit::ColumnsFrom(left_node->columns, "n"));
    return fmt::format("{} UNION ALL SELECT {} FROM ({}) AS n WHERE {} IS NULL",
                       emit::SelectSql(left_node, emit::Side::Old, *this, Restrict(keys, Lefts(links))),
                       emit::ColumnList(left_node->columns, "n"), all, value);
}

/// SELECT of `left op R`, with R restricted to what can match the given left rows.
std::string Rules::OverRight(const plan::NodePtr& node, const std::string& left_relation, emit::Side side,
                             const std::string& weight_sql) {
    const auto& join = node->As<plan::Join>();
    const auto& left_columns = join.inputs[0]->columns;
    auto all = Links(join, !join.null_aware);
    auto links = Chosen(all, Carriers(join.inputs[1], Rights(all)));
    std::optional<emit::Restriction> restriction;
    if (!links.empty()) {
        std::vector<std::string> own;
        for (const auto& left : Lefts(links)) {
            own.push_back(plan::ToSql(left, emit::ColumnsFrom(left_columns, "t")));
        }
        auto keys = MakeKeys(left_relation, own, !AnyNullSafe(links));
        restriction = Restrict(keys, Rights(links));
    }
    std::string right = "(" + emit::SelectSql(join.inputs[1], side, *this, restriction) + ")";
    return emit::TwoSidedJoinSql(join, left_relation, right,
                                 fmt::format(", {} AS {}", weight_sql, QuoteIdentifier(kWeight)));
}

} // namespace freshet::delta
