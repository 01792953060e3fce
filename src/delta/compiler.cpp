#include "delta/compiler.hpp"

#include "base/error.hpp"
#include "base/identifier.hpp"
#include "base/netting.hpp"
#include "delta/maintained_input.hpp"
#include "delta/rules.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet::delta {

namespace {

/// Sources at their new versions, and what was made of them.
class NewSources : public emit::Relations {
public:
    NewSources(const Analysis& analysis, const Contents& contents) : analysis_(analysis), contents_(contents) {}
    std::string SourceSql(int source, emit::Side) const override {
        return contents_.sources[static_cast<size_t>(source)].new_relation;
    }
    std::optional<std::string> MaintainedSql(const plan::Node& node, emit::Side) const override {
        auto id = analysis_.operator_id.find(&node);
        auto filled =
            id == analysis_.operator_id.end() ? contents_.companions.end() : contents_.companions.find(id->second);
        if (filled == contents_.companions.end()) {
            return std::nullopt;
        }
        return "(" + Accumulators(node.As<plan::Aggregate>()).FinishSql(filled->second) + ")";
    }
    std::string MomentSql(emit::Side) const override { return contents_.moment; }

private:
    const Analysis& analysis_;
    const Contents& contents_;
};

const plan::NodePtr& KeptOperator(const Analysis& analysis, int operator_id) {
    for (const auto& node : analysis.kept) {
        if (analysis.operator_id.at(node.get()) == operator_id) {
            return node;
        }
    }
    throw Error(Code::Defect, fmt::format("operator {} keeps no accumulators", operator_id));
}

bool IsInnerJoin(const plan::Node& node) {
    return node.kind == plan::NodeKind::Join && node.As<plan::Join>().join_kind == plan::JoinKind::Inner;
}

std::set<int> EveryColumn(const plan::Node& node) {
    std::set<int> all;
    for (size_t i = 0; i < node.columns.size(); i++) {
        all.insert(static_cast<int>(i));
    }
    return all;
}

std::string InputSql(const Analysis& analysis, const plan::NodePtr& node, const Contents& contents) {
    return "(" + emit::SelectSql(node->inputs[0], emit::Side::New, NewSources(analysis, contents)) + ")";
}

} // namespace

std::vector<Companion> PlanCompanions(const Analysis& analysis) {
    std::vector<Companion> companions;
    for (const auto& node : analysis.kept) {
        Accumulators accumulators(node->As<plan::Aggregate>());
        Companion companion;
        companion.operator_id = analysis.operator_id.at(node.get());
        companion.columns = accumulators.Columns();
        companion.key_count = accumulators.KeyCount();
        companion.required = analysis.required.count(companion.operator_id) > 0;
        companions.push_back(companion);
    }
    // Operators are numbered from the root on.
    std::sort(companions.begin(), companions.end(),
              [](const Companion& a, const Companion& b) { return a.operator_id > b.operator_id; });
    return companions;
}

std::string CompanionSql(const Analysis& analysis, int operator_id, const Contents& contents) {
    const plan::NodePtr& node = KeptOperator(analysis, operator_id);
    return Accumulators(node->As<plan::Aggregate>()).FillSql(InputSql(analysis, node, contents));
}

CompanionSize SizeOf(const Analysis& analysis, int operator_id, const Contents& contents) {
    const plan::NodePtr& node = KeptOperator(analysis, operator_id);
    const plan::NodePtr& input = node->inputs[0];
    const auto& aggregate = node->As<plan::Aggregate>();
    CompanionSize size;
    size.source_rows = SourceRows(node, contents.sources);
    size.most_rows = MostValues(input, aggregate.groups, contents.sources);
    if (IsPlainScan(input)) {
        size.rows_sql = Accumulators(aggregate).CountGroupsSql(InputSql(analysis, node, contents));
    }
    return size;
}

