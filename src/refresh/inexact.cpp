#include "refresh/inexact.hpp"

#include <map>
#include <set>

namespace freshet {

namespace {

using plan::ExprPtr;
using plan::NodeKind;
using plan::NodePtr;

/// Walks a plan bottom-up; a shared node once.
class Lineage {
public:
    std::vector<bool> Of(const NodePtr& node) {
        auto known = done_.find(node.get());
        if (known == done_.end()) {
            known = done_.emplace(node.get(), Visit(*node)).first;
        }
        return known->second;
    }

    std::string decides;

private:
    std::vector<bool> Visit(const plan::Node& node) {
        std::vector<bool> inputs;
        for (const auto& input : node.inputs) {
            auto columns = Of(input);
            inputs.insert(inputs.end(), columns.begin(), columns.end());
        }
        switch (node.kind) {
        case NodeKind::Filter:
            Decides(node.As<plan::Filter>().predicates, inputs, "a filter");
            return inputs;
        case NodeKind::Project:
            return Derived(node.As<plan::Project>().expressions, inputs);
        case NodeKind::Join:
            return OfJoin(node.As<plan::Join>(), inputs);
        case NodeKind::Aggregate:
            return OfAggregate(node.As<plan::Aggregate>(), inputs);
        case NodeKind::UnionAll:
            return OfUnion(node);
        case NodeKind::Unnest:
            return OfUnnest(node.As<plan::Unnest>(), inputs);
        case NodeKind::TopK:
            for (const auto& key : node.As<plan::TopK>().keys) {
                Decides({key.expression}, inputs, "the order of a LIMIT");
            }
            return inputs;
        case NodeKind::Scan:
        case NodeKind::Constants:
        case NodeKind::Domain:
            break;
        }
        return std::vector<bool>(node.columns.size(), false);
    }

    static bool Touches(const ExprPtr& expression, const std::vector<bool>& inputs) {
        for (int column : plan::ColumnsOf(expression)) {
            if (inputs.at(static_cast<size_t>(column))) {
                return true;
            }
        }
        return false;
    }

    static std::vector<bool> Derived(const std::vector<ExprPtr>& expressions, const std::vector<bool>& inputs) {
        std::vector<bool> columns;
        for (const auto& expression : expressions) {
            columns.push_back(Touches(expression, inputs));
        }
        return columns;
    }

    void Decides(const std::vector<ExprPtr>& expressions, const std::vector<bool>& inputs, const std::string& what) {
        for (const auto& expression : expressions) {
            if (decides.empty() && Touches(expression, inputs)) {
                decides = what;
            }
        }
    }

    std::vector<bool> OfJoin(const plan::Join& join, std::vector<bool> inputs) {
        Decides(join.predicates, inputs, "a join");
        inputs.resize(join.columns.size(), false); // semi and anti: the first input's; mark: one more
        return inputs;
    }

    std::vector<bool> OfAggregate(const plan::Aggregate& aggregate, const std::vector<bool>& inputs) {
        Decides(aggregate.groups, inputs, "a group key");
        std::vector<bool> columns = Derived(aggregate.groups, inputs);
        for (const auto& call : aggregate.calls) {
            if (call.filter) {
                Decides({call.filter}, inputs, "a FILTER clause");
            }
            bool inexact = IsOrderSensitive(call.function, call.argument_type);
            for (const auto& argument : call.args) {
                inexact = inexact || Touches(argument, inputs);
            }
            columns.push_back(inexact);
        }
        return columns;
    }

    std::vector<bool> OfUnion(const plan::Node& node) {
        std::vector<bool> columns(node.columns.size(), false);
        for (const auto& input : node.inputs) {
            auto of_input = Of(input);
            for (size_t i = 0; i < columns.size(); i++) {
                columns[i] = columns[i] || of_input[i];
            }
        }
        return columns;
    }

    static std::vector<bool> OfUnnest(const plan::Unnest& unnest, const std::vector<bool>& inputs) {
        std::vector<bool> columns = inputs;
        for (const auto& list : unnest.lists) {
            columns.push_back(Touches(list, inputs));
        }
        return columns;
    }

    std::map<const plan::Node*, std::vector<bool>> done_;
};

} // namespace

bool IsOrderSensitive(const std::string& function, const std::string& argument_type) {
    static const std::set<std::string> kSums = {"sum",  "avg",       "mean",     "fsum",
                                                "favg", "kahan_sum", "sumkahan", "sum_no_overflow"};
    static const std::set<std::string> kAlways = {
        "stddev",     "stddev_samp", "stddev_pop", "variance",      "var_samp",       "var_pop",  "corr",
        "covar_samp", "covar_pop",   "regr_avgx",  "regr_avgy",     "regr_intercept", "regr_r2",  "regr_slope",
        "regr_sxx",   "regr_sxy",    "regr_syy",   "kurtosis",      "kurtosis_pop",   "skewness", "sem",
        "product",    "entropy",     "geomean",    "geometric_mean"};
    if (kAlways.count(function) > 0) {
        return true;
    }
    return kSums.count(function) > 0 && (argument_type == "FLOAT" || argument_type == "DOUBLE");
}

Inexactness FindInexact(const plan::Query& query) {
    Lineage lineage;
    Inexactness result;
    result.columns = lineage.Of(query.root);
    result.decides = lineage.decides;
    return result;
}

} // namespace freshet
