#include "plan/decorrelate.hpp"

#include "plan/normalize.hpp"

#include <algorithm>
#include <optional>

namespace freshet::plan {

namespace {

using Exprs = std::vector<ExprPtr>;

ExprPtr Through(const ExprPtr& expr, const Exprs& expressions) {
    return Substitute(expr, [&](int column, const std::string&) { return expressions[static_cast<size_t>(column)]; });
}

/// x = x and x IS NOT DISTINCT FROM x, which substitution leaves behind. (x = x still demands x IS NOT NULL.)
bool IsTrivial(const ExprPtr& predicate) {
    return predicate->kind == ExprKind::Comparison && predicate->text == "IS NOT DISTINCT FROM" &&
           Same(predicate->args[0], predicate->args[1]);
}

void AddUnlessTrivial(const ExprPtr& predicate, Exprs& into) {
    if (!IsTrivial(predicate)) {
        into.push_back(predicate);
    }
}

/// The right side as: outputs over the columns of a base, where the base is predicates over inputs.
struct Top {
    Exprs outputs;
    Exprs predicates;
    std::vector<NodePtr> inputs;
};

Top SplitTop(const NodePtr& node) {
    if (node->kind == NodeKind::Project) {
        Top top = SplitTop(node->inputs[0]);
        Exprs outputs;
        for (const auto& expr : node->As<Project>().expressions) {
            outputs.push_back(Through(expr, top.outputs));
        }
        top.outputs = outputs;
        return top;
    }
    if (node->kind == NodeKind::Filter) {
        Top top = SplitTop(node->inputs[0]);
        for (const auto& predicate : node->As<Filter>().predicates) {
            top.predicates.push_back(Through(predicate, top.outputs));
        }
        return top;
    }
    if (node->kind == NodeKind::Join && node->As<Join>().join_kind == JoinKind::Inner) {
        Exprs outputs;
        for (size_t i = 0; i < node->inputs.size(); i++) {
            auto columns = AllColumns(*node->inputs[i], InputOffset(*node, i));
            outputs.insert(outputs.end(), columns.begin(), columns.end());
        }
        return {outputs, node->As<Join>().predicates, node->inputs};
    }
    return {AllColumns(*node), {}, {node}};
}

bool IsDomain(const NodePtr& node, int domain) {
    return node->kind == NodeKind::Domain && node->As<Domain>().domain == domain;
}

/// Way 1. Maps each column of the top's base to an expression over left ++ remaining inputs.
class DirectWay {
public:
    explicit DirectWay(const DependentJoin& join) : join_(join), top_(SplitTop(join.right)) {}

    std::optional<NodePtr> Try() {
        if (join_.kind == JoinKind::Left || join_.kind == JoinKind::Single || !LocateDomain()) {
            return std::nullopt;
        }
        MapBase();
        if (rest_.empty()) {
            return OverLeftAlone();
        }
        return OverBoth();
    }

private:
    bool LocateDomain() {
        for (size_t i = 0; i < top_.inputs.size(); i++) {
            if (IsDomain(top_.inputs[i], join_.domain)) {
                if (at_ >= 0) {
                    return false;
                }
                at_ = static_cast<int>(i);
            } else if (ContainsDomain(top_.inputs[i], join_.domain)) {
                return false;
            } else {
                rest_.push_back(top_.inputs[i]);
            }
        }
        return at_ >= 0;
    }

    void MapBase() {
        int right = static_cast<int>(join_.left->columns.size());
        for (size_t i = 0; i < top_.inputs.size(); i++) {
            if (static_cast<int>(i) == at_) {
                base_.insert(base_.end(), join_.domain_columns.begin(), join_.domain_columns.end());
                continue;
            }
            auto columns = AllColumns(*top_.inputs[i], right);
            base_.insert(base_.end(), columns.begin(), columns.end());
            right += static_cast<int>(columns.size());
        }
    }

    /// left ++ right outputs, over left ++ remaining inputs.
    Exprs JoinColumns() const {
        Exprs columns = AllColumns(*join_.left);
        for (const auto& output : top_.outputs) {
            columns.push_back(Through(output, base_));
        }
        return columns;
    }

