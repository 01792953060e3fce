#include "plan/normalize.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

namespace freshet::plan {

namespace {

/// A rebuilt node, and where each old column went (-1: dropped).
struct Pruned {
    NodePtr node;
    std::vector<int> moved;
};

class Pruner {
public:
    NodePtr Run(const NodePtr& root) {
        Order(root);
        Require(root, AllOf(*root));
        for (auto it = order_.rbegin(); it != order_.rend(); ++it) {
            PassDown(*it);
        }
        for (const auto& node : order_) {
            Pruned pruned = Rebuild(node);
            done_[node.get()] = joined_.count(node.get()) > 0 ? Narrowed(pruned, *node) : pruned;
        }
        return done_[root.get()].node;
    }

private:
    static std::set<int> AllOf(const Node& node) {
        std::set<int> all;
        for (size_t i = 0; i < node.columns.size(); i++) {
            all.insert(static_cast<int>(i));
        }
        return all;
    }

    /// Children before parents.
    void Order(const NodePtr& node) {
        if (!seen_.insert(node.get()).second) {
            return;
        }
        for (const auto& input : node->inputs) {
            Order(input);
        }
        order_.push_back(node);
    }

    void Require(const NodePtr& node, const std::set<int>& columns) {
        needed_[node.get()].insert(columns.begin(), columns.end());
    }

    void RequireExpressions(const Node& node, const std::vector<ExprPtr>& expressions) {
        std::set<int> columns;
        for (const auto& expr : expressions) {
            CollectColumns(expr, columns);
        }
        for (size_t i = 0; i < node.inputs.size(); i++) {
            int begin = InputOffset(node, i);
            int end = InputOffset(node, i + 1);
            std::set<int> own;
            for (int column : columns) {
                if (column >= begin && column < end) {
                    own.insert(column - begin);
                }
            }
            Require(node.inputs[i], own);
        }
    }

    /// A relation without columns can't be written in SQL: keep one.
    void KeepOne(const NodePtr& node) {
        if (needed_[node.get()].empty() && !node->columns.empty()) {
            needed_[node.get()].insert(0);
        }
    }

    void PassDown(const NodePtr& node) {
        KeepOne(node);
        const auto& needed = needed_[node.get()];
        switch (node->kind) {
        case NodeKind::Filter:
            Require(node->inputs[0], needed);
            RequireExpressions(*node, node->As<Filter>().predicates);
            break;
        case NodeKind::Project: {
            std::vector<ExprPtr> kept;
            for (int column : needed) {
                kept.push_back(node->As<Project>().expressions[static_cast<size_t>(column)]);
            }
            RequireExpressions(*node, kept);
            break;
        }
        case NodeKind::Join: {
            std::vector<ExprPtr> uses = node->As<Join>().predicates;
            int width = InputWidth(*node);
            for (int column : needed) {
                if (column < width && !(node->As<Join>().join_kind == JoinKind::Mark &&
                                        column >= static_cast<int>(node->inputs[0]->columns.size()))) {
                    uses.push_back(ColumnRef(column, ""));
                }
            }
            RequireExpressions(*node, uses);
            for (const auto& input : node->inputs) {
                joined_.insert(input.get());
            }
            break;
        }
        case NodeKind::Aggregate:
            PassDownAggregate(node->As<Aggregate>(), needed);
            break;
        case NodeKind::Window:
            PassDownWindow(node->As<Window>(), needed);
            break;
        case NodeKind::UnionAll:
            for (const auto& input : node->inputs) {
                Require(input, needed);
            }
            break;
        case NodeKind::Unnest: {
            std::vector<ExprPtr> uses = node->As<Unnest>().lists;
            for (int column : needed) {
                if (column < InputWidth(*node)) {
                    uses.push_back(ColumnRef(column, ""));
                }
            }
            RequireExpressions(*node, uses);
            break;
        }
        case NodeKind::TopK: {
            Require(node->inputs[0], needed);
            std::vector<ExprPtr> keys;
            for (const auto& key : node->As<TopK>().keys) {
                keys.push_back(key.expression);
            }
            RequireExpressions(*node, keys);
            break;
        }
        case NodeKind::Scan:
        case NodeKind::Constants:
        case NodeKind::Domain:
            break;
        }
    }

    void PassDownAggregate(const Aggregate& node, const std::set<int>& needed) {
        std::vector<ExprPtr> uses = node.groups;
        for (size_t i = 0; i < node.calls.size(); i++) {
            if (!KeepsCall(node, needed, i)) {
                continue;
            }
            auto own = ReadsOf(node.calls[i]);
            uses.insert(uses.end(), own.begin(), own.end());
        }
        RequireExpressions(node, uses);
    }

