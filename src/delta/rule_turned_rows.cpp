#include "base/identifier.hpp"
#include "delta/rules.hpp"

#include <algorithm>
#include <fmt/format.h>

// A join with the one row of a scalar subquery, as of `x > (SELECT avg(x) ...)`, whose value nothing above reads. Where
// that value changes from s to s', the term of the inner join's rule is
//
//   project(A x {+s', -s}) = rows of A for which p(s') holds and p(s) doesn't, minus those where it is the other way
//
// so that only the rows whose comparison turned leave the scan of A, instead of all that compare true with either
// value, to be netted against each other. Follows from the telescoped rule (rule_inner_join) by linearity.

namespace freshet::delta {

namespace {

bool IsOneRow(const plan::NodePtr& node) {
    if (node->kind == plan::NodeKind::Project) {
        return IsOneRow(node->inputs[0]);
    }
    return node->kind == plan::NodeKind::Aggregate && node->As<plan::Aggregate>().IsGlobal();
}

size_t InputOf(const plan::Join& join, int column) {
    size_t input = 0;
    while (column >= plan::InputOffset(join, input + 1)) {
        input++;
    }
    return input;
}

bool Reads(const plan::Join& join, const std::set<int>& columns, size_t input) {
    return std::any_of(columns.begin(), columns.end(), [&](int c) { return InputOf(join, c) == input; });
}

/// Columns of input i under alias t<i>, those of the one row under `alias`.
std::function<std::string(int)> ColumnsWith(const plan::Join& join, size_t one_row, const std::string& alias) {
    return [&join, one_row, alias](int column) {
        size_t input = InputOf(join, column);
        const auto& name =
            join.inputs[input]->columns[static_cast<size_t>(column - plan::InputOffset(join, input))].name;
        return (input == one_row ? alias : fmt::format("t{}", input)) + "." + QuoteIdentifier(name);
    };
}

} // namespace

bool Rules::OnlyTurnsRows(const plan::NodePtr& node, size_t input, const std::set<int>& read_above) {
    const auto& join = node->As<plan::Join>();
    if (!IsOneRow(join.inputs[input]) || Reads(join, read_above, input)) {
        return false;
    }
    auto linked = [&](const emit::EquiPair& pair) { // an equality: the other inputs are restricted by its value
        return Reads(join, plan::ColumnsOf(pair.left), input) || Reads(join, plan::ColumnsOf(pair.right), input);
    };
    auto pairs = emit::EquiPairs(join);
    const Facts& facts = Delta(join.inputs[input]).facts;
    return std::none_of(pairs.begin(), pairs.end(), linked) && facts.inserted == 1 && facts.deleted == 1;
}

std::string Rules::TurnedRows(const plan::NodePtr& node, size_t changed) {
    const auto& join = node->As<plan::Join>();
    std::vector<plan::ExprPtr> compared, others;
    for (const auto& predicate : join.predicates) {
        (Reads(join, plan::ColumnsOf(predicate), changed) ? compared : others).push_back(predicate);
    }
    auto now = ColumnsWith(join, changed, "now");
    auto before = ColumnsWith(join, changed, "before");
    std::string list, from;
    for (size_t i = 0; i < node->columns.size(); i++) {
        int column = static_cast<int>(i);
        const auto& [name, type] = node->columns[i];
        bool unread = InputOf(join, column) == changed;
        list += fmt::format("{} AS {}, ", unread ? fmt::format("CAST(NULL AS {})", type) : now(column),
                            QuoteIdentifier(name));
    }
    for (size_t i = 0; i < join.inputs.size(); i++) {
        if (i != changed) {
            emit::Side side = i < changed ? emit::Side::New : emit::Side::Old;
            from += fmt::format("({}) AS t{}, ", emit::SelectSql(join.inputs[i], side, *this), i);
        }
    }
    std::string holds = fmt::format("coalesce({}, false)", emit::Conjunction(compared, now));
    std::string held = fmt::format("coalesce({}, false)", emit::Conjunction(compared, before));
    const std::string& values = Delta(join.inputs[changed]).table;
    std::string weight = QuoteIdentifier(kWeight);
    return fmt::format("SELECT {0}CAST(CASE WHEN {1} THEN 1 ELSE -1 END AS TINYINT) AS {2} FROM {3}(FROM {4} WHERE {2} "
                       "> 0) AS now, (FROM {4} WHERE {2} < 0) AS before WHERE {5} AND {1} <> {6}",
                       list, holds, weight, from, values, emit::Conjunction(others, now), held);
}

} // namespace freshet::delta