std::string ResultSql(const Analysis& analysis, const Contents& contents) {
    NewSources relations(analysis, contents);
    return emit::SelectSql(analysis.query.root, emit::Side::New, relations);
}

Change ComputeChange(const Analysis& analysis, const Interval& interval, Runtime& runtime) {
    return Rules(analysis, interval, runtime).Run();
}

std::string WithWeight(const std::vector<Column>& columns, const std::string& from) {
    return emit::ColumnList(columns, from) + ", " + from + "." + QuoteIdentifier(kWeight);
}

Rules::Rules(const Analysis& analysis, const Interval& interval, Runtime& runtime)
    : analysis_(analysis), interval_(interval), runtime_(runtime) {
    CountUses(analysis.query.root);
}

void Rules::CountUses(const plan::NodePtr& node) {
    if (++uses_[node.get()] > 1) {
        return;
    }
    for (const auto& input : node->inputs) {
        CountUses(input);
    }
}

Change Rules::Run() {
    change_.result = RootEdit();
    std::string joined;
    for (const auto& strategy : strategies_) {
        joined += (joined.empty() ? "" : ", ") + strategy;
    }
    change_.strategy = joined.empty() ? "linear" : joined;
    return change_;
}

std::string Rules::SourceSql(int source, emit::Side side) const {
    const auto& interval = interval_.sources[static_cast<size_t>(source)];
    // An unchanged source is read at its newest version: that scan is cheaper and its statistics are right.
    return side == emit::Side::Old && !interval.delta.empty() ? interval.old_relation : interval.new_relation;
}

std::string Rules::MomentSql(emit::Side side) const {
    return side == emit::Side::Old ? interval_.old_moment : interval_.new_moment;
}

bool Rules::IsKept(const plan::Node& node) const {
    auto id = analysis_.operator_id.find(&node);
    return node.kind == plan::NodeKind::Aggregate && id != analysis_.operator_id.end() &&
           interval_.companions.count(id->second) > 0;
}

std::optional<std::string> Rules::MaintainedSql(const plan::Node& node, emit::Side side) const {
    if (auto found = overrides_.find(&node); found != overrides_.end()) {
        return found->second;
    }
    if (!IsKept(node)) {
        return std::nullopt;
    }
    const auto& companion = interval_.companions.at(analysis_.operator_id.at(&node));
    Accumulators accumulators(node.As<plan::Aggregate>());
    auto change = groups_.find(&node);
    std::string relation = companion;
    if (side == emit::Side::New && change != groups_.end()) {
        const auto& groups = change->second;
        std::string columns = emit::ColumnList(accumulators.Columns(), "a");
        relation = accumulators.KeyCount() == 0
                       ? groups.new_accumulators
                       : fmt::format("(SELECT {0} FROM {1} AS a ANTI JOIN {2} AS o ON a.filename = o.filename AND "
                                     "a.file_row_number = o.file_row_number UNION ALL SELECT {0} FROM {3} AS a)",
                                     columns, companion, groups.old_accumulators, groups.new_accumulators);
    }
    return "(" + accumulators.FinishSql(relation) + ")";
}

bool Rules::Changes(const plan::NodePtr& node) {
    auto known = changes_.find(node.get());
    if (known != changes_.end()) {
        return known->second;
    }
    bool any = node->kind == plan::NodeKind::Scan &&
               !interval_.sources[static_cast<size_t>(node->As<plan::Scan>().source)].delta.empty();
    any = any || (IsMoving(*node) && interval_.old_moment != interval_.new_moment);
    for (const auto& input : node->inputs) {
        any = Changes(input) || any;
    }
    changes_[node.get()] = any;
    return any;
}

std::string Rules::NewName(const std::string& what) {
    return fmt::format("temp.main.{}",
                       QuoteIdentifier(fmt::format("{}{:02}_{}", interval_.prefix, ++next_name_, what)));
}

