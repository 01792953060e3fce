#include "base/error.hpp"
#include "base/identifier.hpp"
#include "delta/rules.hpp"

#include <fmt/format.h>

// Aggregates and DISTINCT, with K = the groups to which changed input rows belong:
//
//   d(G A) = G(A' restricted to K) - G(A restricted to K)
//
// 1. Accumulators (kept in a companion table): the change is folded into row count, counts and sums of the groups in K;
//    a group leaves when no row is left, never because a sum is zero; a global aggregate has one row always. Least and
//    greatest values fold too, unless the extreme left: those groups alone are read again.
// 2. Affected groups: both sides are evaluated for the groups in K, the restriction reaches the scans. Works for every
//    function (DISTINCT, median, lists, sums of floating-point numbers).
//
// Keys match NULL-safely: NULL is a group. Mumick, Quass, Mumick, "Maintenance of Data Cubes and Summary Tables in a
// Warehouse", SIGMOD 1997 (summary-delta); Griffin & Libkin, SIGMOD 1995.

namespace freshet::delta {

namespace {

std::string KeyColumns(const plan::Aggregate& aggregate, const std::string& from) {
    std::string list;
    for (size_t i = 0; i < aggregate.groups.size(); i++) {
        list += fmt::format("{}{}.{}", i ? ", " : "", from, QuoteIdentifier(aggregate.columns[i].name));
    }
    return list;
}

std::vector<std::string> KeyNames(const plan::Aggregate& aggregate) {
    std::vector<std::string> names;
    for (size_t i = 0; i < aggregate.groups.size(); i++) {
        names.push_back(aggregate.columns[i].name);
    }
    return names;
}

/// A group column that is quick to compare: looked up first where a key has several. Empty if there is no need.
std::string NarrowKey(const plan::Aggregate& aggregate) {
    for (size_t i = 0; i < aggregate.groups.size() && aggregate.groups.size() > 1; i++) {
        const std::string& type = aggregate.groups[i]->type;
        if (type.find("INT") != std::string::npos && type.find_first_of("[(") == std::string::npos) {
            return QuoteIdentifier(aggregate.columns[i].name);
        }
    }
    return "";
}

/// Rows of a companion that `keys` names, with their places. Wide keys cost much to compare for every row: those that
/// have one part in common are found first.
std::string StoredGroups(const Accumulators& accumulators, const std::string& companion, const std::string& keys,
                         const std::string& narrow, const std::string& on) {
    std::string columns = emit::ColumnList(accumulators.Columns(), "a") + ", a.filename, a.file_row_number";
    std::string join = fmt::format("SEMI JOIN {} AS k ON ", keys);
    if (narrow.empty()) {
        return fmt::format("SELECT {} FROM {} AS a {}{}", columns, companion, join, on.empty() ? "true" : on);
    }
    return fmt::format("WITH near AS MATERIALIZED (SELECT {0} FROM {1} AS a {2}a.{3} = k.{3}) SELECT a.* FROM near AS "
                       "a {2}{4}",
                       columns, companion, join, narrow, on);
}

} // namespace

std::string Rules::AggregateDelta(const plan::NodePtr& node) {
    if (!ChangeGroups(node, true)) {
        return "";
    }
    const auto& change = groups_.at(node.get());
    if (!IsKept(*node)) {
        return Replacement(*node, change.new_rows, change.old_rows);
    }
    Accumulators accumulators(node->As<plan::Aggregate>());
    return Replacement(*node, change.new_rows, "(" + accumulators.FinishSql(change.old_accumulators) + ")");
}

bool Rules::ChangeGroups(const plan::NodePtr& node, bool with_old) {
    if (IsKept(*node)) {
        return FoldAccumulators(node);
    }
    const NodeDelta input = Delta(node->inputs[0]);
    if (!input.Empty()) {
        RecomputeGroups(node, input, with_old);
    }
    return !input.Empty();
}

/// SQL of the input's changed rows, behind FROM; empty if there are none. Counts and sums are linear: where nothing
/// else needs the change it goes into the fold as it is computed, without a table between, which for a join can be far
/// larger than what it folds to. Extremes need it netted.
std::string Rules::ChangeToFold(const plan::NodePtr& node) {
    const auto& input = node->inputs[0];
    bool shared =
        uses_[input.get()] > 1 || std::any_of(analysis_.copies.begin(), analysis_.copies.end(),
                                              [&](const auto& copy) { return copy.second.get() == node.get(); });
    if (shared || Accumulators(node->As<plan::Aggregate>()).HasExtremes()) {
        const auto& delta = Delta(input);
        return delta.Empty() ? "" : delta.table;
    }
    std::string sql = DeltaSql(input);
    return sql.empty() ? "" : "(" + sql + ")";
}

bool Rules::FoldAccumulators(const plan::NodePtr& node) {
    auto known = folded_.find(node.get()); // an operator that reads it whole asks again
    if (known == folded_.end()) {
        std::string change = ChangeToFold(node);
        known = folded_.emplace(node.get(), !change.empty() && Fold(node, change)).first;
    }
    return known->second;
}

bool Rules::Fold(const plan::NodePtr& node, const std::string& input_change) {
    const auto& aggregate = node->As<plan::Aggregate>();
    Accumulators accumulators(aggregate);
    GroupChange change;
    change.keys = NewName("folded");
    change.key_names = KeyNames(aggregate);
    int operator_id = analysis_.operator_id.at(node.get());
    auto stored_rows = interval_.companion_rows.find(operator_id);
    bool few = stored_rows != interval_.companion_rows.end() && IsReadWhole(stored_rows->second);
    change.key_facts = Make(change.keys, accumulators.FoldSql(input_change), false,
                            few ? std::vector<std::string>{} : KeyNames(aggregate));
    if (change.key_facts.rows == 0) {
        return false;
    }
    bool null_safe = few || change.key_facts.HasNull();
    std::string on;
    for (size_t i = 0; i < accumulators.KeyCount(); i++) {
        std::string name = QuoteIdentifier(accumulators.Columns()[i].name);
        on += fmt::format("{}a.{} {} k.{}", i ? " AND " : "", name, null_safe ? "IS NOT DISTINCT FROM" : "=", name);
    }
    const auto& companion = interval_.companions.at(operator_id);
    change.old_accumulators = NewName("old");
    Facts old =
        Make(change.old_accumulators,
             StoredGroups(accumulators, companion, change.keys, null_safe ? "" : NarrowKey(aggregate), on), false);
    std::string combined = NewName("combined");
    Make(combined, accumulators.CombineSql(change.keys, change.old_accumulators, null_safe), false);
    combined = MendExtremes(node, accumulators, combined);
    change.new_accumulators = NewName("new");
    // A group with fewer than no rows means that the companion contradicts the change: error() stops the refresh.
    std::string alive = fmt::format(
        "CASE WHEN c.{0} < 0 THEN error('a group would have fewer than no rows') ELSE {1} END", QuoteIdentifier(kRows),
        aggregate.IsGlobal() ? "true" : fmt::format("c.{} > 0", QuoteIdentifier(kRows)));
    Facts now = Make(
        change.new_accumulators,
        fmt::format("SELECT {} FROM {} AS c WHERE {}", emit::ColumnList(accumulators.Columns(), "c"), combined, alive),
        false);
    change.new_rows = "(" + accumulators.FinishSql(change.new_accumulators) + ")";
    change_.companions.push_back({operator_id, change.old_accumulators, change.new_accumulators, old.rows, now.rows});
    Note(node, "accumulators");
    groups_[node.get()] = change;
    return true;
}

/// Groups whose extreme left without another of the change taking its place: their extremes are read from the rows that
/// remain. Of few groups, and restricted to them.
std::string Rules::MendExtremes(const plan::NodePtr& node, const Accumulators& accumulators,
                                const std::string& combined) {
    if (!accumulators.HasExtremes()) {
        return combined;
    }
    const auto& aggregate = node->As<plan::Aggregate>();
    std::string names = QuoteIdentifier(kRows);
    std::string dirty = NewName("dirty");
    std::string keys = aggregate.IsGlobal() ? "1 AS one" : KeyColumns(aggregate, "t");
    Facts facts = Make(dirty, fmt::format("SELECT {} FROM {} AS t WHERE t.__dirty AND t.{} > 0", keys, combined, names),
                       false, KeyNames(aggregate));
    if (facts.rows == 0) {
        return combined;
    }
    std::optional<emit::Restriction> restriction;
    if (!aggregate.IsGlobal()) {
        restriction = Restrict(dirty, KeyNames(aggregate), facts, aggregate.groups);
    }
    std::string rest = NewName("reread");
    Make(rest, accumulators.FillSql("(" + emit::SelectSql(node->inputs[0], emit::Side::New, *this, restriction) + ")"),
         false);
    std::string mended = NewName("mended");
    Make(mended, accumulators.MendSql(combined, rest), false);
    Note(node, "extremes read again");
    return mended;
}

GroupChange& Rules::RecomputeGroups(const plan::NodePtr& node, const NodeDelta& input, bool with_old) {
    const auto& aggregate = node->As<plan::Aggregate>();
    GroupChange change;
    auto column_sql = emit::ColumnsFrom(node->inputs[0]->columns, "t");
    std::string list;
    for (size_t i = 0; i < aggregate.groups.size(); i++) {
        list += fmt::format("{}{} AS {}", i ? ", " : "", plan::ToSql(aggregate.groups[i], column_sql),
                            QuoteIdentifier(aggregate.columns[i].name));
    }
    change.keys = NewName("groups");
    change.key_names = KeyNames(aggregate);
    change.key_facts = Make(change.keys, fmt::format("SELECT DISTINCT {} FROM {} AS t", list, input.table), false,
                            KeyNames(aggregate));
    auto restriction = Restrict(change.keys, KeyNames(aggregate), change.key_facts, aggregate.groups);
    EvaluateFor(
        node->inputs[0], restriction, input, with_old,
        [&](const std::string& rows) { return emit::AggregateSql(aggregate, rows); }, change);
    Note(node, "affected groups");
    return groups_[node.get()] = change;
}

} // namespace freshet::delta
