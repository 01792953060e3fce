#include "plan/node.hpp"

#include <fmt/format.h>
#include <map>

namespace freshet::plan {

namespace {

std::string JoinName(const Join& join) {
    switch (join.join_kind) {
    case JoinKind::Inner:
        return "InnerJoin";
    case JoinKind::Left:
        return "LeftJoin";
    case JoinKind::Semi:
        return "SemiJoin";
    case JoinKind::Anti:
        return join.null_aware ? "NullAwareAntiJoin" : "AntiJoin";
    case JoinKind::Mark:
        return "MarkJoin";
    case JoinKind::Single:
        return "SingleJoin";
    }
    return "";
}

std::string List(const std::vector<ExprPtr>& expressions) {
    std::string out;
    for (const auto& expr : expressions) {
        out += (out.empty() ? "" : ", ") + ToText(expr);
    }
    return out;
}

std::string CallText(const AggregateCall& call) {
    return CallToSql(call, [](int column) { return fmt::format("#{}", column); });
}

std::string Detail(const Query& query, const Node& node) {
    switch (node.kind) {
    case NodeKind::Scan:
        return "Scan " + query.sources[static_cast<size_t>(node.As<Scan>().source)].table.Text();
    case NodeKind::Constants:
        return fmt::format("Constants {} rows", node.As<Constants>().rows.size());
    case NodeKind::Domain:
        return fmt::format("Domain {}", node.As<Domain>().domain);
    case NodeKind::Filter:
        return "Filter " + List(node.As<Filter>().predicates);
    case NodeKind::Project:
        return "Project " + List(node.As<Project>().expressions);
    case NodeKind::Join:
        return JoinName(node.As<Join>()) + " " + List(node.As<Join>().predicates);
    case NodeKind::Aggregate: {
        std::string out = "Aggregate by [" + List(node.As<Aggregate>().groups) + "]";
        for (const auto& call : node.As<Aggregate>().calls) {
            out += " " + CallText(call);
        }
        return out;
    }
    case NodeKind::Window: {
        const auto& window = node.As<Window>();
        std::string out = "Window";
        for (const auto& call : window.calls) {
            out += " " + WindowToSql(call, [](int column) { return fmt::format("#{}", column); });
        }
        return out;
    }
    case NodeKind::UnionAll:
        return "UnionAll";
    case NodeKind::Unnest:
        return "Unnest " + List(node.As<Unnest>().lists);
    case NodeKind::TopK: {
        const auto& top = node.As<TopK>();
        std::string out = fmt::format("TopK limit {} offset {} by", top.limit, top.offset);
        for (const auto& key : top.keys) {
            out += fmt::format(" {}{}{}", ToText(key.expression), key.descending ? " desc" : "",
                               key.nulls_first ? " nulls first" : "");
        }
        return out;
    }
    }
    return "";
}

class Printer {
public:
    explicit Printer(const Query& query) : query_(query) {}

    void Visit(const NodePtr& node, int depth) {
        std::string indent(static_cast<size_t>(depth) * 2, ' ');
        if (auto seen = shared_.find(node.get()); seen != shared_.end()) {
            out += fmt::format("{}Shared {}\n", indent, seen->second);
            return;
        }
        std::string label;
        if (node.use_count() > 2) {
            int number = static_cast<int>(shared_.size()) + 1;
            shared_[node.get()] = number;
            label = fmt::format("{}: ", number);
        }
        std::string columns;
        for (const auto& column : node->columns) {
            columns += fmt::format("{}{} {}", columns.empty() ? "" : ", ", column.name, column.type);
        }
        out += fmt::format("{}{}{} -> ({})\n", indent, label, Detail(query_, *node), columns);
        for (const auto& input : node->inputs) {
            Visit(input, depth + 1);
        }
    }

    std::string out;

private:
    const Query& query_;
    std::map<const Node*, int> shared_;
};

} // namespace

std::string Print(const Query& query) {
    Printer printer(query);
    printer.Visit(query.root, 0);
    return printer.out;
}

} // namespace freshet::plan