    Exprs Predicates() const {
        Exprs predicates;
        for (const auto& predicate : top_.predicates) {
            AddUnlessTrivial(Through(predicate, base_), predicates);
        }
        auto columns = JoinColumns();
        for (const auto& predicate : join_.predicates) {
            AddUnlessTrivial(Through(predicate, columns), predicates);
        }
        return predicates;
    }

    /// The subquery reads nothing but the outer row: only an inner join is then a filter and projection of the left.
    std::optional<NodePtr> OverLeftAlone() {
        if (join_.kind != JoinKind::Inner) {
            return std::nullopt;
        }
        auto names = NamesOf(join_.left->columns);
        auto right = NamesOf(join_.right->columns);
        names.insert(names.end(), right.begin(), right.end());
        return MakeProject(MakeFilter(join_.left, Predicates()), JoinColumns(), names);
    }

    NodePtr OverBoth() {
        NodePtr right = rest_.size() == 1 ? rest_[0] : MakeJoin(JoinKind::Inner, rest_, {});
        if (join_.kind != JoinKind::Inner) {
            return MakeJoin(join_.kind, {join_.left, right}, Predicates(), join_.null_aware);
        }
        std::vector<NodePtr> inputs = {join_.left};
        inputs.insert(inputs.end(), rest_.begin(), rest_.end());
        auto names = NamesOf(join_.left->columns);
        auto right_names = NamesOf(join_.right->columns);
        names.insert(names.end(), right_names.begin(), right_names.end());
        return MakeProject(MakeJoin(JoinKind::Inner, inputs, Predicates()), JoinColumns(), names);
    }

