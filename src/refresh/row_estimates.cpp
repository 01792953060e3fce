#include "refresh/row_estimates.hpp"

#include "lake/catalog.hpp"

#include <algorithm>
#include <map>

namespace freshet {

namespace {

using plan::NodeKind;

constexpr int64_t kUnknown = -1;

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
        }
    }

    int64_t Of(const plan::Node& node) {
        auto known = known_.find(&node);
        return known != known_.end() ? known->second : known_[&node] = Estimate(node);
    }

private:
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
            return Of(*node.inputs[0]);
        case NodeKind::Join:
            return OfJoin(node.As<plan::Join>());
        case NodeKind::Aggregate:
            return node.As<plan::Aggregate>().IsGlobal() ? 1 : kUnknown;
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

    /// These give exactly one row for each of the first input.
    int64_t OfJoin(const plan::Join& join) {
        bool one_each = join.join_kind == plan::JoinKind::Mark || join.join_kind == plan::JoinKind::Single;
        return one_each ? Of(*join.inputs[0]) : kUnknown;
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
