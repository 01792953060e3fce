#pragma once

#include "delta/change.hpp"
#include "plan/node.hpp"

#include <map>
#include <set>
#include <string>
#include <vector>

namespace freshet::delta {

/// How the result is brought up to date once the change is known.
enum class RootShape {
    Bag,   ///< rows that leave and rows that come, by value
    Keyed, ///< the topmost aggregate's groups, or window's partitions, are among the result's columns: they are
           ///< replaced
    Whole, ///< few rows (a global aggregate, the first k): compared as a whole
};

/// What can be said of a definition before any change is seen: is there a rule for every operator, what has to be kept.
struct Analysis {
    plan::Query query; ///< with the inputs that have to be kept (maintained_input.hpp)
    bool incremental = false;
    bool settled = false; ///< by change only with aggregates in the order of values (delta/exactness.hpp)
    /// The plan fixes what the query leaves open: which of equal values stands for the others
    /// (plan/representatives.hpp), which of the rows that tie in a window is first. Content has to come from the plan.
    bool determined = false;
    std::string reason; ///< where not incremental: the clause that forces it
    RootShape shape = RootShape::Bag;
    plan::NodePtr keyed;                          ///< the aggregate or window of a Keyed root
    std::vector<int> key_outputs;                 ///< its keys' positions in the result
    std::vector<int> ordering_outputs;            ///< of ORDER BY ... LIMIT: positions of the sort keys in the result
    std::vector<std::string> inexact;             ///< result columns that depend on order (names of the plan's root)
    std::map<const plan::Node*, int> operator_id; ///< pre-order number of every distinct node
    std::vector<plan::NodePtr> kept;              ///< aggregates that can be kept as accumulators
    std::map<const plan::Node*, plan::NodePtr> copies; ///< as in MaintainedPlan: kept only to be read whole
    std::set<int> required;                            ///< operator ids of those without which there is no rule
    std::vector<OperatorReport> operators;             ///< the plan as explain shows it
};

/// Strategy of operators that read their whole input from maintained state.
inline constexpr const char* kWholeStrategy = "maintained input";

/// Pure: the same query gives the same analysis.
Analysis Analyze(const plan::Query& query);

} // namespace freshet::delta