    const DependentJoin& join_;
    Top top_;
    int at_ = -1;
    std::vector<NodePtr> rest_;
    Exprs base_;
};

/// LATERAL unnest of the outer row's own columns: unnest(chain of projections over the domain) is the same unnest over
/// the left side itself.
std::optional<NodePtr> UnnestOverLeft(const DependentJoin& join) {
    Exprs outputs = AllColumns(*join.right);
    NodePtr node = join.right;
    if (node->kind == NodeKind::Project) {
        outputs = node->As<Project>().expressions;
        node = node->inputs[0];
    }
    if (join.kind != JoinKind::Inner || node->kind != NodeKind::Unnest) {
        return std::nullopt;
    }
    Top below = SplitTop(node->inputs[0]);
    if (below.inputs.size() != 1 || !IsDomain(below.inputs[0], join.domain)) {
        return std::nullopt;
    }
    auto over_left = [&](const ExprPtr& expr) { return Through(expr, join.domain_columns); };
    Exprs predicates, lists, base;
    for (const auto& predicate : below.predicates) {
        predicates.push_back(over_left(predicate));
    }
    Exprs inner;
    for (const auto& output : below.outputs) {
        inner.push_back(over_left(output));
    }
    for (const auto& list : node->As<Unnest>().lists) {
        lists.push_back(Through(list, inner));
    }
    size_t count = node->As<Unnest>().lists.size();
    std::vector<Column> list_columns(node->columns.end() - static_cast<std::ptrdiff_t>(count), node->columns.end());
    auto unnest = MakeUnnest(MakeFilter(join.left, predicates), lists, list_columns);
    base = inner;
    for (size_t i = 0; i < count; i++) {
        base.push_back(ColumnRef(static_cast<int>(join.left->columns.size() + i), list_columns[i].type));
    }
    Exprs columns = AllColumns(*join.left);
    for (const auto& output : outputs) {
        columns.push_back(Through(output, base));
    }
    Exprs above;
    for (const auto& predicate : join.predicates) {
        AddUnlessTrivial(Through(predicate, columns), above);
    }
    auto names = NamesOf(join.left->columns);
    auto right_names = NamesOf(join.right->columns);
    names.insert(names.end(), right_names.begin(), right_names.end());
    return MakeProject(MakeFilter(unnest, above), columns, names);
}

/// A plan without the domain: old columns as expressions over `node`, and what each domain column equals there.
struct Pulled {
    NodePtr node;
    Exprs columns;
    Exprs domain;
    bool strict = false; ///< no domain value is NULL here: NULL-safe comparison with it is plain equality
};

/// x IS NOT DISTINCT FROM y as x = y, where one side is never NULL: hash joins prune scans by plain equality only.
ExprPtr Strict(const ExprPtr& predicate) {
    bool null_safe = predicate->kind == ExprKind::Comparison && predicate->text == "IS NOT DISTINCT FROM";
    return null_safe ? Compare("=", predicate->args[0], predicate->args[1]) : predicate;
}

std::optional<Pulled> Pull(const NodePtr& node, int domain);

/// Finds, among equalities of the predicates, an expression without domain columns that equals domain column `column`.
ExprPtr EquivalentOf(const Exprs& predicates, int column, int begin, int end, bool& null_safe) {
    auto free_of_domain = [&](const ExprPtr& expr) {
        auto columns = ColumnsOf(expr);
        return std::none_of(columns.begin(), columns.end(), [&](int c) { return c >= begin && c < end; });
    };
    for (const auto& predicate : predicates) {
        bool equal = predicate->kind == ExprKind::Comparison &&
                     (predicate->text == "=" || predicate->text == "IS NOT DISTINCT FROM");
        for (size_t side = 0; equal && side < 2; side++) {
            const auto& here = predicate->args[side];
            const auto& there = predicate->args[1 - side];
            if (here->kind == ExprKind::Column && here->column == column && free_of_domain(there) &&
                here->type == there->type) {
                null_safe = predicate->text != "=";
                return there;
            }
        }
    }
    return nullptr;
}

/// An inner join with the domain among its inputs or inside one of them.
std::optional<Pulled> PullInner(const Join& join, int domain) {
    std::vector<NodePtr> inputs;
    Exprs columns;            // old columns over the new inputs; the domain's own stay null until known
    std::vector<Exprs> inner; // domain values that inputs below provide
    int direct_begin = -1, direct_end = -1, width = 0;
    for (size_t i = 0; i < join.inputs.size(); i++) {
        const auto& input = join.inputs[i];
        if (IsDomain(input, domain)) {
            if (direct_begin >= 0) {
                return std::nullopt;
            }
            direct_begin = InputOffset(join, i);
            direct_end = InputOffset(join, i + 1);
            columns.resize(columns.size() + input->columns.size());
            continue;
        }
        Pulled pulled{input, AllColumns(*input), {}, false};
        if (ContainsDomain(input, domain)) {
            auto attempt = Pull(input, domain);
            if (!attempt) {
                return std::nullopt;
            }
            pulled = *attempt;
        }
        for (const auto& column : pulled.columns) {
            columns.push_back(Shift(column, width));
        }
        if (!pulled.domain.empty()) {
            inner.emplace_back();
            for (const auto& value : pulled.domain) {
                inner.back().push_back(Shift(value, width));
            }
        }
        width += static_cast<int>(pulled.node->columns.size());
        inputs.push_back(pulled.node);
    }
    Exprs predicates, values;
    bool strict = direct_begin >= 0;
    if (direct_begin >= 0) {
        for (int column = direct_begin; column < direct_end; column++) {
            bool null_safe = false;
            auto there = EquivalentOf(join.predicates, column, direct_begin, direct_end, null_safe);
            if (!there) {
                return std::nullopt;
            }
            auto value = Through(there, columns);
            columns[static_cast<size_t>(column)] = value;
            values.push_back(value);
            strict = strict && !null_safe;
            if (!null_safe) {
                predicates.push_back(Call(ExprKind::IsNotNull, "BOOLEAN", {value}));
            }
        }
    } else {
        values = inner.front();
        inner.erase(inner.begin());
    }
    for (const auto& other : inner) {
        for (size_t i = 0; i < other.size(); i++) {
            AddUnlessTrivial(Compare("IS NOT DISTINCT FROM", values[i], other[i]), predicates);
        }
    }
    for (const auto& predicate : join.predicates) {
        auto moved = Through(predicate, columns);
        bool same_sides =
            moved->kind == ExprKind::Comparison && moved->text == "=" && Same(moved->args[0], moved->args[1]);
        if (!same_sides) { // x = x: its IS NOT NULL stands already
            AddUnlessTrivial(moved, predicates);
        }
    }
    NodePtr node =
        inputs.size() == 1 ? MakeFilter(inputs[0], predicates) : MakeJoin(JoinKind::Inner, inputs, predicates);
    return Pulled{node, columns, values, strict};
}

std::optional<Pulled> PullAggregate(const Aggregate& aggregate, int domain) {
    auto below = Pull(aggregate.inputs[0], domain);
    if (!below) {
        return std::nullopt;
    }
    Exprs groups;
    for (const auto& group : aggregate.groups) {
        groups.push_back(Through(group, below->columns));
    }
    Exprs values;
    for (const auto& value : below->domain) {
        auto found = std::find_if(groups.begin(), groups.end(), [&](const auto& group) { return Same(group, value); });
        if (found == groups.end()) {
            return std::nullopt; // groups of different outer rows would be mixed
        }
        values.push_back(ColumnRef(static_cast<int>(found - groups.begin()), value->type));
    }
    auto calls = aggregate.calls;
    for (auto& call : calls) {
        for (auto& arg : call.args) {
            arg = Through(arg, below->columns);
        }
        for (auto& key : call.order_by) {
            key = Through(key, below->columns);
        }
        if (call.filter) {
            call.filter = Through(call.filter, below->columns);
        }
    }
    auto node = MakeAggregate(below->node, groups, calls, NamesOf(aggregate.columns));
    return Pulled{node, AllColumns(*node), values, below->strict};
}

std::optional<Pulled> PullOuterJoin(const Join& join, int domain) {
    for (size_t i = 1; i < join.inputs.size(); i++) {
        if (ContainsDomain(join.inputs[i], domain)) {
            return std::nullopt;
        }
    }
    auto left = Pull(join.inputs[0], domain);
    if (!left) {
        return std::nullopt;
    }
    int new_width = static_cast<int>(left->node->columns.size());
    Exprs moved = left->columns;
    for (const auto& column : AllColumns(*join.inputs[1], new_width)) {
        moved.push_back(column);
    }
    Exprs predicates;
    for (const auto& predicate : join.predicates) {
        predicates.push_back(Through(predicate, moved));
    }
    const std::string mark = join.join_kind == JoinKind::Mark ? join.columns.back().name : "";
    auto node = MakeJoin(join.join_kind, {left->node, join.inputs[1]}, predicates, join.null_aware, mark);
    Exprs columns(moved.begin(),
                  moved.begin() + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(moved.size()),
                                                           static_cast<std::ptrdiff_t>(join.columns.size())));
    if (join.join_kind == JoinKind::Mark) {
        columns.resize(join.columns.size());
        columns.back() = ColumnRef(new_width, "BOOLEAN");
    }
    return Pulled{node, columns, left->domain, left->strict};
}

std::optional<Pulled> PullUnion(const Node& node, int domain) {
    std::vector<NodePtr> inputs;
    std::vector<Column> columns = node.columns;
    Exprs domain_types;
    for (const auto& input : node.inputs) {
        auto branch = ContainsDomain(input, domain) ? Pull(input, domain) : std::nullopt;
        if (!branch) {
            return std::nullopt;
        }
        Exprs outputs = branch->columns;
        outputs.insert(outputs.end(), branch->domain.begin(), branch->domain.end());
        domain_types = branch->domain;
        std::vector<std::string> names = NamesOf(node.columns);
        names.resize(outputs.size(), "outer");
        inputs.push_back(MakeProject(branch->node, outputs, names));
    }
    for (const auto& value : domain_types) {
        columns.push_back({"outer", value->type});
    }
    auto united = MakeUnionAll(inputs, columns);
    Exprs all = AllColumns(*united);
    auto split = all.begin() + static_cast<std::ptrdiff_t>(node.columns.size());
    return Pulled{united, Exprs(all.begin(), split), Exprs(split, all.end()), false};
}

std::optional<Pulled> Pull(const NodePtr& node, int domain) {
    switch (node->kind) {
    case NodeKind::Filter: {
        auto below = Pull(node->inputs[0], domain);
        if (!below) {
            return std::nullopt;
        }
        Exprs predicates;
        for (const auto& predicate : node->As<Filter>().predicates) {
            predicates.push_back(Through(predicate, below->columns));
        }
        below->node = MakeFilter(below->node, predicates);
        return below;
    }
    case NodeKind::Project: {
        auto below = Pull(node->inputs[0], domain);
        if (!below) {
            return std::nullopt;
        }
        Exprs columns;
        for (const auto& expr : node->As<Project>().expressions) {
            columns.push_back(Through(expr, below->columns));
        }
        return Pulled{below->node, columns, below->domain, below->strict};
    }
    case NodeKind::Join:
        return node->As<Join>().join_kind == JoinKind::Inner ? PullInner(node->As<Join>(), domain)
                                                             : PullOuterJoin(node->As<Join>(), domain);
    case NodeKind::Aggregate:
        return PullAggregate(node->As<Aggregate>(), domain);
    case NodeKind::UnionAll:
        return PullUnion(*node, domain);
    default:
        return std::nullopt;
    }
}

/// One row of the node at most per value of `keys`, by its shape.
bool IsUniqueBy(const NodePtr& node, const Exprs& keys) {
    if (node->kind == NodeKind::Filter) {
        return IsUniqueBy(node->inputs[0], keys);
    }
    if (node->kind != NodeKind::Aggregate) {
        return false;
    }
    size_t groups = node->As<Aggregate>().groups.size();
    std::set<int> covered;
    for (const auto& key : keys) {
        if (key->kind == ExprKind::Column && key->column < static_cast<int>(groups)) {
            covered.insert(key->column);
        }
    }
    return covered.size() == groups;
}

/// Way 2: left JOIN (domain LEFT JOIN aggregate) is left LEFT JOIN aggregate.
class SubstitutionWay {
public:
    explicit SubstitutionWay(const DependentJoin& join) : join_(join) {}

