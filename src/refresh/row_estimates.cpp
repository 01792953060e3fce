#include "refresh/row_estimates.hpp"

#include "lake/catalog.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace freshet {

namespace {

using plan::NodeKind;

constexpr int64_t kUnknown = -1;
/// Of the rows that a condition is asked about, those that meet it, where nothing tells: DuckDB's own guess.
constexpr double kShareThatMeets = 0.2;
constexpr double kMostRows = 1e18;

int64_t Rounded(double rows) {
    return static_cast<int64_t>(std::ceil(std::min(rows, kMostRows)));
}

bool IsEquality(const plan::Expr& predicate) {
    return predicate.kind == plan::ExprKind::Comparison &&
           (predicate.text == "=" || predicate.text == "IS NOT DISTINCT FROM");
}

class RowEstimates {
public:
    RowEstimates(Session& session, const delta::Analysis& analysis, const Frontier& frontier, Snapshot newest)
        : session_(session), analysis_(analysis), newest_(newest) {
        for (const auto& companion : frontier.companions) {
            kept_[companion.operator_id] = companion.rows;
        }
        if (frontier.Filled()) {
            known_[analysis.query.root.get()] = frontier.row_count;
            if (analysis.keyed && analysis.keyed->kind == NodeKind::Aggregate) { // a group is one row of the result
                known_[analysis.keyed.get()] = frontier.row_count;
            }
            PassDown(analysis.query.root.get());
        }
    }

    int64_t Of(const plan::Node& node) {
        auto known = known_.find(&node);
        return known != known_.end() ? known->second : known_[&node] = Estimate(node);
    }

private:
    /// Below projections and windows there are as many rows.
    void PassDown(const plan::Node* node) {
        while (node->kind == NodeKind::Project || node->kind == NodeKind::Window) {
            int64_t rows = known_.at(node);
            node = node->inputs[0].get();
            known_[node] = rows;
        }
    }

    int64_t Estimate(const plan::Node& node) {
        auto id = analysis_.operator_id.find(&node);
        auto kept = id == analysis_.operator_id.end() ? kept_.end() : kept_.find(id->second);
        if (kept != kept_.end()) {
            return kept->second;
        }
        switch (node.kind) {
        case NodeKind::Scan:
            return OfSource(node.As<plan::Scan>().source);
        case NodeKind::Constants:
            return static_cast<int64_t>(node.As<plan::Constants>().rows.size());
        case NodeKind::Project:
        case NodeKind::Window:
        case NodeKind::Unnest:
            return Of(*node.inputs[0]);
        case NodeKind::Filter:
            return Share(Of(*node.inputs[0]));
        case NodeKind::Join:
            return OfJoin(node.As<plan::Join>());
        case NodeKind::Aggregate:
            return node.As<plan::Aggregate>().IsGlobal() ? 1 : Share(Of(*node.inputs[0]));
        case NodeKind::UnionAll:
            return OfUnion(node);
        case NodeKind::TopK:
            return OfTop(node.As<plan::TopK>());
        default:
            return kUnknown;
        }
    }

    int64_t OfSource(int source) {
        const TableName& name = analysis_.query.sources.at(static_cast<size_t>(source)).table;
        auto info = FindTable(session_, name, newest_);
        return info ? Statistics(session_, info->id).rows : kUnknown;
    }

    static int64_t Share(int64_t rows) {
        return rows < 0 ? kUnknown : Rounded(static_cast<double>(rows) * kShareThatMeets);
    }

    int64_t OfJoin(const plan::Join& join) {
        int64_t first = Of(*join.inputs[0]);
        switch (join.join_kind) {
        case plan::JoinKind::Mark:
        case plan::JoinKind::Single: // exactly one row for each of the first input
            return first;
        case plan::JoinKind::Semi:
        case plan::JoinKind::Anti:
            return Share(first);
        case plan::JoinKind::Left:
            return std::max(first, OfMatches(join));
        case plan::JoinKind::Inner:
            return OfMatches(join);
        }
        return kUnknown;
    }

    /// Joins by equality are taken to follow foreign keys (Selinger et al., Access Path Selection, 1979, section 4):
    /// they give as many rows as their largest input.
    int64_t OfMatches(const plan::Join& join) {
        auto equalities = std::count_if(join.predicates.begin(), join.predicates.end(),
                                        [](const auto& predicate) { return IsEquality(*predicate); });
        double product = 1;
        int64_t largest = 0;
        for (const auto& input : join.inputs) {
            int64_t rows = Of(*input);
            if (rows < 0) {
                return kUnknown;
            }
            product *= static_cast<double>(rows);
            largest = std::max(largest, rows);
        }
        auto others = static_cast<double>(join.predicates.size()) - static_cast<double>(equalities);
        double rows = equalities > 0 ? static_cast<double>(largest) : product;
        return Rounded(rows * std::pow(kShareThatMeets, others));
    }

    int64_t OfUnion(const plan::Node& node) {
        int64_t sum = 0;
        for (const auto& input : node.inputs) {
            int64_t rows = Of(*input);
            sum = rows < 0 || sum < 0 ? kUnknown : sum + rows;
        }
        return sum;
    }

    int64_t OfTop(const plan::TopK& top) {
        int64_t rows = Of(*top.inputs[0]);
        return rows < 0 || top.limit < 0 ? rows : std::min(rows, top.limit);
    }

    Session& session_;
    const delta::Analysis& analysis_;
    Snapshot newest_;
    std::map<int, int64_t> kept_;
    std::map<const plan::Node*, int64_t> known_;
};

} // namespace

void EstimateRows(Session& session, const delta::Analysis& analysis, const Frontier& frontier, Snapshot newest,
                  std::vector<delta::OperatorReport>& reports) {
    RowEstimates estimates(session, analysis, frontier, newest);
    for (auto& report : reports) {
        auto node = std::find_if(analysis.operator_id.begin(), analysis.operator_id.end(),
                                 [&](const auto& each) { return each.second == report.operator_id; });
        report.rows = node == analysis.operator_id.end() ? kUnknown : estimates.Of(*node->first);
    }
}

} // namespace freshet
