#include "base/identifier.hpp"
#include "delta/rules.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

// Inner join of n inputs, telescoped: one term per changed input, inputs before it in their new state, inputs after it
// in their old one,
//
//   d(A1 x ... x An) = sum over i of  A1' x ... x A(i-1)' x dAi x A(i+1) x ... x An
//
// (A' new, A old). Inputs without a change have no term; a self-join is just two inputs. Weights multiply: only one
// factor of each term has weights, the others are plain rows. Inputs without a change stand in every term, so they are
// joined once, with the sum of the terms, where two inputs changed and an equality links them. Griffin &
// Libkin, "Incremental Maintenance of Views with Duplicates", SIGMOD 1995.

namespace freshet::delta {

/// One term, or the sum of several, under construction: changed rows joined with more and more of the other inputs.
class JoinTerm {
public:
    /// The change of one input.
    JoinTerm(const plan::NodePtr& node, size_t changed, const std::string& change_table, int64_t rows)
        : node_(node), join_(node->As<plan::Join>()), rows_(rows) {
        relations_.resize(join_.inputs.size());
        relations_[changed] = change_table;
        weight_of_ = fmt::format("t{}", changed);
        joined_.insert(changed);
    }

    /// What several terms gave over the same inputs: `settled` is the union of their SettleSql().
    JoinTerm(const plan::NodePtr& node, std::set<size_t> joined, const std::string& settled, int64_t rows)
        : node_(node), join_(node->As<plan::Join>()), joined_(std::move(joined)) {
        relations_.resize(join_.inputs.size());
        Settled(settled, rows);
    }

    bool Has(size_t input) const { return joined_.count(input) > 0; }

    void Add(size_t input, const std::string& relation) {
        relations_[input] = relation;
        joined_.insert(input);
    }

    std::string ColumnSql(int column) const {
        size_t input = OwnerOfColumn(column);
        const auto& name =
            join_.inputs[input]->columns[static_cast<size_t>(column - plan::InputOffset(join_, input))].name;
        if (!settled_.empty() && in_settled_.count(input) > 0) {
            return fmt::format("s.{}", QuoteIdentifier(fmt::format("c{}", column)));
        }
        return fmt::format("t{}.{}", input, QuoteIdentifier(name));
    }

    /// FROM and WHERE over all inputs joined so far.
    std::string Body() const {
        std::string from = settled_.empty() ? "" : settled_ + " AS s";
        for (size_t input : joined_) {
            if (settled_.empty() || in_settled_.count(input) == 0) {
                from += fmt::format("{}{} AS t{}", from.empty() ? "" : ", ", relations_[input], input);
            }
        }
        std::vector<plan::ExprPtr> applicable;
        for (size_t i = 0; i < join_.predicates.size(); i++) {
            if (applied_.count(i) == 0 && IsCovered(join_.predicates[i])) {
                applicable.push_back(join_.predicates[i]);
            }
        }
        return fmt::format("FROM {} WHERE {}", from,
                           emit::Conjunction(applicable, [&](int column) { return ColumnSql(column); }));
    }

    std::string Weight() const {
        return (settled_.empty() ? weight_of_ : std::string("s")) + "." + QuoteIdentifier(kWeight);
    }

    /// SELECT of every column joined so far, named by position, with the weight.
    std::string SettleSql() const {
        std::string list;
        for (size_t input : joined_) {
            int begin = plan::InputOffset(join_, input);
            for (int column = begin; column < plan::InputOffset(join_, input + 1); column++) {
                list += fmt::format("{} AS {}, ", ColumnSql(column), QuoteIdentifier(fmt::format("c{}", column)));
            }
        }
        return fmt::format("SELECT {}{} AS {} {}", list, Weight(), QuoteIdentifier(kWeight), Body());
    }

    void Settled(const std::string& table, int64_t rows) {
        for (size_t i = 0; i < join_.predicates.size(); i++) {
            if (IsCovered(join_.predicates[i])) {
                applied_.insert(i);
            }
        }
        settled_ = table;
        rows_ = rows;
        in_settled_ = joined_;
    }

    bool NeedsSettling() const { return settled_.empty() ? joined_.size() > 1 : in_settled_ != joined_; }
    std::string SettledOrChange() const { return settled_.empty() ? relations_[*joined_.begin()] : settled_; }
    /// Of SettledOrChange().
    int64_t Rows() const { return rows_; }