    void PassDownWindow(const Window& node, const std::set<int>& needed) {
        std::vector<ExprPtr> uses = node.partitions;
        for (const auto& call : node.calls) {
            auto own = ReadsOf(call);
            uses.insert(uses.end(), own.begin(), own.end());
        }
        for (int column : needed) {
            if (column < InputWidth(node)) {
                uses.push_back(ColumnRef(column, ""));
            }
        }
        RequireExpressions(node, uses);
    }

    /// A global aggregate keeps one call, since its row is what counts.
    static bool KeepsCall(const Aggregate& node, const std::set<int>& needed, size_t call) {
        return needed.count(static_cast<int>(node.groups.size() + call)) > 0 || (node.IsGlobal() && call == 0);
    }

    /// Old position among the concatenated inputs -> new position.
    std::vector<int> InputMoves(const Node& node) const {
        std::vector<int> moves;
        int offset = 0;
        for (const auto& input : node.inputs) {
            const auto& pruned = done_.at(input.get());
            for (int moved : pruned.moved) {
                moves.push_back(moved < 0 ? -1 : moved + offset);
            }
            offset += static_cast<int>(pruned.node->columns.size());
        }
        return moves;
    }

    static ExprPtr Move(const ExprPtr& expr, const std::vector<int>& moves) {
        return expr ? Substitute(expr,
                                 [&](int column, const std::string& type) {
                                     return ColumnRef(moves[static_cast<size_t>(column)], type);
                                 })
                    : nullptr;
    }

    static std::vector<ExprPtr> MoveAll(const std::vector<ExprPtr>& expressions, const std::vector<int>& moves) {
        std::vector<ExprPtr> moved;
        for (const auto& expr : expressions) {
            moved.push_back(Move(expr, moves));
        }
        return moved;
    }

    Pruned Rebuild(const NodePtr& node) {
        const auto& needed = needed_[node.get()];
        auto moves = InputMoves(*node);
        std::vector<NodePtr> inputs;
        for (const auto& input : node->inputs) {
            inputs.push_back(done_.at(input.get()).node);
        }
        switch (node->kind) {
        case NodeKind::Scan:
            return RebuildScan(node->As<Scan>(), needed);
        case NodeKind::Constants:
        case NodeKind::Domain: {
            std::vector<int> same;
            for (size_t i = 0; i < node->columns.size(); i++) {
                same.push_back(static_cast<int>(i));
            }
            return {node, same};
        }
        case NodeKind::Filter:
            return {MakeFilter(inputs[0], MoveAll(node->As<Filter>().predicates, moves)), moves};
        case NodeKind::Project:
            return RebuildProject(node->As<Project>(), inputs[0], moves, needed);
        case NodeKind::Join:
            return RebuildJoin(node->As<Join>(), inputs, moves);
        case NodeKind::Aggregate:
            return RebuildAggregate(node->As<Aggregate>(), inputs[0], moves, needed);
        case NodeKind::Window:
            return RebuildWindow(node->As<Window>(), inputs[0], moves);
        case NodeKind::UnionAll:
            return RebuildUnion(*node, needed);
        case NodeKind::Unnest:
            return RebuildUnnest(node->As<Unnest>(), inputs[0], moves);
        case NodeKind::TopK: {
            auto keys = node->As<TopK>().keys;
            for (auto& key : keys) {
                key.expression = Move(key.expression, moves);
            }
            return {MakeTopK(inputs[0], keys, node->As<TopK>().limit, node->As<TopK>().offset), moves};
        }
        }
        return {node, moves};
    }

    static Pruned RebuildScan(const Scan& scan, const std::set<int>& needed) {
        auto copy = std::make_shared<Scan>(scan);
        copy->columns.clear();
        copy->source_columns.clear();
        copy->source_names.clear();
        std::vector<int> moved(scan.columns.size(), -1);
        for (int column : needed) {
            moved[static_cast<size_t>(column)] = static_cast<int>(copy->columns.size());
            copy->columns.push_back(scan.columns[static_cast<size_t>(column)]);
            copy->source_columns.push_back(scan.source_columns[static_cast<size_t>(column)]);
            copy->source_names.push_back(scan.source_names[static_cast<size_t>(column)]);
        }
        return {copy, moved};
    }