    std::optional<NodePtr> Try() {
        SplitPaddedRight();
        auto pulled = Pull(core_, join_.domain);
        if (!pulled) {
            return std::nullopt;
        }
        pulled_ = *pulled;
        if (join_.kind == JoinKind::Semi || join_.kind == JoinKind::Anti || join_.kind == JoinKind::Mark) {
            if (padded_) {
                return std::nullopt;
            }
            return MakeJoin(join_.kind, {join_.left, pulled_.node}, Predicates(), join_.null_aware);
        }
        return Combine();
    }

private:
    /// Takes Project*(LeftJoin(Domain, core)) apart.
    void SplitPaddedRight() {
        outputs_ = AllColumns(*join_.right);
        core_ = join_.right;
        NodePtr node = join_.right;
        Exprs outputs = outputs_;
        while (node->kind == NodeKind::Project) {
            Exprs through;
            for (const auto& expr : outputs) {
                through.push_back(Through(expr, node->As<Project>().expressions));
            }
            outputs = through;
            node = node->inputs[0];
        }
        bool left_join = node->kind == NodeKind::Join && node->As<Join>().join_kind == JoinKind::Left;
        if (left_join && IsDomain(node->inputs[0], join_.domain) && ContainsDomain(node->inputs[1], join_.domain)) {
            padded_ = true;
            outputs_ = outputs;
            padding_ = node->As<Join>().predicates;
            core_ = node->inputs[1];
        }
    }

