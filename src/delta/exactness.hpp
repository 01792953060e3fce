#pragma once

#include "plan/node.hpp"

#include <vector>

namespace freshet::delta {

/// What an exact value has to be.
enum class Exactness {
    AsWritten,    ///< the same in every evaluation of the query as it was written
    Reproducible, ///< the same in every evaluation of the plan: a function of the bag of its input
};

/// Per output column: does its value depend on the order in which rows are met (sums of floating-point numbers,
/// unordered lists, any_value ...)? Derived by lineage.
std::vector<bool> InexactColumns(const plan::NodePtr& node, Exactness exactness = Exactness::AsWritten);
/// The same for the columns of all inputs, concatenated.
std::vector<bool> InexactInputs(const plan::Node& node, Exactness exactness = Exactness::AsWritten);

/// Does the expression read one of these columns?
bool ReadsAny(const plan::ExprPtr& expr, const std::vector<bool>& columns);

/// The plan with ORDER BY, by all that it reads, in every aggregate whose value depends on the order of rows. It costs
/// a sort of each group, and makes the value reproducible: what is stored can then be told from what it was computed
/// of.
plan::NodePtr SettleAggregates(const plan::NodePtr& root);

} // namespace freshet::delta
