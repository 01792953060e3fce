#include "plan/rewrite.hpp"

#include <map>

namespace freshet::plan {

namespace {

class Rewriter {
public:
    explicit Rewriter(const std::function<NodePtr(const NodePtr&)>& replace) : replace_(replace) {}

    NodePtr Visit(const NodePtr& node) {
        auto known = done_.find(node.get());
        if (known != done_.end()) {
            return known->second;
        }
        std::vector<NodePtr> inputs;
        for (const auto& input : node->inputs) {
            inputs.push_back(Visit(input));
        }
        return done_[node.get()] = replace_(inputs == node->inputs ? node : WithInputs(*node, inputs));
    }

private:
    const std::function<NodePtr(const NodePtr&)>& replace_;
    std::map<const Node*, NodePtr> done_;
};

} // namespace

NodePtr Rewrite(const NodePtr& root, const std::function<NodePtr(const NodePtr& node)>& replace) {
    return Rewriter(replace).Visit(root);
}

} // namespace freshet::plan
