#include "plan/node.hpp"

#include "base/caseless.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <map>
#include <set>

namespace freshet::plan {

std::vector<Column> UniqueNames(std::vector<Column> columns) {
    std::set<std::string> taken;
    for (auto& column : columns) {
        std::string base = column.name.empty() ? "column" : column.name;
        std::string name = base;
        for (int suffix = 2; !taken.insert(Lower(name)).second; suffix++) {
            name = fmt::format("{}_{}", base, suffix);
        }
        column.name = name;
    }
    return columns;
}

namespace {

void AddPresent(std::vector<ExprPtr>& list, std::initializer_list<ExprPtr> optional) {
    std::copy_if(optional.begin(), optional.end(), std::back_inserter(list), [](const ExprPtr& expr) { return expr; });
}

} // namespace

std::vector<ExprPtr> ReadsOf(const AggregateCall& call) {
    std::vector<ExprPtr> reads = call.args;
    reads.insert(reads.end(), call.order_by.begin(), call.order_by.end());
    AddPresent(reads, {call.filter});
    return reads;
}

std::vector<ExprPtr> ReadsOf(const WindowCall& call) {
    std::vector<ExprPtr> reads = call.args;
    reads.insert(reads.end(), call.partitions.begin(), call.partitions.end());
    for (const auto* keys : {&call.order_by, &call.arg_orders}) {
        for (const auto& key : *keys) {
            reads.push_back(key.expression);
        }
    }
    AddPresent(reads, {call.filter, call.start.offset, call.end.offset});
    return reads;
}

std::string SortKeysToSql(const std::vector<SortKey>& keys, const std::function<std::string(int column)>& column_sql) {
    std::string list;
    for (const auto& key : keys) {
        list += fmt::format("{}{} {} NULLS {}", list.empty() ? "" : ", ", ToSql(key.expression, column_sql),
                            key.descending ? "DESC" : "ASC", key.nulls_first ? "FIRST" : "LAST");
    }
    return list;
}

std::string CallToSql(const AggregateCall& call, const std::function<std::string(int column)>& column_sql) {
    if (call.function == "count_star") {
        return call.filter ? "count(*) FILTER (WHERE " + ToSql(call.filter, column_sql) + ")" : "count(*)";
    }
    std::string args, order;
    for (const auto& arg : call.args) {
        args += (args.empty() ? "" : ", ") + ToSql(arg, column_sql);
    }
    for (size_t i = 0; i < call.order_by.size(); i++) {
        order += (i ? ", " : " ORDER BY ") + ToSql(call.order_by[i], column_sql) + call.order_sql_suffix[i];
    }
    std::string sql =
        fmt::format("{}({}{}{})", QuoteIfNeeded(call.function), call.distinct ? "DISTINCT " : "", args, order);
    return call.filter ? sql + " FILTER (WHERE " + ToSql(call.filter, column_sql) + ")" : sql;
}

namespace {

std::string BoundToSql(const FrameBound& bound, const std::function<std::string(int column)>& column_sql) {
    return (bound.offset ? ToSql(bound.offset, column_sql) + " " : "") + bound.text;
}

} // namespace

std::string WindowToSql(const WindowCall& call, const std::function<std::string(int column)>& column_sql,
                        const std::string& ties) {
    std::string args, over;
    for (const auto& arg : call.args) {
        args += (args.empty() ? "" : ", ") + ToSql(arg, column_sql);
    }
    for (const auto& key : call.partitions) {
        over += (over.empty() ? "PARTITION BY " : ", ") + ToSql(key, column_sql);
    }
    std::string order = SortKeysToSql(call.order_by, column_sql);
    if (call.breaks_ties && !ties.empty()) {
        order += (order.empty() ? "" : ", ") + ties;
    }
    over += (over.empty() || order.empty() ? "" : " ") + (order.empty() ? "" : "ORDER BY " + order);
    std::string name = call.function == "count_star" ? "count" : QuoteIfNeeded(call.function);
    std::string inner = call.arg_orders.empty() ? "" : " ORDER BY " + SortKeysToSql(call.arg_orders, column_sql);
    inner += call.ignore_nulls ? " IGNORE NULLS" : "";
    std::string sql = fmt::format("{}({}{}{})", name, call.distinct ? "DISTINCT " : "",
                                  call.function == "count_star" ? "*" : args, inner);
    sql += call.filter ? " FILTER (WHERE " + ToSql(call.filter, column_sql) + ")" : "";
    return fmt::format("{} OVER ({} {} BETWEEN {} AND {}{})", sql, over, call.frame_unit,
                       BoundToSql(call.start, column_sql), BoundToSql(call.end, column_sql), call.exclude);
}

int InputWidth(const Node& node) {
    return InputOffset(node, node.inputs.size());
}

std::vector<Column> InputColumns(const Node& node) {
    std::vector<Column> all;
    for (const auto& input : node.inputs) {
        all.insert(all.end(), input->columns.begin(), input->columns.end());
    }
    return all;
}

int InputOffset(const Node& node, size_t input) {
    size_t offset = 0;
    for (size_t i = 0; i < input; i++) {
        offset += node.inputs[i]->columns.size();
    }
    return static_cast<int>(offset);
}

NodePtr MakeScan(int source, const Source& table, std::vector<int> source_columns) {
    auto node = std::make_shared<Scan>();
    node->source = source;
    for (int column : source_columns) {
        node->columns.push_back(table.columns[static_cast<size_t>(column)]);
        node->source_names.push_back(table.columns[static_cast<size_t>(column)].name);
    }
    node->columns = UniqueNames(node->columns);
    node->source_columns = std::move(source_columns);
    return node;
}

NodePtr MakeFilter(NodePtr input, std::vector<ExprPtr> predicates) {
    if (predicates.empty()) {
        return input;
    }
    auto node = std::make_shared<Filter>();
    node->columns = input->columns;
    node->inputs = {std::move(input)};
    node->predicates = std::move(predicates);
    return node;
}

NodePtr MakeProject(NodePtr input, std::vector<ExprPtr> expressions, const std::vector<std::string>& names) {
    auto node = std::make_shared<Project>();
    for (size_t i = 0; i < expressions.size(); i++) {
        node->columns.push_back({names[i], expressions[i]->type});
    }
    node->columns = UniqueNames(node->columns);
    node->inputs = {std::move(input)};
    node->expressions = std::move(expressions);
    return node;
}

NodePtr PickColumns(const NodePtr& node, const std::vector<int>& positions) {
    std::vector<ExprPtr> outputs;
    std::vector<std::string> names;
    for (int position : positions) {
        const auto& column = node->columns.at(static_cast<size_t>(position));
        outputs.push_back(ColumnRef(position, column.type));
        names.push_back(column.name);
    }
    return MakeProject(node, outputs, names);
}

NodePtr MakeJoin(JoinKind kind, std::vector<NodePtr> inputs, std::vector<ExprPtr> predicates, bool null_aware,
                 const std::string& mark_name) {
    auto node = std::make_shared<Join>();
    node->inputs = std::move(inputs);
    bool left_only = kind == JoinKind::Semi || kind == JoinKind::Anti || kind == JoinKind::Mark;
    node->columns = left_only ? node->inputs[0]->columns : InputColumns(*node);
    if (kind == JoinKind::Mark) {
        node->columns.push_back({mark_name, "BOOLEAN"});
    }
    node->columns = UniqueNames(node->columns);
    node->join_kind = kind;
    node->predicates = std::move(predicates);
    node->null_aware = null_aware;
    return node;
}

NodePtr MakeAggregate(NodePtr input, std::vector<ExprPtr> groups, std::vector<AggregateCall> calls,
                      const std::vector<std::string>& names) {
    auto node = std::make_shared<Aggregate>();
    for (size_t i = 0; i < groups.size() + calls.size(); i++) {
        const std::string& type = i < groups.size() ? groups[i]->type : calls[i - groups.size()].type;
        node->columns.push_back({names[i], type});
    }
    node->columns = UniqueNames(node->columns);
    node->inputs = {std::move(input)};
    node->groups = std::move(groups);
    node->calls = std::move(calls);
    return node;
}

NodePtr MakeUnionAll(std::vector<NodePtr> inputs, std::vector<Column> columns) {
    auto node = std::make_shared<UnionAll>();
    node->inputs = std::move(inputs);
    node->columns = UniqueNames(std::move(columns));
    return node;
}

NodePtr MakeUnnest(NodePtr input, std::vector<ExprPtr> lists, const std::vector<Column>& list_columns) {
    auto node = std::make_shared<Unnest>();
    node->columns = input->columns;
    node->columns.insert(node->columns.end(), list_columns.begin(), list_columns.end());
    node->columns = UniqueNames(node->columns);
    node->inputs = {std::move(input)};
    node->lists = std::move(lists);
    return node;
}

NodePtr MakeWindow(NodePtr input, std::vector<ExprPtr> partitions, std::vector<WindowCall> calls,
                   const std::vector<std::string>& names) {
    auto node = std::make_shared<Window>();
    node->columns = input->columns;
    for (size_t i = 0; i < calls.size(); i++) {
        node->columns.push_back({names[i], calls[i].type});
    }
    node->columns = UniqueNames(node->columns);
    node->inputs = {std::move(input)};
    node->partitions = std::move(partitions);
    node->calls = std::move(calls);
    return node;
}

NodePtr MakeTopK(NodePtr input, std::vector<SortKey> keys, int64_t limit, int64_t offset) {
    auto node = std::make_shared<TopK>();
    node->columns = input->columns;
    node->inputs = {std::move(input)};
    node->keys = std::move(keys);
    node->limit = limit;
    node->offset = offset;
    return node;
}

NodePtr MakeConstants(std::vector<std::vector<ExprPtr>> rows, std::vector<Column> columns) {
    auto node = std::make_shared<Constants>();
    node->rows = std::move(rows);
    node->columns = UniqueNames(std::move(columns));
    return node;
}

NodePtr MakeRowsOfEach(const NodePtr& input, const std::vector<std::vector<ExprPtr>>& rows,
                       const std::vector<Column>& columns) {
    std::vector<std::string> names;
    for (const Column& column : columns) {
        names.push_back(column.name);
    }
    std::vector<NodePtr> parts;
    for (const auto& row : rows) {
        parts.push_back(MakeProject(input, row, names));
    }
    return parts.size() == 1 ? parts[0] : MakeUnionAll(parts, parts[0]->columns);
}

NodePtr MakeDomain(int domain, std::vector<Column> columns) {
    auto node = std::make_shared<Domain>();
    node->columns = UniqueNames(std::move(columns));
    node->domain = domain;
    return node;
}

std::vector<ExprPtr> AllColumns(const Node& node, int offset) {
    std::vector<ExprPtr> all;
    for (size_t i = 0; i < node.columns.size(); i++) {
        all.push_back(ColumnRef(offset + static_cast<int>(i), node.columns[i].type));
    }
    return all;
}

std::vector<std::string> NamesOf(const std::vector<Column>& columns) {
    std::vector<std::string> names;
    for (const auto& column : columns) {
        names.push_back(column.name);
    }
    return names;
}

bool HasOneRow(const NodePtr& node) {
    if (node->kind == NodeKind::Project) {
        return HasOneRow(node->inputs[0]);
    }
    if (node->kind == NodeKind::Join && node->As<Join>().join_kind == JoinKind::Inner &&
        node->As<Join>().predicates.empty()) {
        return std::all_of(node->inputs.begin(), node->inputs.end(), HasOneRow);
    }
    return (node->kind == NodeKind::Aggregate && node->As<Aggregate>().IsGlobal()) ||
           (node->kind == NodeKind::Constants && node->As<Constants>().rows.size() == 1);
}

bool ContainsDomain(const NodePtr& node, int domain) {
    if (node->kind == NodeKind::Domain) {
        return node->As<Domain>().domain == domain;
    }
    return std::any_of(node->inputs.begin(), node->inputs.end(),
                       [&](const NodePtr& input) { return ContainsDomain(input, domain); });
}

namespace {

template <class T>
NodePtr CopyWith(const Node& node, std::vector<NodePtr> inputs) {
    auto copy = std::make_shared<T>(node.As<T>());
    copy->inputs = std::move(inputs);
    return copy;
}

} // namespace

std::vector<ExprPtr> ExpressionsOf(const Node& node) {
    std::vector<ExprPtr> all;
    auto add = [&](const std::vector<ExprPtr>& some) { all.insert(all.end(), some.begin(), some.end()); };
    switch (node.kind) {
    case NodeKind::Constants:
        for (const auto& row : node.As<Constants>().rows) {
            add(row);
        }
        break;
    case NodeKind::Filter:
        add(node.As<Filter>().predicates);
        break;
    case NodeKind::Project:
        add(node.As<Project>().expressions);
        break;
    case NodeKind::Join:
        add(node.As<Join>().predicates);
        break;
    case NodeKind::Aggregate:
        add(node.As<Aggregate>().groups);
        for (const auto& call : node.As<Aggregate>().calls) {
            add(ReadsOf(call));
        }
        break;
    case NodeKind::Window:
        for (const auto& call : node.As<Window>().calls) {
            add(ReadsOf(call));
        }
        break;
    case NodeKind::Unnest:
        add(node.As<Unnest>().lists);
        break;
    case NodeKind::TopK:
        for (const auto& key : node.As<TopK>().keys) {
            all.push_back(key.expression);
        }
        break;
    case NodeKind::Scan:
    case NodeKind::UnionAll:
    case NodeKind::Domain:
        break;
    }
    return all;
}

NodePtr WithInputs(const Node& node, std::vector<NodePtr> inputs) {
    switch (node.kind) {
    case NodeKind::Scan:
        return CopyWith<Scan>(node, std::move(inputs));
    case NodeKind::Constants:
        return CopyWith<Constants>(node, std::move(inputs));
    case NodeKind::Domain:
        return CopyWith<Domain>(node, std::move(inputs));
    case NodeKind::Filter:
        return CopyWith<Filter>(node, std::move(inputs));
    case NodeKind::Project:
        return CopyWith<Project>(node, std::move(inputs));
    case NodeKind::Join:
        return CopyWith<Join>(node, std::move(inputs));
    case NodeKind::Aggregate:
        return CopyWith<Aggregate>(node, std::move(inputs));
    case NodeKind::Window:
        return CopyWith<Window>(node, std::move(inputs));
    case NodeKind::UnionAll:
        return CopyWith<UnionAll>(node, std::move(inputs));
    case NodeKind::Unnest:
        return CopyWith<Unnest>(node, std::move(inputs));
    case NodeKind::TopK:
        return CopyWith<TopK>(node, std::move(inputs));
    }
    return nullptr;
}

} // namespace freshet::plan