    /// Equalities between what is joined and one other input: (expression over joined, expression over the input).
    std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> Links(size_t input) const {
        std::vector<std::pair<plan::ExprPtr, plan::ExprPtr>> links;
        for (const auto& pair : emit::EquiPairs(join_)) {
            if (OwnerOf(pair.right) == static_cast<int>(input) && IsCovered(pair.left)) {
                links.emplace_back(pair.left, pair.right);
            } else if (OwnerOf(pair.left) == static_cast<int>(input) && IsCovered(pair.right)) {
                links.emplace_back(pair.right, pair.left);
            }
        }
        return links;
    }

    /// Of the links to an input, those by which scans of it are pruned: a plain "=" with one of its columns. As (SQL
    /// over alias t of the rows joined so far, column of the input).
    std::vector<std::pair<std::string, plan::ExprPtr>> PruningLinks(size_t input) const {
        std::vector<std::pair<std::string, plan::ExprPtr>> links;
        for (const auto& pair : emit::EquiPairs(join_)) {
            bool forward = OwnerOf(pair.right) == static_cast<int>(input) && IsCovered(pair.left);
            bool back = OwnerOf(pair.left) == static_cast<int>(input) && IsCovered(pair.right);
            const auto& there = forward ? pair.right : pair.left;
            if ((forward || back) && !pair.null_safe && there->kind == plan::ExprKind::Column) {
                links.emplace_back(SqlHere(forward ? pair.left : pair.right), there);
            }
        }
        return links;
    }

    /// An expression over the rows joined so far, under alias t.
    std::string SqlHere(const plan::ExprPtr& expr) const {
        return plan::ToSql(expr, [&](int column) {
            std::string sql = ColumnSql(column);
            return "t" + sql.substr(sql.find('.'));
        });
    }

    std::string FinalSql() const {
        std::string list;
        for (size_t i = 0; i < node_->columns.size(); i++) {
            list += fmt::format("{} AS {}, ", ColumnSql(static_cast<int>(i)), QuoteIdentifier(node_->columns[i].name));
        }
        return fmt::format("SELECT {}{} AS {} {}", list, Weight(), QuoteIdentifier(kWeight), Body());
    }

private:
    size_t OwnerOfColumn(int column) const {
        size_t input = 0;
        while (column >= plan::InputOffset(join_, input + 1)) {
            input++;
        }
        return input;
    }

    int OwnerOf(const plan::ExprPtr& expr) const {
        std::set<size_t> owners;
        for (int column : plan::ColumnsOf(expr)) {
            owners.insert(OwnerOfColumn(column));
        }
        return owners.size() == 1 ? static_cast<int>(*owners.begin()) : -1;
    }

    bool IsCovered(const plan::ExprPtr& expr) const {
        auto columns = plan::ColumnsOf(expr);
        return std::all_of(columns.begin(), columns.end(), [&](int c) { return joined_.count(OwnerOfColumn(c)) > 0; });
    }

