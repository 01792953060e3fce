#include "cli/tree_text.hpp"

#include <algorithm>

namespace freshet {

namespace {

void Flatten(const TreeText& tree, int depth, std::vector<int>& depths, std::vector<const std::string*>& labels) {
    depths.push_back(depth);
    labels.push_back(&tree.label);
    for (const auto& branch : tree.branches) {
        Flatten(branch, depth + 1, depths, labels);
    }
}

/// Does another node of this depth follow below the same parent?
bool GoesOn(const std::vector<int>& depths, size_t at, int depth) {
    auto next = std::find_if(depths.begin() + static_cast<std::ptrdiff_t>(at) + 1, depths.end(),
                             [&](int other) { return other <= depth; });
    return next != depths.end() && *next == depth;
}

} // namespace

std::string RenderTree(const TreeText& tree) {
    std::vector<int> depths;
    std::vector<const std::string*> labels;
    Flatten(tree, 0, depths, labels);
    std::vector<std::string> lines = TreeLines(depths);
    std::string text;
    for (size_t i = 0; i < lines.size(); i++) {
        text += lines[i] + *labels[i] + "\n";
    }
    return text;
}

std::vector<std::string> TreeLines(const std::vector<int>& depths) {
    std::vector<std::string> lines;
    for (size_t i = 0; i < depths.size(); i++) {
        std::string line;
        for (int depth = 1; depth < depths[i]; depth++) {
            line += GoesOn(depths, i, depth) ? "│  " : "   ";
        }
        if (depths[i] > 0) {
            line += GoesOn(depths, i, depths[i]) ? "├─ " : "└─ ";
        }
        lines.push_back(line);
    }
    return lines;
}

} // namespace freshet
