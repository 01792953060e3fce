#include "plan/normalize.hpp"

#include "plan/row_equality.hpp"

#include <algorithm>
#include <map>

namespace freshet::plan {

namespace {

using Predicates = std::vector<ExprPtr>;

NodePtr PushPredicates(const NodePtr& node, Predicates predicates);

/// The conjuncts that every branch of an OR has, pulled out: (a AND b) OR (a AND c) also demands a. The OR stays.
void AddCommonConjuncts(const ExprPtr& expr, Predicates& into) {
    if (expr->kind != ExprKind::Or) {
        return;
    }
    Predicates common;
    SplitConjuncts(expr->args[0], common);
    for (size_t i = 1; i < expr->args.size(); i++) {
        Predicates branch;
        SplitConjuncts(expr->args[i], branch);
        std::erase_if(common, [&](const ExprPtr& candidate) {
            return std::none_of(branch.begin(), branch.end(), [&](const auto& p) { return Same(p, candidate); });
        });
    }
    into.insert(into.end(), common.begin(), common.end());
}

Predicates Split(const Predicates& predicates) {
    Predicates whole, conjuncts;
    for (const auto& predicate : predicates) {
        SplitConjuncts(predicate, whole);
    }
    for (const auto& conjunct : whole) {
        auto columns = ColumnEqualities(conjunct);
        conjuncts.insert(conjuncts.end(), columns.begin(), columns.end());
    }
    Predicates extra;
    for (const auto& conjunct : conjuncts) {
        AddCommonConjuncts(conjunct, extra);
    }
    for (const auto& conjunct : extra) {
        bool known = std::any_of(conjuncts.begin(), conjuncts.end(), [&](const auto& c) { return Same(c, conjunct); });
        if (!known) {
            conjuncts.push_back(conjunct);
        }
    }
    return conjuncts;
}

/// The expression with each column replaced by the projection's expression for it.
ExprPtr Through(const ExprPtr& expr, const std::vector<ExprPtr>& expressions) {
    return Substitute(expr, [&](int column, const std::string&) { return expressions[static_cast<size_t>(column)]; });
}

/// The input of a join to which all columns of a predicate belong, or -1.
int OwnerOf(const Node& join, const ExprPtr& predicate) {
    auto columns = ColumnsOf(predicate);
    if (columns.empty()) {
        return -1;
    }
    for (size_t i = 0; i < join.inputs.size(); i++) {
        int begin = InputOffset(join, i);
        int end = InputOffset(join, i + 1);
        if (*columns.begin() >= begin && *columns.rbegin() < end) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

/// Collects the inputs and predicates of an inner join, looking through inner joins and projections below it.
/// `outputs` gives the join's columns as expressions over the collected inputs.
struct FlatJoin {
    std::vector<NodePtr> inputs;
    Predicates predicates;
    int width = 0;

    std::vector<ExprPtr> Add(const NodePtr& node) {
        if (node->kind == NodeKind::Join && node->As<Join>().join_kind == JoinKind::Inner) {
            std::vector<ExprPtr> outputs;
            for (const auto& input : node->inputs) {
                auto columns = Add(input);
                outputs.insert(outputs.end(), columns.begin(), columns.end());
            }
            for (const auto& predicate : node->As<Join>().predicates) {
                predicates.push_back(Through(predicate, outputs));
            }
            return outputs;
        }
        if (node->kind == NodeKind::Project) {
            auto below = Add(node->inputs[0]);
            std::vector<ExprPtr> outputs;
            for (const auto& expr : node->As<Project>().expressions) {
                outputs.push_back(Through(expr, below));
            }
            return outputs;
        }
        auto outputs = AllColumns(*node, width);
        width += static_cast<int>(node->columns.size());
        inputs.push_back(node);
        return outputs;
    }
};

bool IsIdentity(const std::vector<ExprPtr>& outputs, size_t width) {
    if (outputs.size() != width) {
        return false;
    }
    for (size_t i = 0; i < width; i++) {
        if (outputs[i]->kind != ExprKind::Column || outputs[i]->column != static_cast<int>(i)) {
            return false;
        }
    }
    return true;
}

NodePtr FlattenInner(const NodePtr& node, const Predicates& above) {
    FlatJoin flat;
    auto outputs = flat.Add(node);
    for (const auto& predicate : above) {
        flat.predicates.push_back(Through(predicate, outputs));
    }
    auto join = MakeJoin(JoinKind::Inner, flat.inputs, {});
    Predicates own;
    std::vector<Predicates> pushed(flat.inputs.size());
    for (const auto& predicate : Split(flat.predicates)) {
        int owner = OwnerOf(*join, predicate);
        bool opaque = owner < 0 || flat.inputs[static_cast<size_t>(owner)]->kind == NodeKind::Domain;
        if (opaque) {
            own.push_back(predicate);
        } else {
            pushed[static_cast<size_t>(owner)].push_back(
                Shift(predicate, -InputOffset(*join, static_cast<size_t>(owner))));
        }
    }
    for (size_t i = 0; i < flat.inputs.size(); i++) {
        flat.inputs[i] = PushPredicates(flat.inputs[i], pushed[i]);
    }
    NodePtr result =
        flat.inputs.size() == 1 ? MakeFilter(flat.inputs[0], own) : MakeJoin(JoinKind::Inner, flat.inputs, own);
    if (IsIdentity(outputs, result->columns.size())) {
        return result;
    }
    return MakeProject(result, outputs, NamesOf(node->columns));
}

/// How a predicate uses the mark of a mark join: as a conjunct, negated, or otherwise.
enum class MarkUse { None, True, NotTrue, Other };

MarkUse UseOfMark(const ExprPtr& predicate, int mark) {
    if (!ColumnsOf(predicate).count(mark)) {
        return MarkUse::None;
    }
    if (predicate->kind == ExprKind::Column) {
        return MarkUse::True;
    }
    if (predicate->kind == ExprKind::Not && predicate->args[0]->kind == ExprKind::Column) {
        return MarkUse::NotTrue;
    }
    return MarkUse::Other;
}

/// Filter on the mark: semi join for true, anti join for NOT (the mark's NULL fails both). The mark stays as a constant
/// column, so that positions above hold.
NodePtr MarkToSemiOrAnti(const Join& join, bool negated, const Predicates& rest) {
    auto kind = negated ? JoinKind::Anti : JoinKind::Semi;
    auto predicates = join.predicates;
    if (!negated && join.null_aware) {
        predicates = Split(predicates);
    }
    auto semi = MakeJoin(kind, join.inputs, predicates, negated && join.null_aware);
    auto outputs = AllColumns(*semi);
    outputs.push_back(Literal(negated ? "false" : "true", "BOOLEAN"));
    auto project = MakeProject(semi, outputs, NamesOf(join.columns));
    return PushPredicates(project, rest);
}

/// NULL wherever the column is NULL.
bool IsStrictIn(const ExprPtr& expr, int column) {
    switch (expr->kind) {
    case ExprKind::Column:
        return expr->column == column;
    case ExprKind::Cast:
        return IsStrictIn(expr->args[0], column);
    case ExprKind::Function:
        return (expr->text == "+" || expr->text == "-" || expr->text == "*") &&
               std::any_of(expr->args.begin(), expr->args.end(), [&](const auto& a) { return IsStrictIn(a, column); });
    default:
        return false;
    }
}

/// False or NULL where the right side of a left join was padded: the join is then an inner join.
bool RejectsPadding(const ExprPtr& predicate, int left_width) {
    bool compares = predicate->kind == ExprKind::Comparison && predicate->text.compare(0, 2, "IS") != 0;
    if (!compares) {
        return false;
    }
    auto columns = ColumnsOf(predicate);
    return std::any_of(columns.begin(), columns.end(), [&](int column) {
        return column >= left_width &&
               (IsStrictIn(predicate->args[0], column) || IsStrictIn(predicate->args[1], column));
    });
}

NodePtr PushIntoOuterJoin(const NodePtr& node, const Predicates& predicates) {
    const auto& join = node->As<Join>();
    int left_width = static_cast<int>(join.inputs[0]->columns.size());
    bool inner = join.join_kind == JoinKind::Left &&
                 std::any_of(predicates.begin(), predicates.end(),
                             [&](const auto& predicate) { return RejectsPadding(predicate, left_width); });
    if (inner) {
        return FlattenInner(MakeJoin(JoinKind::Inner, join.inputs, join.predicates), predicates);
    }
    if (join.join_kind == JoinKind::Mark) {
        for (size_t i = 0; i < predicates.size(); i++) {
            auto use = UseOfMark(predicates[i], left_width);
            if (use == MarkUse::True || use == MarkUse::NotTrue) {
                Predicates rest = predicates;
                rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
                return MarkToSemiOrAnti(join, use == MarkUse::NotTrue, rest);
            }
        }
    }
    Predicates left, above;
    for (const auto& predicate : predicates) {
        auto columns = ColumnsOf(predicate);
        bool only_left = !columns.empty() && *columns.rbegin() < left_width;
        (only_left ? left : above).push_back(predicate);
    }
    auto inputs = join.inputs;
    inputs[0] = PushPredicates(inputs[0], left);
    return MakeFilter(WithInputs(join, inputs), above);
}

NodePtr PushIntoAggregate(const NodePtr& node, const Predicates& predicates) {
    const auto& aggregate = node->As<Aggregate>();
    int keys = static_cast<int>(aggregate.groups.size());
    Predicates below, above;
    for (const auto& predicate : predicates) {
        auto columns = ColumnsOf(predicate);
        bool on_keys = !columns.empty() && *columns.rbegin() < keys;
        on_keys ? below.push_back(Through(predicate, aggregate.groups)) : above.push_back(predicate);
    }
    return MakeFilter(WithInputs(aggregate, {PushPredicates(node->inputs[0], below)}), above);
}

/// Filter(node, predicates) with the predicates as low as they may stand.
NodePtr PushPredicates(const NodePtr& node, Predicates predicates) {
    predicates = Split(predicates);
    if (node->kind == NodeKind::Join && node->As<Join>().join_kind == JoinKind::Inner) {
        return FlattenInner(node, predicates);
    }
    if (predicates.empty()) {
        return node;
    }
    switch (node->kind) {
    case NodeKind::Filter: {
        const auto& below = node->As<Filter>().predicates;
        predicates.insert(predicates.begin(), below.begin(), below.end());
        return PushPredicates(node->inputs[0], predicates);
    }
    case NodeKind::Project: {
        for (auto& predicate : predicates) {
            predicate = Through(predicate, node->As<Project>().expressions);
        }
        return WithInputs(*node, {PushPredicates(node->inputs[0], predicates)});
    }
    case NodeKind::Join:
        return PushIntoOuterJoin(node, predicates);
    case NodeKind::Aggregate:
        return PushIntoAggregate(node, predicates);
    case NodeKind::UnionAll: {
        std::vector<NodePtr> inputs;
        for (const auto& input : node->inputs) {
            inputs.push_back(PushPredicates(input, predicates));
        }
        return WithInputs(*node, inputs);
    }
    default:
        return MakeFilter(node, predicates);
    }
}

NodePtr MergeProjections(const NodePtr& node) {
    const auto& input = node->inputs[0];
    if (input->kind != NodeKind::Project) {
        return node;
    }
    std::vector<ExprPtr> expressions;
    for (const auto& expr : node->As<Project>().expressions) {
        expressions.push_back(Through(expr, input->As<Project>().expressions));
    }
    return MakeProject(input->inputs[0], expressions, NamesOf(node->columns));
}

/// Predicates of an outer, semi, anti or mark join that read only the right side select rows there.
NodePtr PushIntoRight(const NodePtr& node) {
    const auto& join = node->As<Join>();
    int width = static_cast<int>(join.inputs[0]->columns.size());
    Predicates kept, right;
    auto predicates = join.null_aware ? join.predicates : Split(join.predicates);
    for (size_t i = 0; i < predicates.size(); i++) {
        auto columns = ColumnsOf(predicates[i]);
        bool decides = join.null_aware && i + 1 == predicates.size();
        bool only_right = !decides && !columns.empty() && *columns.begin() >= width;
        only_right ? right.push_back(Shift(predicates[i], -width)) : kept.push_back(predicates[i]);
    }
    if (right.empty()) {
        return node;
    }
    auto copy = std::make_shared<Join>(join);
    copy->predicates = kept;
    copy->inputs[1] = PushPredicates(join.inputs[1], right);
    return copy;
}

class Normalizer {
public:
    NodePtr Visit(const NodePtr& node) {
        auto known = done_.find(node.get());
        if (known != done_.end()) {
            return known->second;
        }
        NodePtr result = Rebuild(node);
        done_.emplace(node.get(), result);
        kept_.push_back(node);
        return result;
    }

private:
    NodePtr Rebuild(const NodePtr& node) {
        std::vector<NodePtr> inputs;
        for (const auto& input : node->inputs) {
            inputs.push_back(Visit(input));
        }
        NodePtr copy = node->inputs.empty() ? node : WithInputs(*node, inputs);
        switch (copy->kind) {
        case NodeKind::Filter:
            return PushPredicates(copy->inputs[0], copy->As<Filter>().predicates);
        case NodeKind::Join:
            return copy->As<Join>().join_kind == JoinKind::Inner ? FlattenInner(copy, {}) : PushIntoRight(copy);
        case NodeKind::Project:
            return MergeProjections(copy);
        default:
            return copy;
        }
    }

    std::map<const Node*, NodePtr> done_;
    std::vector<NodePtr> kept_; // keeps visited nodes alive, so that no address is reused while the map is asked
};

} // namespace

NodePtr Normalize(const NodePtr& node) {
    return Normalizer().Visit(node);
}

} // namespace freshet::plan
