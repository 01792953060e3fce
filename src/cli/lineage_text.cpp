#include "cli/lineage_text.hpp"

#include "cli/tree_text.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

std::string Text(const ColumnName& name) {
    return name.table.Text() + "." + QuoteIfNeeded(name.column);
}

std::string Text(const std::vector<ColumnName>& names) {
    std::string text;
    for (const auto& name : names) {
        text += (text.empty() ? "" : ", ") + Text(name);
    }
    return text;
}

TreeText TreeOf(const LineageNode& node) {
    TreeText tree{Text(node.name), {}};
    if (node.repeated) {
        tree.label += " (see above)";
        return tree;
    }
    for (const auto& input : node.inputs) {
        tree.branches.push_back(TreeOf(input));
    }
    if (!node.unknown.empty()) {
        tree.branches.emplace_back().label = "any of these, not known which: " + node.unknown;
    } else if (node.dynamic && node.inputs.empty()) {
        tree.branches.emplace_back().label = "no column: a constant or a count of rows";
    }
    if (!node.decided_by.empty()) {
        tree.branches.emplace_back().label = "rows chosen by " + Text(node.decided_by);
    }
    return tree;
}

} // namespace

std::string LineageAsText(const LineageReport& report) {
    std::string text;
    for (const auto& column : report.columns) {
        text += RenderTree(TreeOf(column));
    }
    return text;
}

} // namespace freshet
