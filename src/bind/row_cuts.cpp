#include "bind/row_cuts.hpp"

#include "bind/tree_walker.hpp"

#include <algorithm>

namespace freshet {

namespace {

bool Cuts(const duckdb::ResultModifier& modifier) {
    switch (modifier.type) {
    case duckdb::ResultModifierType::LIMIT_MODIFIER:
    case duckdb::ResultModifierType::LIMIT_PERCENT_MODIFIER:
        return true;
    case duckdb::ResultModifierType::DISTINCT_MODIFIER:
        return !modifier.Cast<duckdb::DistinctModifier>().distinct_on_targets.empty();
    default:
        return false;
    }
}

class CutFinder : public TreeWalker {
public:
    void Node(duckdb::QueryNode& node) override {
        const auto& modifiers = node.modifiers;
        bool cuts = std::any_of(modifiers.begin(), modifiers.end(), [](const auto& m) { return Cuts(*m); });
        found = found || (depth_ > 0 && cuts);
        depth_++;
        TreeWalker::Node(node);
        depth_--;
    }

    bool found = false;

private:
    int depth_ = 0;
};

} // namespace

bool CutsRowsInside(const duckdb::SelectStatement& query) {
    auto copy = query.node->Copy(); // walking may change a tree
    CutFinder finder;
    finder.Node(*copy);
    return finder.found;
}

} // namespace freshet
