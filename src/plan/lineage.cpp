#include "plan/lineage.hpp"

#include <map>

namespace freshet::plan {

namespace {

void Add(const std::set<SourceColumn>& from, std::set<SourceColumn>& into) {
    into.insert(from.begin(), from.end());
}

/// Follows each distinct node once: a plan is a graph, and a path for every use would be too many.
class Follower {
public:
    const Lineage& Of(const NodePtr& node) {
        auto known = known_.find(node.get());
        return known != known_.end() ? known->second : known_.emplace(node.get(), Follow(*node)).first->second;
    }

private:
    Lineage Follow(const Node& node) {
        Lineage input = Inputs(node);
        switch (node.kind) {
        case NodeKind::Scan:
            return OfScan(node.As<Scan>());
        case NodeKind::Constants:
        case NodeKind::Domain:
            return {std::vector<ColumnLineage>(node.columns.size()), {}};
        case NodeKind::Filter:
            Decide(node.As<Filter>().predicates, input, input.rows);
            return input;
        case NodeKind::Project:
            return {Computed(node.As<Project>().expressions, input), input.rows};
        case NodeKind::Join:
            return OfJoin(node.As<Join>(), std::move(input));
        case NodeKind::Aggregate:
            return OfAggregate(node.As<Aggregate>(), input);
        case NodeKind::Window:
            return OfWindow(node.As<Window>(), std::move(input));
        case NodeKind::UnionAll:
            return OfUnion(node, std::move(input));
        case NodeKind::Unnest:
            Append(Computed(node.As<Unnest>().lists, input), input.columns);
            return input;
        case NodeKind::TopK:
            for (const auto& key : node.As<TopK>().keys) {
                Decide({key.expression}, input, input.rows);
            }
            return input;
        }
        return input;
    }

    /// The columns of all inputs, concatenated.
    Lineage Inputs(const Node& node) {
        Lineage all;
        for (const auto& input : node.inputs) {
            const Lineage& own = Of(input);
            Append(own.columns, all.columns);
            Add(own.rows, all.rows);
        }
        return all;
    }

    static void Append(const std::vector<ColumnLineage>& from, std::vector<ColumnLineage>& into) {
        into.insert(into.end(), from.begin(), from.end());
    }

    static ColumnLineage Computed(const ExprPtr& expression, const Lineage& input) {
        ColumnLineage column;
        for (int read : ColumnsOf(expression)) {
            const ColumnLineage& from = input.columns.at(static_cast<size_t>(read));
            Add(from.values, column.values);
            Add(from.choices, column.choices);
        }
        return column;
    }

    static std::vector<ColumnLineage> Computed(const std::vector<ExprPtr>& expressions, const Lineage& input) {
        std::vector<ColumnLineage> columns;
        for (const auto& expression : expressions) {
            columns.push_back(Computed(expression, input));
        }
        return columns;
    }

    /// All that the expressions read decides.
    static void Decide(const std::vector<ExprPtr>& expressions, const Lineage& input, std::set<SourceColumn>& into) {
        for (const auto& expression : expressions) {
            if (expression) {
                ColumnLineage read = Computed(expression, input);
                Add(read.values, into);
                Add(read.choices, into);
            }
        }
    }

    static Lineage OfScan(const Scan& scan) {
        Lineage lineage;
        for (int column : scan.source_columns) {
            lineage.columns.push_back({{SourceColumn{scan.source, column}}, {}});
        }
        return lineage;
    }

    /// The columns are those of the inputs, or of the first one; a mark is made from what is compared.
    static Lineage OfJoin(const Join& join, Lineage input) {
        if (join.join_kind == JoinKind::Mark) {
            ColumnLineage mark;
            Decide(join.predicates, input, mark.values);
            input.columns.resize(join.columns.size() - 1);
            input.columns.push_back(mark);
            return input;
        }
        Decide(join.predicates, input, input.rows);
        input.columns.resize(join.columns.size());
        return input;
    }

    static Lineage OfAggregate(const Aggregate& aggregate, const Lineage& input) {
        Lineage lineage{Computed(aggregate.groups, input), input.rows};
        Decide(aggregate.groups, input, lineage.rows);
        for (const auto& call : aggregate.calls) {
            ColumnLineage column;
            for (const auto& from : Computed(call.args, input)) {
                Add(from.values, column.values);
                Add(from.choices, column.choices);
            }
            Decide({call.filter}, input, column.choices);
            if (!call.settled) { // else the order is one that Freshet put there
                Decide(call.order_by, input, column.choices);
            }
            lineage.columns.push_back(column);
        }
        return lineage;
    }

    static Lineage OfWindow(const Window& window, Lineage input) {
        std::vector<ColumnLineage> added;
        for (const auto& call : window.calls) {
            ColumnLineage& column = added.emplace_back();
            for (const auto& from : Computed(call.args, input)) {
                Add(from.values, column.values);
                Add(from.choices, column.choices);
            }
            Decide({call.filter, call.start.offset, call.end.offset}, input, column.choices);
            Decide(call.partitions, input, column.choices);
            for (const auto* keys : {&call.order_by, &call.arg_orders}) {
                for (const auto& key : *keys) {
                    Decide({key.expression}, input, column.choices);
                }
            }
        }
        Append(added, input.columns);
        return input;
    }

    Lineage OfUnion(const Node& node, Lineage input) {
        size_t width = node.columns.size();
        Lineage lineage{std::vector<ColumnLineage>(width), input.rows};
        for (size_t i = 0; i < input.columns.size(); i++) {
            Add(input.columns[i].values, lineage.columns[i % width].values);
            Add(input.columns[i].choices, lineage.columns[i % width].choices);
        }
        return lineage;
    }

    std::map<const Node*, Lineage> known_;
};

} // namespace

Lineage LineageOf(const NodePtr& root) {
    return Follower().Of(root);
}

} // namespace freshet::plan