    static Pruned RebuildProject(const Project& project, const NodePtr& input, const std::vector<int>& moves,
                                 const std::set<int>& needed) {
        std::vector<ExprPtr> expressions;
        std::vector<std::string> names;
        std::vector<int> moved(project.columns.size(), -1);
        for (int column : needed) {
            moved[static_cast<size_t>(column)] = static_cast<int>(expressions.size());
            expressions.push_back(Move(project.expressions[static_cast<size_t>(column)], moves));
            names.push_back(project.columns[static_cast<size_t>(column)].name);
        }
        if (expressions.empty()) {
            expressions = {Literal("1", "INTEGER")};
            names = {"one"};
        }
        return {MakeProject(input, expressions, names), moved};
    }

    static Pruned RebuildJoin(const Join& join, const std::vector<NodePtr>& inputs, const std::vector<int>& moves) {
        const std::string mark = join.join_kind == JoinKind::Mark ? join.columns.back().name : "";
        auto node = MakeJoin(join.join_kind, inputs, MoveAll(join.predicates, moves), join.null_aware, mark);
        std::vector<int> moved(
            moves.begin(), moves.begin() + std::min<std::ptrdiff_t>(static_cast<std::ptrdiff_t>(moves.size()),
                                                                    static_cast<std::ptrdiff_t>(join.columns.size())));
        if (join.join_kind == JoinKind::Mark) {
            moved.resize(join.columns.size());
            moved.back() = static_cast<int>(inputs[0]->columns.size());
        }
        return {node, moved};
    }

    /// Without the columns that a filter or join reads for itself alone: what joins its result is spared changes of
    /// values that nobody reads, such as an average that all rows are compared with.
    Pruned Narrowed(const Pruned& pruned, const Node& before) {
        const auto& needed = needed_[&before];
        bool reads_for_itself = before.kind == NodeKind::Filter || before.kind == NodeKind::Join;
        if (!reads_for_itself || needed.size() >= pruned.node->columns.size()) {
            return pruned;
        }
        std::vector<ExprPtr> expressions;
        std::vector<std::string> names;
        std::vector<int> moved(before.columns.size(), -1);
        for (int column : needed) {
            auto position = static_cast<size_t>(column);
            moved[position] = static_cast<int>(expressions.size());
            expressions.push_back(ColumnRef(pruned.moved[position], before.columns[position].type));
            names.push_back(before.columns[position].name);
        }
        return {MakeProject(pruned.node, expressions, names), moved};
    }

    static Pruned RebuildAggregate(const Aggregate& aggregate, const NodePtr& input, const std::vector<int>& moves,
                                   const std::set<int>& needed) {
        std::vector<AggregateCall> calls;
        std::vector<std::string> names;
        std::vector<int> moved(aggregate.columns.size(), -1);
        for (size_t i = 0; i < aggregate.groups.size(); i++) {
            moved[i] = static_cast<int>(i);
            names.push_back(aggregate.columns[i].name);
        }
        for (size_t i = 0; i < aggregate.calls.size(); i++) {
            if (!KeepsCall(aggregate, needed, i)) {
                continue;
            }
            AggregateCall call = aggregate.calls[i];
            call.args = MoveAll(call.args, moves);
            call.order_by = MoveAll(call.order_by, moves);
            call.filter = Move(call.filter, moves);
            moved[aggregate.groups.size() + i] = static_cast<int>(aggregate.groups.size() + calls.size());
            names.push_back(aggregate.columns[aggregate.groups.size() + i].name);
            calls.push_back(std::move(call));
        }
        return {MakeAggregate(input, MoveAll(aggregate.groups, moves), calls, names), moved};
    }

    /// Inputs may keep more columns than asked (shared nodes): a projection brings each to the needed ones, in order.
    Pruned RebuildUnion(const Node& node, const std::set<int>& needed) {
        std::vector<int> moved(node.columns.size(), -1);
        std::vector<Column> columns;
        for (int column : needed) {
            moved[static_cast<size_t>(column)] = static_cast<int>(columns.size());
            columns.push_back(node.columns[static_cast<size_t>(column)]);
        }
        std::vector<NodePtr> inputs;
        for (const auto& input : node.inputs) {
            const auto& pruned = done_.at(input.get());
            std::vector<ExprPtr> outputs;
            for (int column : needed) {
                outputs.push_back(ColumnRef(pruned.moved[static_cast<size_t>(column)],
                                            input->columns[static_cast<size_t>(column)].type));
            }
            bool same = outputs.size() == pruned.node->columns.size();
            for (size_t i = 0; same && i < outputs.size(); i++) {
                same = outputs[i]->column == static_cast<int>(i);
            }
            inputs.push_back(same ? pruned.node : MakeProject(pruned.node, outputs, NamesOf(columns)));
        }
        return {MakeUnionAll(inputs, columns), moved};
    }