    /// Right columns over left ++ pulled node.
    Exprs RightColumns() const {
        int width = static_cast<int>(join_.left->columns.size());
        Exprs core;
        for (const auto& column : pulled_.columns) {
            core.push_back(Shift(column, width));
        }
        if (!padded_) {
            return core;
        }
        Exprs base = join_.domain_columns;
        base.insert(base.end(), core.begin(), core.end());
        Exprs right;
        for (const auto& output : outputs_) {
            right.push_back(Through(output, base));
        }
        return right;
    }

    Exprs Predicates() const {
        int width = static_cast<int>(join_.left->columns.size());
        Exprs predicates;
        if (padded_) {
            Exprs base = join_.domain_columns;
            for (const auto& column : pulled_.columns) {
                base.push_back(Shift(column, width));
            }
            for (const auto& predicate : padding_) {
                AddUnlessTrivial(Moved(predicate, base), predicates);
            }
            return predicates;
        }
        Exprs columns = AllColumns(*join_.left);
        for (const auto& column : pulled_.columns) {
            columns.push_back(Shift(column, width));
        }
        for (const auto& predicate : join_.predicates) {
            AddUnlessTrivial(Moved(predicate, columns), predicates);
        }
        return predicates;
    }

    ExprPtr Moved(const ExprPtr& predicate, const Exprs& columns) const {
        auto moved = Through(predicate, columns);
        return pulled_.strict ? Strict(moved) : moved;
    }

