#include "cli/graph_text.hpp"

#include "cli/tree_text.hpp"

#include <fmt/format.h>
#include <map>
#include <set>

namespace freshet {

namespace {

/// Text between double quotes as Graphviz reads it.
std::string DotString(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + "\"";
}

/// Text between double quotes as Mermaid reads it: entities instead of escapes.
std::string MermaidString(const std::string& text) {
    std::string out = "\"";
    for (char c : text) {
        switch (c) {
        case '"':
            out += "#quot;";
            break;
        case '#':
            out += "#35;";
            break;
        case '<':
            out += "#lt;";
            break;
        case '>':
            out += "#gt;";
            break;
        default:
            out += c;
        }
    }
    return out + "\"";
}

std::string Label(const GraphNode& node) {
    return node.dynamic ? fmt::format("{} ({})", node.table.Text(), NodeNote(node)) : node.table.Text();
}

std::string ShortDuration(double seconds) {
    constexpr double kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour;
    return seconds < 2 * kMinute ? fmt::format("{:.0f} s", seconds)
           : seconds < 2 * kHour ? fmt::format("{:.0f} min", seconds / kMinute)
           : seconds < 2 * kDay  ? fmt::format("{:.0f} h", seconds / kHour)
                                 : fmt::format("{:.0f} d", seconds / kDay);
}

/// Trees of the tables below each table that reads none.
class Forest {
public:
    explicit Forest(const GraphReport& graph) : graph_(graph) {
        for (const auto& edge : graph.edges) {
            consumers_[edge.from].push_back(edge.to);
            read_others_.insert(edge.to);
        }
        for (const auto& node : graph.nodes) {
            nodes_[node.table] = &node;
        }
    }

    std::string Render() {
        std::string text;
        for (const auto& node : graph_.nodes) {
            text += read_others_.count(node.table) > 0 ? "" : RenderTree(TreeOf(node.table));
        }
        for (const auto& node : graph_.nodes) { // of a cycle
            text += seen_.count(node.table) > 0 ? "" : RenderTree(TreeOf(node.table));
        }
        return text;
    }

private:
    TreeText TreeOf(const TableName& table) {
        TreeText tree{Label(*nodes_.at(table)), {}};
        const auto& consumers = consumers_[table];
        if (!seen_.insert(table).second) {
            tree.label = table.Text() + " (see above)";
            return tree;
        }
        for (const auto& consumer : consumers) {
            tree.branches.push_back(TreeOf(consumer));
        }
        return tree;
    }

    const GraphReport& graph_;
    std::map<TableName, std::vector<TableName>> consumers_;
    std::set<TableName> read_others_;
    std::map<TableName, const GraphNode*> nodes_;
    std::set<TableName> seen_;
};

std::map<TableName, size_t> Numbers(const GraphReport& graph) {
    std::map<TableName, size_t> numbers;
    for (const auto& node : graph.nodes) {
        numbers.emplace(node.table, numbers.size());
    }
    return numbers;
}

} // namespace

std::string NodeNote(const GraphNode& node) {
    if (!node.dynamic) {
        return "";
    }
    bool timed = node.target_lag != "DOWNSTREAM";
    std::string target = node.lag_seconds
                             ? fmt::format("lag {}{}", ShortDuration(*node.lag_seconds), timed ? " of " : ", ")
                             : (timed ? "target lag " : "");
    return fmt::format("{}{}, {}", target, node.target_lag, node.state);
}

std::string GraphAsText(const GraphReport& graph) {
    return Forest(graph).Render();
}

std::string GraphAsDot(const GraphReport& graph) {
    std::string out = "digraph freshet {\n  rankdir=LR;\n";
    for (const auto& node : graph.nodes) {
        out += fmt::format("  {} [shape={}, label={}];\n", DotString(node.table.Text()),
                           node.dynamic ? "box" : "cylinder", DotString(Label(node)));
    }
    for (const auto& edge : graph.edges) {
        out += fmt::format("  {} -> {};\n", DotString(edge.from.Text()), DotString(edge.to.Text()));
    }
    return out + "}\n";
}

std::string GraphAsMermaid(const GraphReport& graph) {
    std::string out = "flowchart LR\n";
    auto numbers = Numbers(graph);
    for (const auto& node : graph.nodes) {
        std::string label = MermaidString(Label(node));
        out += fmt::format("  t{}{}\n", numbers[node.table], node.dynamic ? "[" + label + "]" : "[(" + label + ")]");
    }
    for (const auto& edge : graph.edges) {
        out += fmt::format("  t{} --> t{}\n", numbers.at(edge.from), numbers.at(edge.to));
    }
    return out;
}

} // namespace freshet