    static Pruned RebuildWindow(const Window& window, const NodePtr& input, const std::vector<int>& moves) {
        auto calls = window.calls;
        std::vector<int> moved = moves;
        std::vector<std::string> names;
        for (size_t i = 0; i < calls.size(); i++) {
            auto& call = calls[i];
            call.args = MoveAll(call.args, moves);
            call.partitions = MoveAll(call.partitions, moves);
            for (auto* keys : {&call.order_by, &call.arg_orders}) {
                for (auto& key : *keys) {
                    key.expression = Move(key.expression, moves);
                }
            }
            call.filter = Move(call.filter, moves);
            call.start.offset = Move(call.start.offset, moves);
            call.end.offset = Move(call.end.offset, moves);
            names.push_back(window.columns[window.inputs[0]->columns.size() + i].name);
            moved.push_back(static_cast<int>(input->columns.size() + i));
        }
        return {MakeWindow(input, MoveAll(window.partitions, moves), calls, names), moved};
    }

    static Pruned RebuildUnnest(const Unnest& unnest, const NodePtr& input, const std::vector<int>& moves) {
        std::vector<Column> lists(unnest.columns.end() - static_cast<std::ptrdiff_t>(unnest.lists.size()),
                                  unnest.columns.end());
        auto node = MakeUnnest(input, MoveAll(unnest.lists, moves), lists);
        std::vector<int> moved = moves;
        for (size_t i = 0; i < lists.size(); i++) {
            moved.push_back(static_cast<int>(input->columns.size() + i));
        }
        return {node, moved};
    }

    std::set<const Node*> seen_;
    std::vector<NodePtr> order_;
    std::map<const Node*, std::set<int>> needed_;
    std::map<const Node*, Pruned> done_;
    std::set<const Node*> joined_; ///< inputs of joins
};

} // namespace

NodePtr DropUnusedColumns(const NodePtr& root) {
    // A projection of all columns on top fixes the output's width and order whatever happens below.
    auto top = MakeProject(root, AllColumns(*root), NamesOf(root->columns));
    auto pruned = Pruner().Run(top);
    const auto& input = pruned->inputs[0];
    const auto& expressions = pruned->As<Project>().expressions;
    bool identity = input->columns.size() == expressions.size();
    for (size_t i = 0; identity && i < expressions.size(); i++) {
        identity = expressions[i]->kind == ExprKind::Column && expressions[i]->column == static_cast<int>(i);
    }
    return identity ? input : pruned;
}

Query DropUnusedSourceColumns(const Query& original) {
    Query query = original;
    std::vector<std::set<int>> used(query.sources.size());
    std::function<void(const NodePtr&)> collect = [&](const NodePtr& node) {
        if (node->kind == NodeKind::Scan) {
            const auto& scan = node->As<Scan>();
            used[static_cast<size_t>(scan.source)].insert(scan.source_columns.begin(), scan.source_columns.end());
        }
        for (const auto& input : node->inputs) {
            collect(input);
        }
    };
    collect(query.root);
    std::vector<std::map<int, int>> moved(query.sources.size());
    for (size_t i = 0; i < query.sources.size(); i++) {
        std::vector<Column> columns;
        for (int column : used[i]) {
            moved[i][column] = static_cast<int>(columns.size());
            columns.push_back(query.sources[i].columns[static_cast<size_t>(column)]);
        }
        query.sources[i].columns = columns;
    }
    std::map<const Node*, NodePtr> done;
    std::function<NodePtr(const NodePtr&)> rebuild = [&](const NodePtr& node) -> NodePtr {
        if (auto known = done.find(node.get()); known != done.end()) {
            return known->second;
        }
        NodePtr result;
        if (node->kind == NodeKind::Scan) {
            auto copy = std::make_shared<Scan>(node->As<Scan>());
            for (int& column : copy->source_columns) {
                column = moved[static_cast<size_t>(copy->source)][column];
            }
            result = copy;
        } else {
            std::vector<NodePtr> inputs;
            for (const auto& input : node->inputs) {
                inputs.push_back(rebuild(input));
            }
            result = WithInputs(*node, inputs);
        }
        done[node.get()] = result;
        return result;
    };
    query.root = rebuild(query.root);
    return query;
}

} // namespace freshet::plan
