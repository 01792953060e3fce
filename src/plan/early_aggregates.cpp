#include "plan/early_aggregates.hpp"

#include "plan/rewrite.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

namespace freshet::plan {

namespace {

/// Equality of values that are the same for every function: not so with 0.0 and -0.0.
bool IsKeyType(const std::string& type) {
    return type.find("DOUBLE") == std::string::npos && type.find("FLOAT") == std::string::npos &&
           type.find("INTERVAL") == std::string::npos;
}

/// An aggregate over a left join, with its expressions over the join's columns.
class Site {
public:
    static std::optional<Site> Of(const NodePtr& node) {
        if (node->kind != NodeKind::Aggregate || node->As<Aggregate>().IsGlobal()) {
            return {};
        }
        Site site;
        site.aggregate_ = node;
        site.groups_ = node->As<Aggregate>().groups;
        site.calls_ = node->As<Aggregate>().calls;
        site.join_ = node->inputs[0];
        while (site.join_->kind == NodeKind::Project) {
            site.Through(site.join_->As<Project>());
            site.join_ = site.join_->inputs[0];
        }
        return site.Applies() ? std::optional(site) : std::nullopt;
    }

    NodePtr Rewritten() const {
        NodePtr sums = SumsPerKey();
        NodePtr left = join_->inputs[0];
        std::vector<ExprPtr> predicates;
        for (size_t i = 0; i < keys_.size(); i++) {
            predicates.push_back(
                Compare(keys_[i].op, keys_[i].left, ColumnRef(Width() + static_cast<int>(i), keys_[i].right->type)));
        }
        NodePtr joined = MakeJoin(JoinKind::Left, {left, sums}, predicates);
        std::vector<AggregateCall> calls;
        std::vector<ExprPtr> outputs;
        for (size_t i = 0; i < groups_.size(); i++) {
            outputs.push_back(ColumnRef(static_cast<int>(i), groups_[i]->type));
        }
        for (size_t i = 0; i < calls_.size(); i++) {
            calls.push_back(Total(i, Width() + static_cast<int>(keys_.size() + i)));
            ExprPtr total = ColumnRef(static_cast<int>(groups_.size() + i), calls.back().type);
            bool same = calls.back().type == calls_[i].type;
            outputs.push_back(same ? total : Call(ExprKind::Cast, calls_[i].type, {total}));
        }
        std::vector<std::string> names;
        for (const auto& column : aggregate_->columns) {
            names.push_back(column.name);
        }
        return MakeProject(MakeAggregate(joined, groups_, calls, names), outputs, names);
    }

private:
    struct Key {
        std::string op;
        ExprPtr left;  ///< over the left side
        ExprPtr right; ///< over the right side, counted from its first column
    };

    int Width() const { return static_cast<int>(join_->inputs[0]->columns.size()); }

    void Through(const Project& project) {
        auto below = [&](const ExprPtr& expr) {
            return Substitute(
                expr, [&](int column, const std::string&) { return project.expressions[static_cast<size_t>(column)]; });
        };
        std::transform(groups_.begin(), groups_.end(), groups_.begin(), below);
        for (auto& call : calls_) {
            std::transform(call.args.begin(), call.args.end(), call.args.begin(), below);
        }
    }

    bool Applies() {
        if (join_->kind != NodeKind::Join || join_->As<Join>().join_kind != JoinKind::Left || calls_.empty()) {
            return false;
        }
        const auto& predicates = join_->As<Join>().predicates;
        return !predicates.empty() &&
               std::all_of(predicates.begin(), predicates.end(),
                           [&](const auto& predicate) { return TakeKey(predicate); }) &&
               std::all_of(groups_.begin(), groups_.end(), [&](const auto& group) { return IsLeft(group); }) &&
               std::all_of(calls_.begin(), calls_.end(), [&](const auto& call) { return IsSummable(call); });
    }

    bool IsLeft(const ExprPtr& expr) const {
        auto columns = ColumnsOf(expr);
        return !columns.empty() && *columns.rbegin() < Width();
    }
    bool IsRight(const ExprPtr& expr) const {
        auto columns = ColumnsOf(expr);
        return !columns.empty() && *columns.begin() >= Width();
    }

    bool TakeKey(const ExprPtr& predicate) {
        bool equality = predicate->kind == ExprKind::Comparison &&
                        (predicate->text == "=" || predicate->text == "IS NOT DISTINCT FROM");
        if (!equality || !IsKeyType(predicate->args[0]->type)) {
            return false;
        }
        for (int side : {0, 1}) {
            const auto& left = predicate->args[static_cast<size_t>(side)];
            const auto& right = predicate->args[static_cast<size_t>(1 - side)];
            if (IsLeft(left) && IsRight(right)) {
                keys_.push_back({predicate->text, left, Shift(right, -Width())});
                return true;
            }
        }
        return false;
    }

    /// Of a column of the right side, which is NULL in a padded row, or count(*).
    bool IsSummable(const AggregateCall& call) const {
        if (call.distinct || call.filter || !call.order_by.empty() || call.args.size() > 1) {
            return false;
        }
        if (call.args.empty()) {
            return call.function == "count_star";
        }
        const auto& argument = call.args[0];
        bool column = argument->kind == ExprKind::Column && IsRight(argument);
        bool decimal_sum = call.function == "sum" && call.type.starts_with("DECIMAL");
        bool extreme = (call.function == "min" || call.function == "max") && IsKeyType(argument->type);
        return column && (call.function == "count" || decimal_sum || extreme);
    }

    NodePtr SumsPerKey() const {
        std::vector<ExprPtr> groups;
        std::vector<AggregateCall> calls = calls_;
        std::vector<std::string> names;
        for (const auto& key : keys_) {
            groups.push_back(key.right);
            bool column = key.right->kind == ExprKind::Column;
            std::string name = column ? join_->inputs[1]->columns[static_cast<size_t>(key.right->column)].name : "";
            bool taken = std::find(names.begin(), names.end(), name) != names.end();
            names.push_back(column && !taken ? name : fmt::format("key_{}", groups.size()));
        }
        for (auto& call : calls) {
            for (auto& argument : call.args) {
                argument = Shift(argument, -Width());
            }
            names.push_back(fmt::format("part_{}", names.size() - keys_.size() + 1));
        }
        return MakeAggregate(join_->inputs[1], groups, calls, names);
    }

    /// The aggregate over the keys' parts; a row without a partner counts itself, and nothing else.
    AggregateCall Total(size_t call, int column) const {
        AggregateCall total = calls_[call];
        ExprPtr part = ColumnRef(column, total.type);
        if (total.function == "count" || total.function == "count_star") {
            const char* alone = total.args.empty() ? "CAST(1 AS BIGINT)" : "CAST(0 AS BIGINT)";
            total.function = "sum";
            total.type = "HUGEINT";
            part = Call(ExprKind::Coalesce, "BIGINT", {part, Literal(alone, "BIGINT")});
        }
        total.args = {part};
        total.argument_type = part->type;
        return total;
    }

    NodePtr aggregate_;
    NodePtr join_;
    std::vector<ExprPtr> groups_;
    std::vector<AggregateCall> calls_;
    std::vector<Key> keys_;
};

} // namespace

NodePtr AggregateEarly(const NodePtr& node) {
    return Rewrite(node, [](const NodePtr& visited) {
        auto site = Site::Of(visited);
        return site ? site->Rewritten() : visited;
    });
}

} // namespace freshet::plan
