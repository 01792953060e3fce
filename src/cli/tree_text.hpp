#pragma once

#include <string>
#include <vector>

namespace freshet {

struct TreeText {
    std::string label;
    std::vector<TreeText> branches;
};

/// The tree with lines that join each label with its branches:
///     root
///     ├─ one
///     └─ two
std::string RenderTree(const TreeText& tree);

/// What stands before the label of each node of a tree that is given as depths, in pre-order: the same lines.
std::vector<std::string> TreeLines(const std::vector<int>& depths);

} // namespace freshet
