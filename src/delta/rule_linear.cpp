#include "base/identifier.hpp"
#include "delta/rules.hpp"

#include <fmt/format.h>

// Linear operators: f(A + B) = f(A) + f(B), so the change of the output is the operator applied to the change of the
// input, row by row, weights kept:
//
//   d(scan T)      = change feed of T
//   d(filter_p A)  = filter_p dA
//   d(project_e A) = project_e dA
//   d(A UNION ALL B) = dA UNION ALL dB
//   d(unnest_l A)  = unnest_l dA
//
// Gupta, Mumick, Subrahmanian, "Maintaining Views Incrementally", SIGMOD 1993, section 4 (counting).

namespace freshet::delta {

std::string Rules::ScanDelta(const plan::Scan& scan) {
    const auto& source = interval_.sources[static_cast<size_t>(scan.source)];
    std::string list;
    for (size_t i = 0; i < scan.columns.size(); i++) {
        list +=
            fmt::format("t.{} AS {}, ", QuoteIdentifier(scan.source_names[i]), QuoteIdentifier(scan.columns[i].name));
    }
    return fmt::format("SELECT {}t.{} FROM {} AS t", list, QuoteIdentifier(kWeight), source.delta);
}

std::string Rules::FilterDelta(const plan::NodePtr& node) {
    std::string input = DeltaSql(node->inputs[0]);
    std::string moved = IsMoving(*node) ? MovedRows(node) : "";
    if (input.empty()) {
        return moved;
    }
    std::vector<plan::ExprPtr> predicates;
    for (const auto& predicate : node->As<plan::Filter>().predicates) {
        predicates.push_back(plan::AtMoment(predicate, MomentSql(emit::Side::New)));
    }
    return fmt::format("SELECT {} FROM ({}) AS t WHERE {}{}", WithWeight(node->columns, "t"), input,
                       emit::Conjunction(predicates, emit::ColumnsFrom(node->columns, "t")),
                       moved.empty() ? "" : " UNION ALL " + moved);
}

std::string Rules::ProjectDelta(const plan::NodePtr& node) {
    const auto& expressions = node->As<plan::Project>().expressions;
    std::set<int> read;
    for (const auto& expression : expressions) {
        plan::CollectColumns(expression, read);
    }
    std::string input = DeltaSql(node->inputs[0], read);
    if (input.empty()) {
        return "";
    }
    std::string list;
    for (size_t i = 0; i < expressions.size(); i++) {
        list += fmt::format("{} AS {}, ", plan::ToSql(expressions[i], emit::ColumnsFrom(node->inputs[0]->columns, "t")),
                            QuoteIdentifier(node->columns[i].name));
    }
    return fmt::format("SELECT {}t.{} FROM ({}) AS t", list, QuoteIdentifier(kWeight), input);
}

std::string Rules::UnionDelta(const plan::NodePtr& node) {
    std::string out;
    for (const auto& branch : node->inputs) {
        std::string input = DeltaSql(branch);
        if (input.empty()) {
            continue;
        }
        std::string list;
        for (size_t i = 0; i < node->columns.size(); i++) {
            list += fmt::format("t.{} AS {}, ", QuoteIdentifier(branch->columns[i].name),
                                QuoteIdentifier(node->columns[i].name));
        }
        out += fmt::format("{}SELECT {}t.{} FROM ({}) AS t", out.empty() ? "" : " UNION ALL ", list,
                           QuoteIdentifier(kWeight), input);
    }
    return out;
}

std::string Rules::UnnestDelta(const plan::NodePtr& node) {
    std::string input = DeltaSql(node->inputs[0]);
    if (input.empty()) {
        return "";
    }
    return emit::UnnestSql(node->As<plan::Unnest>(), "(" + input + ")", std::string(", t.") + QuoteIdentifier(kWeight));
}

} // namespace freshet::delta
