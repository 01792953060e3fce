#include "cli/graph_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

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
    return node.dynamic ? fmt::format("{} ({}, {})", node.table.Text(), node.target_lag, node.state)
                        : node.table.Text();
}

std::map<TableName, size_t> Numbers(const GraphReport& graph) {
    std::map<TableName, size_t> numbers;
    for (const auto& node : graph.nodes) {
        numbers.emplace(node.table, numbers.size());
    }
    return numbers;
}

} // namespace

std::string GraphAsText(const GraphReport& graph) {
    std::map<TableName, size_t> depths; // nodes come in dependency order
    std::string out;
    for (const auto& node : graph.nodes) {
        size_t& depth = depths[node.table];
        std::string inputs;
        for (const auto& edge : graph.edges) {
            if (edge.to == node.table) {
                depth = std::max(depth, depths[edge.from] + 1);
                inputs += (inputs.empty() ? "  <- " : ", ") + edge.from.Text();
            }
        }
        out += std::string(2 * depth, ' ') + Label(node) + inputs + "\n";
    }
    return out;
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