    const plan::NodePtr& node_;
    const plan::Join& join_;
    std::vector<std::string> relations_;
    std::set<size_t> joined_, in_settled_;
    std::set<size_t> applied_;
    std::string settled_;
    std::string weight_of_;
    int64_t rows_ = 0;
};

namespace {

/// Does an equality link two inputs?
bool AreLinked(const plan::NodePtr& node, size_t a, size_t b) {
    return !JoinTerm(node, a, "", 0).Links(b).empty();
}

} // namespace

std::string Rules::InnerJoinDelta(const plan::NodePtr& node, const std::set<int>& read_above) {
    std::set<size_t> all, changed;
    for (size_t i = 0; i < node->inputs.size(); i++) {
        all.insert(i);
        if (!Delta(node->inputs[i]).Empty()) {
            changed.insert(i);
        }
    }
    // Of two only: a join of more without the inputs that filter them could grow beyond bounds.
    bool apart = changed.size() == 2 && all.size() > 2 && AreLinked(node, *changed.begin(), *changed.rbegin());
    std::string terms;
    for (size_t i : changed) {
        if (OnlyTurnsRows(node, i, read_above)) {
            terms += (terms.empty() ? "" : " UNION ALL ") + TurnedRows(node, i);
            continue;
        }
        const auto& change = Delta(node->inputs[i]);
        JoinTerm term(node, i, change.table, change.facts.rows);
        if (Extend(term, node, apart ? changed : all, i)) {
            terms += (terms.empty() ? "" : " UNION ALL ") + (apart ? term.SettleSql() : term.FinalSql());
        }
    }
    if (terms.empty()) {
        return "";
    }
    Note(node, "join terms");
    return apart ? OverUnchanged(node, changed, terms) : terms;
}

/// The sum of the changed inputs' terms, joined with the others.
std::string Rules::OverUnchanged(const plan::NodePtr& node, const std::set<size_t>& changed, const std::string& terms) {
    std::string sum = NewName("terms");
    int64_t rows = Make(sum, terms, false).rows;
    if (rows == 0) {
        return "";
    }
    std::set<size_t> all;
    for (size_t i = 0; i < node->inputs.size(); i++) {
        all.insert(i);
    }
    JoinTerm term(node, changed, sum, rows);
    return Extend(term, node, all, 0) ? term.FinalSql() : "";
}

namespace {

/// Chooses what to join next, so that the changed rows stay the small side: inputs that equalities link to the rows
/// joined so far, smallest first, but those of which each row meets very many after the others, fewest first; small
/// scans wait for the last statement; what nothing links comes at the end.
struct NextInput {
    size_t input = 0;
    bool linked = false;
};

} // namespace

/// Joins the rest of `scope` to the term; false if nothing is left of it. Larger inputs are joined one by one, each
/// restricted by the keys that the rows joined so far have for it: plain scans by DuckDB's join filters, others
/// explicitly, so that they are evaluated only as far as the change reaches. Inputs before `changed` are read new,
/// those after it old.
bool Rules::Extend(JoinTerm& term, const plan::NodePtr& node, const std::set<size_t>& scope, size_t changed) {
    constexpr int64_t kSmall = 20000;
    constexpr double kManyPerKey = 100;
    constexpr int kSmallPerStatement = 6; // DuckDB's own search for an order of more is not exact
    const auto& join = node->As<plan::Join>();
    auto small = [&](size_t i) {
        return IsPlainScan(join.inputs[i]) && SourceRows(join.inputs[i], interval_.sources) <= kSmall;
    };
    auto multiplies_by = [&](size_t i) { // few do no harm: the size of what has to be scanned counts more
        std::vector<plan::ExprPtr> there;
        for (const auto& link : term.Links(i)) {
            there.push_back(plan::Shift(link.second, -plan::InputOffset(join, i)));
        }
        double rows = RowsPerKey(join.inputs[i], there);
        return rows > kManyPerKey ? rows : 0;
    };
    auto next = [&]() -> std::optional<NextInput> {
        std::optional<NextInput> best;
        auto rank = [&](size_t i) { // linked before unlinked, large ones before small ones only where they are linked
            bool linked = !term.Links(i).empty();
            return std::make_tuple(!linked || small(i), !linked, multiplies_by(i),
                                   SourceRows(join.inputs[i], interval_.sources));
        };
        for (size_t i : scope) {
            if (!term.Has(i) && (!best || rank(i) < rank(best->input))) {
                best = NextInput{i, !term.Links(i).empty()};
            }
        }
        return best;
    };
    std::optional<size_t> first = LikelyEmpty(term, node, scope, changed);
    auto large_left = [&] {
        return std::any_of(scope.begin(), scope.end(), [&](size_t i) { return !term.Has(i) && !small(i); });
    };
    auto relation = [&](size_t input, const std::optional<emit::Restriction>& restriction) {
        emit::Side side = input < changed ? emit::Side::New : emit::Side::Old;
        return "(" + emit::SelectSql(join.inputs[input], side, *this, restriction) + ")";
    };
    int small_ones = 0;
    while (auto chosen = first ? NextInput{*std::exchange(first, std::nullopt), true} : next()) {
        size_t i = chosen->input;
        bool together = !large_left() && ++small_ones % kSmallPerStatement != 0;
        if (!together && term.NeedsSettling()) {
            std::string table = NewName("joined");
            int64_t rows = Make(table, term.SettleSql(), false).rows;
            if (rows == 0) {
                return false;
            }
            term.Settled(table, rows);
        }
        bool plain = IsPlainScan(join.inputs[i]);
        if (chosen->linked && plain && !together) {
            term.Add(i, Pruned(term, node, i, relation(i, std::nullopt)));
        } else {
            term.Add(i, relation(i, chosen->linked && !plain ? std::optional(KeysFor(term, node, i)) : std::nullopt));
        }
    }
    return true;
}

/// An input whose old state likely has no row for the changed ones, so that the term ends with it. Asked only where
/// something large would be joined before.
std::optional<size_t> Rules::LikelyEmpty(const JoinTerm& term, const plan::NodePtr& node, const std::set<size_t>& scope,
                                         size_t changed) {
    constexpr int64_t kLarge = 100'000;
    auto linked = [&](size_t i) { return !term.Has(i) && !term.Links(i).empty(); };
    auto is_large = [&](size_t i) { return SourceRows(node->As<plan::Join>().inputs[i], interval_.sources) >= kLarge; };
    for (size_t i : scope) {
        bool others = std::any_of(scope.begin(), scope.end(),
                                  [&](size_t other) { return other != i && linked(other) && is_large(other); });
        if (i > changed && linked(i) && others && CameTogether(term, node, i)) {
            return i;
        }
    }
    return std::nullopt;
}

/// Did the changed rows come with those of another input that they meet, as orders do with their lines? Then they meet
/// none of before. Some of them tell, against all that came to the source: filters of the input may leave it out.
bool Rules::CameTogether(const JoinTerm& term, const plan::NodePtr& node, size_t input) {
    constexpr double kFewPerKey = 10;
    constexpr int kTried = 256;
    const auto& join = node->As<plan::Join>();
    auto links = term.Links(input);
    std::vector<plan::ExprPtr> there;
    for (const auto& link : links) {
        there.push_back(plan::Shift(link.second, -plan::InputOffset(join, input)));
    }
    auto scanned = ScannedColumns(join.inputs[input], there);
    if (!scanned) {
        return false;
    }
    const SourceInterval& source = interval_.sources[scanned->source];
    double per_key = RowsPerKey(join.inputs[input], there);
    if (source.inserted == 0 || source.deleted > 0 || per_key <= 0 || per_key > kFewPerKey) {
        return false;
    }
    std::string same;
    for (size_t i = 0; i < links.size(); i++) {
        const auto& name = analysis_.query.sources[scanned->source].columns[scanned->columns[i]].name;
        same += fmt::format("{}{} = d.{}", i > 0 ? " AND " : "", term.SqlHere(links[i].first), QuoteIdentifier(name));
    }
    return Make(NewName("apart"),
                fmt::format("SELECT 1 AS apart FROM (FROM {} LIMIT {}) AS t ANTI JOIN {} AS d ON {} LIMIT 1",
                            term.SettledOrChange(), kTried, source.delta, same),
                false)
               .rows == 0;
}

/// A plain scan's rows, those out of the ranges in which the keys for it lie left aside.
std::string Rules::Pruned(const JoinTerm& term, const plan::NodePtr& node, size_t input, const std::string& relation) {
    const auto& join = node->As<plan::Join>();
    for (const auto& [here, there] : term.PruningLinks(input)) {
        auto ranges = RangesFor(SourceRows(join.inputs[input], interval_.sources), term.SettledOrChange(), term.Rows(),
                                here, there->type);
        if (!ranges.empty()) {
            size_t column = static_cast<size_t>(there->column - plan::InputOffset(join, input));
            return emit::WithinRanges(relation, "t." + QuoteIdentifier(join.inputs[input]->columns[column].name),
                                      ranges);
        }
    }
    return relation;
}

/// Restricts an input to the keys that the rows joined so far have for it. Links that would be compared only once the
/// whole input is there (with an aggregate's value) are left to the join itself.
emit::Restriction Rules::KeysFor(const JoinTerm& term, const plan::NodePtr& node, size_t input) {
    const auto& join = node->As<plan::Join>();
    auto links = term.Links(input);
    std::vector<plan::ExprPtr> expressions;
    for (const auto& link : links) {
        expressions.push_back(plan::Shift(link.second, -plan::InputOffset(join, input)));
    }
    auto carry = Carriers(join.inputs[input], expressions);
    std::vector<std::string> here;
    std::vector<plan::ExprPtr> there;
    for (size_t i = 0; i < links.size(); i++) {
        if (carry[i]) {
            here.push_back(term.SqlHere(links[i].first));
            there.push_back(expressions[i]);
        }
    }
    return Restrict(MakeKeys(term.SettledOrChange(), here, false), there);
}

} // namespace freshet::delta