    std::optional<NodePtr> Combine() {
        bool single = join_.kind == JoinKind::Single;
        if (single && !IsUniqueBy(pulled_.node, pulled_.domain)) {
            return std::nullopt;
        }
        bool keeps_left = padded_ || single || join_.kind == JoinKind::Left;
        if (!keeps_left && join_.kind != JoinKind::Inner) {
            return std::nullopt;
        }
        if (padded_ && join_.predicates.size() > join_.domain_columns.size()) {
            return std::nullopt; // LEFT JOIN LATERAL ... ON further condition
        }
        auto kind = keeps_left ? JoinKind::Left : JoinKind::Inner;
        auto node = MakeJoin(kind, {join_.left, pulled_.node}, Predicates());
        Exprs outputs = AllColumns(*join_.left);
        auto right = RightColumns();
        outputs.insert(outputs.end(), right.begin(), right.end());
        auto names = NamesOf(join_.left->columns);
        auto right_names = NamesOf(join_.right->columns);
        names.insert(names.end(), right_names.begin(), right_names.end());
        return MakeProject(node, outputs, names);
    }

    const DependentJoin& join_;
    NodePtr core_;
    bool padded_ = false;
    Exprs outputs_;
    Exprs padding_;
    Pulled pulled_;
};

NodePtr ReplaceDomain(const NodePtr& node, int domain, const NodePtr& replacement) {
    if (IsDomain(node, domain)) {
        return replacement;
    }
    if (!ContainsDomain(node, domain)) {
        return node;
    }
    std::vector<NodePtr> inputs;
    for (const auto& input : node->inputs) {
        inputs.push_back(ReplaceDomain(input, domain, replacement));
    }
    return WithInputs(*node, inputs);
}

/// A scalar subquery that is no aggregate: aggregated per key, so that a second row is seen and raised.
NodePtr SingleByCounting(const NodePtr& left, const NodePtr& right, const std::vector<ExprPtr>& predicates);

/// Way 3.
NodePtr ComputeDomain(const DependentJoin& join) {
    std::vector<std::string> names(join.domain_columns.size(), "outer");
    auto project = MakeProject(join.left, join.domain_columns, names);
    auto distinct = MakeAggregate(project, AllColumns(*project), {}, names);
    auto right = Normalize(ReplaceDomain(join.right, join.domain, distinct));
    if (join.kind == JoinKind::Single) {
        return SingleByCounting(join.left, right, join.predicates);
    }
    return MakeJoin(join.kind, {join.left, right}, join.predicates, join.null_aware);
}

NodePtr SingleByCounting(const NodePtr& left, const NodePtr& right, const std::vector<ExprPtr>& predicates) {
    int width = static_cast<int>(left->columns.size());
    std::set<int> key_columns;
    for (const auto& predicate : predicates) {
        for (int column : ColumnsOf(predicate)) {
            if (column >= width) {
                key_columns.insert(column - width);
            }
        }
    }
    Exprs groups;
    std::vector<AggregateCall> calls;
    std::vector<std::string> names;
    std::vector<int> where(right->columns.size());
    for (int column : key_columns) {
        where[static_cast<size_t>(column)] = static_cast<int>(groups.size());
        groups.push_back(ColumnRef(column, right->columns[static_cast<size_t>(column)].type));
        names.push_back(right->columns[static_cast<size_t>(column)].name);
    }
    for (size_t i = 0; i < right->columns.size(); i++) {
        if (key_columns.count(static_cast<int>(i)) == 0) {
            AggregateCall call;
            call.function = "min"; // the value itself: read only where there is one row
            call.args = {ColumnRef(static_cast<int>(i), right->columns[i].type)};
            call.type = call.argument_type = right->columns[i].type;
            where[i] = static_cast<int>(groups.size() + calls.size());
            calls.push_back(call);
            names.push_back(right->columns[i].name);
        }
    }
    AggregateCall count;
    count.function = "count_star";
    count.type = "BIGINT";
    int count_at = static_cast<int>(groups.size() + calls.size());
    calls.push_back(count);
    names.emplace_back("rows");
    auto grouped = MakeAggregate(right, groups, calls, names);
    Exprs moved;
    for (const auto& predicate : predicates) {
        moved.push_back(Substitute(predicate, [&](int column, const std::string& type) {
            return ColumnRef(column < width ? column : width + where[static_cast<size_t>(column - width)], type);
        }));
    }
    auto join = MakeJoin(JoinKind::Left, {left, grouped}, moved);
    Exprs outputs = AllColumns(*left);
    auto all_names = NamesOf(left->columns);
    for (size_t i = 0; i < right->columns.size(); i++) {
        auto value = ColumnRef(width + where[i], right->columns[i].type);
        bool key = key_columns.count(static_cast<int>(i)) > 0;
        outputs.push_back(key ? value : OneRowOrError(value, ColumnRef(width + count_at, "BIGINT")));
        all_names.push_back(right->columns[i].name);
    }
    return MakeProject(join, outputs, all_names);
}

/// A single join whose subquery is no aggregate: way 2 gives the rows per key, counting makes a second one an error.
std::optional<NodePtr> PulledSingle(const DependentJoin& join) {
    if (join.kind != JoinKind::Single) {
        return std::nullopt;
    }
    auto pulled = Pull(join.right, join.domain);
    if (!pulled) {
        return std::nullopt;
    }
    auto right = MakeProject(pulled->node, pulled->columns, NamesOf(join.right->columns));
    return SingleByCounting(join.left, right, join.predicates);
}

} // namespace

