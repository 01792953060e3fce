#include "delta/maintained_input.hpp"

#include "base/netting.hpp"
#include "delta/accumulators.hpp"
#include "delta/analysis.hpp"
#include "delta/exactness.hpp"
#include "delta/kept_relations.hpp"
#include "delta/refusal.hpp"
#include "plan/rewrite.hpp"

#include <fmt/format.h>

namespace freshet::delta {

namespace {

using plan::ExprKind;
using plan::ExprPtr;
using plan::NodeKind;
using plan::NodePtr;

bool IsKeepable(const plan::Node& node) {
    return node.kind == NodeKind::Aggregate && Accumulators::Supports(node.As<plan::Aggregate>());
}

/// Nothing but projections and filters above an aggregate that is kept.
bool IsKeptChain(const NodePtr& node) {
    bool passes = node->kind == NodeKind::Project || node->kind == NodeKind::Filter;
    return passes ? IsKeptChain(node->inputs[0]) : IsKeepable(*node);
}

std::string NameOf(const plan::Node& node) {
    switch (node.kind) {
    case NodeKind::TopK:
        return "ORDER BY ... LIMIT";
    case NodeKind::Window:
        return node.As<plan::Window>().calls[0].function + "()";
    default:
        break;
    }
    const auto& calls = node.As<plan::Aggregate>().calls;
    return calls.empty() ? "DISTINCT" : calls[0].function + "()";
}

class Maintainer {
public:
    MaintainedPlan Run(const NodePtr& root) {
        plan_.root = plan::Rewrite(root, [this](const NodePtr& node) { return Maintained(node); });
        return std::move(plan_);
    }

private:
    NodePtr Maintained(const NodePtr& node) {
        NodePtr rebuilt = node;
        if (NeedsWholeInput(*rebuilt) ? !IsKeptChain(rebuilt->inputs[0]) : LosesItsKeys(*rebuilt)) {
            rebuilt = plan::WithInputs(*rebuilt, {Kept(*rebuilt)});
        }
        if (IsKeepable(*rebuilt)) {
            kept_.push_back(rebuilt);
        }
        return rebuilt;
    }

    bool LosesItsKeys(const plan::Node& node) const {
        KeptRelations relations(kept_);
        if (node.kind == NodeKind::Window) {
            return !emit::RestrictionReachesScan(node.inputs[0], node.As<plan::Window>().partitions, relations);
        }
        return node.kind == NodeKind::Aggregate && !IsKeepable(node) && !node.As<plan::Aggregate>().IsGlobal() &&
               !emit::RestrictionReachesScan(node.inputs[0], node.As<plan::Aggregate>().groups, relations);
    }

    /// The operator's input, once for all that read it.
    NodePtr Kept(const plan::Node& node) {
        const NodePtr& input = node.inputs[0];
        auto known = copies_.find(input.get());
        if (known == copies_.end()) {
            known = copies_.emplace(input.get(), Copy(input, NameOf(node))).first;
        }
        return known->second;
    }

    /// How the lake keeps values exactly that it would keep changed; empty for other types.
    static std::string KeptAs(const std::string& type) {
        return type == "HUGEINT"                                     ? "DECIMAL(38,0)" // beyond 38 digits: an error
               : type == "INTERVAL" || type == "TIME WITH TIME ZONE" ? "VARCHAR"
                                                                     : "";
    }

    /// Rows by value with the number of copies. Group keys that lie about identity get a text beside them.
    NodePtr Copy(const NodePtr& input, const std::string& reader) {
        for (bool inexact : InexactColumns(input, Exactness::Reproducible)) {
            if (inexact) {
                throw Refusal{reader + " over a value that depends on the order of rows (floating point)"};
            }
        }
        plan::AggregateCall count;
        count.function = "count_star";
        count.type = "BIGINT";
        auto groups = plan::AllColumns(*input);
        auto names = plan::NamesOf(input->columns);
        std::vector<ExprPtr> outputs = groups;
        for (size_t i = 0; i < outputs.size(); i++) {
            const std::string type = groups[i]->type, kept_as = KeptAs(type);
            if (!kept_as.empty()) {
                groups[i] = plan::Call(ExprKind::Cast, kept_as, {groups[i]});
                outputs[i] = plan::Call(ExprKind::Cast, type, {plan::ColumnRef(static_cast<int>(i), kept_as)});
            } else if (EqualityIsLoose(type)) {
                groups.push_back(plan::TextOf(groups[i]));
                names.push_back(names[i] + "_text");
            }
        }
        names.emplace_back("copies");
        auto counted = plan::MakeAggregate(input, groups, {count}, names);
        if (!IsKeepable(*counted)) {
            throw Refusal{reader + " over a type that the lake does not store exactly, or a column whose name hides "
                                   "the place of rows"};
        }
        kept_.push_back(counted);
        auto copies = plan::ColumnRef(static_cast<int>(groups.size()), "BIGINT");
        auto range = plan::Call(ExprKind::Function, "BIGINT[]", {copies}, "range");
        auto expanded = plan::MakeUnnest(counted, {range}, {{"copy", "BIGINT"}});
        auto copy = plan::MakeProject(expanded, outputs, plan::NamesOf(input->columns));
        plan_.copies.emplace(copy.get(), counted);
        return copy;
    }

    MaintainedPlan plan_;
    std::vector<NodePtr> kept_;
    std::map<const plan::Node*, NodePtr> copies_;
};

} // namespace

bool NeedsWholeInput(const plan::Node& node) {
    switch (node.kind) {
    case NodeKind::TopK:
        return true;
    case NodeKind::Window:
        return node.As<plan::Window>().partitions.empty();
    case NodeKind::Aggregate:
        return node.As<plan::Aggregate>().IsGlobal() && !node.As<plan::Aggregate>().calls.empty() && !IsKeepable(node);
    default:
        return false;
    }
}

MaintainedPlan MaintainInputs(const plan::NodePtr& root) {
    return Maintainer().Run(root);
}

} // namespace freshet::delta
