#pragma once

#include "plan/node.hpp"

#include <functional>
#include <vector>

namespace freshet::plan {

/// How far the input determines a value, where groups and extremes stand for values that are equal but told apart: 0.0
/// and -0.0, a month and 30 days.
enum class Determined {
    Fully,
    UpToEquality, ///< any of the equal values may stand for the others
    UpToSign,     ///< a quotient by such a value: infinity of either sign
    No,           ///< a text of such a value, a date moved by it ...
};

struct Determination {
    std::vector<Determined> columns;
    Determined rows = Determined::Fully; ///< what filters, joins and keys decide
    Determined worst = Determined::Fully;
};

/// Of a query's columns and rows, by lineage.
Determination DeterminationOf(const NodePtr& root);

struct DeterminedPlan {
    NodePtr root;
    bool complete = true; ///< every value that the plan tells from its equals is a function of the bag of the input
};

/// Does the order of rows decide the value of an expression over a node's inputs?
using IsInexact = std::function<bool(const Node&, const ExprPtr&)>;

/// The plan with groups and extremes shown by the value among equal ones that texts order first, where the plan tells
/// equal values apart or rows are kept by identity: what is stored can then be found again. Extremes of inexact values
/// stay: their noise tells them apart from their equals anyway.
DeterminedPlan DetermineRepresentatives(const NodePtr& root, bool keeps_rows, const IsInexact& inexact);

} // namespace freshet::plan