Facts Rules::Make(const std::string& name, const std::string& sql, bool weighted,
                  const std::vector<std::string>& null_columns) {
    return runtime_.Make(name, sql, weighted, null_columns);
}

const NodeDelta& Rules::Delta(const plan::NodePtr& node) {
    auto known = deltas_.find(node.get());
    if (known != deltas_.end()) {
        return known->second;
    }
    if (auto copy = analysis_.copies.find(node.get()); copy != analysis_.copies.end()) {
        IsTouched(node);
        return deltas_.emplace(node.get(), Delta(copy->second->inputs[0])).first->second;
    }
    std::string sql = Changes(node) ? RuleSql(node) : "";
    NodeDelta delta = sql.empty() ? NodeDelta{} : Settle(node, sql);
    return deltas_.emplace(node.get(), delta).first->second;
}

bool Rules::IsComposed(const plan::NodePtr& node) const {
    auto uses = uses_.find(node.get());
    bool composed = IsInnerJoin(*node)
                        ? uses == uses_.end() || uses->second < 2
                        : node->kind != plan::NodeKind::Join && node->kind != plan::NodeKind::Aggregate &&
                              node->kind != plan::NodeKind::Window && node->kind != plan::NodeKind::TopK;
    return composed && analysis_.copies.count(node.get()) == 0 && deltas_.count(node.get()) == 0;
}

std::string Rules::DeltaSql(const plan::NodePtr& node, const std::set<int>& columns) {
    if (IsInnerJoin(*node) && IsComposed(node) && !NeedsWholeInput(*node)) {
        return Changes(node) ? InnerJoinDelta(node, columns) : "";
    }
    return DeltaSql(node);
}

std::string Rules::DeltaSql(const plan::NodePtr& node) {
    if (IsComposed(node)) {
        return Changes(node) ? RuleSql(node) : "";
    }
    const auto& delta = Delta(node);
    return delta.Empty() ? "" : fmt::format("SELECT {} FROM {} AS t", WithWeight(node->columns, "t"), delta.table);
}

std::string Rules::RuleSql(const plan::NodePtr& node) {
    if (NeedsWholeInput(*node)) {
        return WholeDelta(node);
    }
    switch (node->kind) {
    case plan::NodeKind::Scan:
        return ScanDelta(node->As<plan::Scan>());
    case plan::NodeKind::Filter:
        return FilterDelta(node);
    case plan::NodeKind::Project:
        return ProjectDelta(node);
    case plan::NodeKind::UnionAll:
        return UnionDelta(node);
    case plan::NodeKind::Unnest:
        return UnnestDelta(node);
    case plan::NodeKind::Join:
        return IsInnerJoin(*node) ? InnerJoinDelta(node, EveryColumn(*node)) : TwoSidedJoinDelta(node);
    case plan::NodeKind::Aggregate:
        return AggregateDelta(node);
    case plan::NodeKind::Window:
        return WindowDelta(node);
    default:
        throw Error(Code::Defect, "an operator without a delta rule changed");
    }
}

std::string Rules::Replacement(const plan::Node& node, const std::string& new_rows, const std::string& old_rows) {
    return fmt::format("SELECT {0}, CAST(1 AS TINYINT) AS {1} FROM {2} AS t UNION ALL SELECT {0}, CAST(-1 AS TINYINT) "
                       "AS {1} FROM {3} AS t",
                       emit::ColumnList(node.columns, "t"), QuoteIdentifier(kWeight), new_rows, old_rows);
}

