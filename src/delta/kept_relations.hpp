#pragma once

#include "emit/relation.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet::delta {

/// For RestrictionReachesScan(): which operators are kept. Remembers those that the answer relies on.
class KeptRelations : public emit::Relations {
public:
    explicit KeptRelations(const std::vector<plan::NodePtr>& kept) : kept_(kept) {}
    std::string SourceSql(int, emit::Side) const override { return ""; }
    std::optional<std::string> MaintainedSql(const plan::Node& node, emit::Side) const override {
        bool kept = std::any_of(kept_.begin(), kept_.end(), [&](const auto& k) { return k.get() == &node; });
        if (kept) {
            asked.insert(&node);
        }
        return kept ? std::optional<std::string>("") : std::nullopt;
    }
    std::string MomentSql(emit::Side) const override { return ""; }

    mutable std::set<const plan::Node*> asked;

private:
    const std::vector<plan::NodePtr>& kept_;
};

} // namespace freshet::delta