ExprPtr OneRowOrError(const ExprPtr& value, const ExprPtr& count) {
    const std::string message = "'More than one row returned by a subquery used as an expression - scalar subqueries "
                                "can only return a single row.'";
    auto too_many = Compare(">", count, Literal("CAST(1 AS BIGINT)", "BIGINT"));
    auto error = Call(ExprKind::Function, "\"NULL\"", {Literal(message, "VARCHAR")}, "error");
    return Call(ExprKind::Case, value->type, {too_many, error, value});
}

NodePtr GuardedValue(const NodePtr& input, const ExprPtr& value) {
    AggregateCall least, count;
    least.function = "min";
    least.args = {value};
    least.type = least.argument_type = value->type;
    count.function = "count_star";
    count.type = "BIGINT";
    return MakeAggregate(input, {}, {least, count}, {"value", "rows"});
}

NodePtr Decorrelate(const DependentJoin& join) {
    if (!ContainsDomain(join.right, join.domain)) {
        if (join.kind == JoinKind::Single) {
            return SingleByCounting(join.left, join.right, join.predicates);
        }
        return MakeJoin(join.kind, {join.left, join.right}, join.predicates, join.null_aware);
    }
    if (auto direct = DirectWay(join).Try()) {
        return *direct;
    }
    if (auto unnest = UnnestOverLeft(join)) {
        return *unnest;
    }
    if (auto substituted = SubstitutionWay(join).Try()) {
        return *substituted;
    }
    if (auto single = PulledSingle(join)) {
        return *single;
    }
    return ComputeDomain(join);
}

} // namespace freshet::plan