NodeDelta Rules::Settle(const plan::NodePtr& node, const std::string& sql) {
    std::string raw = NewName("change");
    Facts facts = Make(raw, sql, true);
    if (facts.inserted == 0 || facts.deleted == 0) {
        return {raw, facts};
    }
    bool many = facts.rows > kFewToNet && !node->columns.empty();
    if (many &&
        Make(NewName("cancelled"), AnyCancelled(node->columns, raw, QuoteIdentifier(kWeight)), false).rows == 0) {
        return {raw, facts};
    }
    // sum(w) copies of each row, as that many rows of weight +1 or -1
    std::string list;
    for (const auto& column : node->columns) {
        list += "t." + QuoteIdentifier(column.name) + ", ";
    }
    std::string groups = IdentityGroups(node->columns, "t.");
    std::string weight = QuoteIdentifier(kWeight);
    std::string netted = fmt::format(
        "SELECT * EXCLUDE (__copies, __copy) FROM (SELECT *, unnest(range(abs(__copies))) AS __copy FROM (SELECT {0}"
        "CAST(sign(sum(t.{1})) AS TINYINT) AS {1}, CAST(sum(t.{1}) AS BIGINT) AS __copies FROM {2} AS t GROUP BY {3} "
        "HAVING sum(t.{1}) <> 0))",
        list, weight, raw, groups);
    std::string name = NewName("netted");
    return {name, Make(name, netted, true)};
}

Rules::Keys Rules::MakeKeys(const std::string& relation, const std::vector<std::string>& expressions, bool drop_null) {
    std::string list, not_null;
    std::vector<std::string> names;
    for (size_t i = 0; i < expressions.size(); i++) {
        names.push_back(fmt::format("k{}", i));
        list += fmt::format("{}{} AS k{}", i ? ", " : "", expressions[i], i);
        not_null += fmt::format("{}{} IS NOT NULL", i ? " AND " : " WHERE ", expressions[i]);
    }
    Keys keys;
    keys.table = NewName("keys");
    keys.facts =
        Make(keys.table, fmt::format("SELECT DISTINCT {} FROM {} AS t{}", list, relation, drop_null ? not_null : ""),
             false, names);
    return keys;
}

emit::Restriction Rules::Restrict(const Keys& keys, std::vector<plan::ExprPtr> expressions) {
    std::vector<std::string> names;
    for (size_t i = 0; i < expressions.size(); i++) {
        names.push_back(fmt::format("k{}", i));
    }
    return Restrict(keys.table, names, keys.facts, std::move(expressions));
}

emit::Restriction Rules::Restrict(const std::string& table, std::vector<std::string> columns, const Facts& facts,
                                  std::vector<plan::ExprPtr> expressions) {
    emit::Restriction restriction{table, std::move(expressions), std::move(columns), facts.HasNull(), {}};
    int64_t largest = 0;
    for (const auto& source : interval_.sources) {
        largest = std::max(largest, source.rows);
    }
    bool found = restriction.null_safe; // one key prunes
    for (size_t i = 0; !found && i < restriction.columns.size(); i++) {
        restriction.ranges.push_back(RangesFor(largest, table, facts.rows,
                                               "t." + QuoteIdentifier(restriction.columns[i]),
                                               restriction.expressions[i]->type));
        found = !restriction.ranges.back().empty();
    }
    return restriction;
}

std::vector<emit::ValueRange> Rules::RangesFor(int64_t rows_to_prune, const std::string& table, int64_t rows,
                                               const std::string& column, const std::string& type) {
    constexpr int64_t kManyRows = 1'000'000; // several row groups
    constexpr int64_t kMostKeys = 500'000;
    bool worthwhile = rows_to_prune >= kManyRows && rows > 1 && rows <= kMostKeys;
    return worthwhile ? runtime_.Ranges(table, rows, column, type) : std::vector<emit::ValueRange>{};
}

void Rules::Note(const plan::NodePtr& node, const std::string& strategy) {
    if (std::find(strategies_.begin(), strategies_.end(), strategy) == strategies_.end()) {
        strategies_.push_back(strategy);
    }
    OperatorReport report;
    report.strategy = strategy;
    auto id = analysis_.operator_id.find(node.get());
    report.depth = id == analysis_.operator_id.end() ? 0 : id->second;
    change_.operators.push_back(report);
}

} // namespace freshet::delta
