#include "bind/translate.hpp"

#include "base/identifier.hpp"
#include "base/type_name.hpp"
#include "bind/bound_expression.hpp"
#include "bind/constant_arguments.hpp"
#include "bind/fingerprint.hpp"
#include "bind/proof.hpp"
#include "bind/translate_asof.hpp"
#include "bind/translate_constant_function.hpp"
#include "bind/translate_lateral.hpp"
#include "bind/translate_window.hpp"
#include "plan/decorrelate.hpp"
#include "plan/distinct_aggregates.hpp"
#include "plan/early_aggregates.hpp"
#include "plan/normalize.hpp"
#include "plan/outer_joins.hpp"
#include "plan/row_equality.hpp"
#include "plan/set_operations.hpp"
#include "plan/windows.hpp"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/planner/expression/list.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

using duckdb::LogicalOperator;
using duckdb::LogicalOperatorType;
using plan::ExprKind;
using plan::ExprPtr;
using plan::NodePtr;

/// Walks a raw bound plan bottom-up. One public verb: Run().
class PlanTranslator {
public:
    PlanTranslator(duckdb::Connection& connection, const std::string& sql)
        : connection_(connection), taken_(connection, sql) {}

    NodePtr Run(LogicalOperator& root) { return Visit(StripRootOrder(root)); }

    std::vector<plan::Source> sources;

private:
    /// ORDER BY without LIMIT at the root has no effect on a table.
    static LogicalOperator& StripRootOrder(LogicalOperator& root) {
        return root.type == LogicalOperatorType::LOGICAL_ORDER_BY ? StripRootOrder(*root.children[0]) : root;
    }

    NodePtr Visit(LogicalOperator& op) {
        auto node = VisitOperator(op);
        if (node->columns.size() != op.types.size()) {
            throw Refused("operator " + duckdb::LogicalOperatorToString(op.type) + " has an unexpected output");
        }
        return node;
    }

    NodePtr VisitOperator(LogicalOperator& op) {
        switch (op.type) {
        case LogicalOperatorType::LOGICAL_GET:
            return VisitGet(op.Cast<duckdb::LogicalGet>());
        case LogicalOperatorType::LOGICAL_FILTER:
            return VisitFilter(op.Cast<duckdb::LogicalFilter>());
        case LogicalOperatorType::LOGICAL_PROJECTION:
            return VisitProjection(op);
        case LogicalOperatorType::LOGICAL_CROSS_PRODUCT:
            return plan::MakeJoin(plan::JoinKind::Inner, {Visit(*op.children[0]), Visit(*op.children[1])}, {});
        case LogicalOperatorType::LOGICAL_ASOF_JOIN:
            return VisitAsofJoin(op);
        case LogicalOperatorType::LOGICAL_COMPARISON_JOIN:
        case LogicalOperatorType::LOGICAL_DELIM_JOIN:
            return VisitJoin(op.Cast<duckdb::LogicalComparisonJoin>());
        case LogicalOperatorType::LOGICAL_ANY_JOIN:
            return VisitAnyJoin(op.Cast<duckdb::LogicalAnyJoin>());
        case LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY:
            return VisitAggregate(op.Cast<duckdb::LogicalAggregate>());
        case LogicalOperatorType::LOGICAL_DISTINCT:
            return VisitDistinct(op.Cast<duckdb::LogicalDistinct>());
        case LogicalOperatorType::LOGICAL_UNION:
            return VisitUnion(op.Cast<duckdb::LogicalSetOperation>());
        case LogicalOperatorType::LOGICAL_INTERSECT:
        case LogicalOperatorType::LOGICAL_EXCEPT:
            return VisitSetOperation(op.Cast<duckdb::LogicalSetOperation>());
        case LogicalOperatorType::LOGICAL_WINDOW:
            return VisitWindow(op);
        case LogicalOperatorType::LOGICAL_MATERIALIZED_CTE:
            return VisitCte(op.Cast<duckdb::LogicalMaterializedCTE>());
        case LogicalOperatorType::LOGICAL_CTE_REF:
            return VisitCteReference(op.Cast<duckdb::LogicalCTERef>());
        case LogicalOperatorType::LOGICAL_DELIM_GET:
            return VisitDomain(op);
        case LogicalOperatorType::LOGICAL_DUMMY_SCAN:
            return plan::MakeConstants({{plan::Literal("1", "INTEGER")}}, {{"one", "INTEGER"}});
        case LogicalOperatorType::LOGICAL_EXPRESSION_GET:
            return VisitValues(op.Cast<duckdb::LogicalExpressionGet>());
        case LogicalOperatorType::LOGICAL_UNNEST:
            return VisitUnnest(op);
        case LogicalOperatorType::LOGICAL_LIMIT:
            return VisitLimit(op.Cast<duckdb::LogicalLimit>());
        case LogicalOperatorType::LOGICAL_ORDER_BY:
            return Visit(*op.children[0]); // an order without LIMIT inside a query has no effect on the bag
        default:
            throw Refused(Describe(op.type) + " has no rule yet");
        }
    }

    static std::string Describe(LogicalOperatorType type) {
        switch (type) {
        case LogicalOperatorType::LOGICAL_RECURSIVE_CTE:
            return "a recursive CTE";
        case LogicalOperatorType::LOGICAL_SAMPLE:
            return "SAMPLE";
        case LogicalOperatorType::LOGICAL_ASOF_JOIN:
            return "ASOF JOIN";
        case LogicalOperatorType::LOGICAL_POSITIONAL_JOIN:
            return "POSITIONAL JOIN";
        default:
            return "operator " + duckdb::LogicalOperatorToString(type);
        }
    }

    // ---- leaves

    int SourceFor(const duckdb::TableCatalogEntry& table) {
        TableName name{table.ParentSchema().name, table.name};
        for (size_t i = 0; i < sources.size(); i++) {
            if (sources[i].table == name) {
                return static_cast<int>(i);
            }
        }
        plan::Source source{name, {}};
        for (const auto& column : table.GetColumns().Logical()) {
            source.columns.push_back({column.Name(), column.Type().ToString()});
        }
        sources.push_back(source);
        return static_cast<int>(sources.size()) - 1;
    }

    NodePtr VisitGet(duckdb::LogicalGet& get) {
        auto table = get.GetTable();
        if (!table) {
            if (auto rows = TranslateConstantFunction(get, connection_)) {
                return *rows;
            }
            return get.children.size() == 1
                       ? TranslateLateral(get, Visit(ResolveLateralInput(get)))
                       : throw Refused(fmt::format("table function {}() has no change feed", get.function.name));
        }
        if (table->ParentCatalog().GetName() != kLake) {
            throw Refused(fmt::format("table {}.{} is outside the lake and has no change feed",
                                      table->ParentCatalog().GetName(), table->name));
        }
        int source = SourceFor(*table);
        std::vector<int> columns;
        for (const auto& column : get.GetColumnIds()) {
            if (column.IsEmptyColumn()) {
                columns.push_back(0); // count(*): any column serves
            } else if (column.IsVirtualColumn() || column.HasChildren()) {
                throw Refused("a virtual column (rowid, filename, snapshot_id) is not part of a table's content");
            } else {
                columns.push_back(static_cast<int>(column.GetPrimaryIndex()));
            }
        }
        const auto& described = sources[static_cast<size_t>(source)];
        if (columns.empty()) {
            columns.push_back(0);
            auto scan = plan::MakeScan(source, described, columns);
            return plan::MakeProject(scan, {}, {});
        }
        return plan::MakeScan(source, described, columns);
    }

    NodePtr VisitValues(duckdb::LogicalExpressionGet& get) {
        std::vector<std::vector<ExprPtr>> rows;
        for (const auto& row : get.expressions) {
            rows.emplace_back();
            for (const auto& value : row) {
                rows.back().push_back(Scalar(*value));
            }
        }
        std::vector<Column> columns;
        for (size_t i = 0; i < get.expr_types.size(); i++) {
            columns.push_back({fmt::format("col{}", i), get.expr_types[i].ToString()});
        }
        bool constant = std::all_of(rows.begin(), rows.end(), [](const auto& row) {
            return std::all_of(row.begin(), row.end(), [](const auto& expr) { return plan::ColumnsOf(expr).empty(); });
        });
        return constant ? plan::MakeConstants(rows, columns)
                        : plan::MakeRowsOfEach(Visit(*get.children[0]), rows, columns);
    }

    // ---- one input

    NodePtr VisitFilter(duckdb::LogicalFilter& filter) {
        auto input = Visit(*filter.children[0]);
        std::vector<ExprPtr> predicates;
        for (const auto& expression : filter.expressions) {
            predicates.push_back(Scalar(*expression));
        }
        auto filtered = plan::MakeFilter(input, predicates);
        if (filter.projection_map.empty()) {
            return filtered;
        }
        return plan::PickColumns(filtered, {filter.projection_map.begin(), filter.projection_map.end()});
    }

    NodePtr VisitProjection(LogicalOperator& op) {
        if (IsScalarSubquery(op)) {
            return VisitScalarSubquery(op);
        }
        auto input = VisitExistsCount(op);
        if (!input) {
            input = Visit(*op.children[0]);
        }
        std::vector<ExprPtr> expressions;
        std::vector<std::string> names;
        for (const auto& expression : op.expressions) {
            expressions.push_back(Scalar(*expression));
            names.push_back(expression->GetName());
        }
        if (exists_count_) {
            exists_count_ = false;
            expressions = {plan::Compare(">=", expressions[0]->args[0], expressions[0]->args[1])};
        }
        return plan::MakeProject(input, expressions, names);
    }

    /// An uncorrelated EXISTS is bound as projection (#0 = 1) over count(*) over LIMIT 1: the same as #0 >= 1 without
    /// the limit, which would make the count depend on which row comes first.
    NodePtr VisitExistsCount(LogicalOperator& op) {
        auto& aggregate = *op.children[0];
        bool shape = op.expressions.size() == 1 &&
                     aggregate.type == LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY &&
                     aggregate.expressions.size() == 1 && aggregate.Cast<duckdb::LogicalAggregate>().groups.empty() &&
                     aggregate.children[0]->type == LogicalOperatorType::LOGICAL_LIMIT &&
                     op.expressions[0]->GetExpressionType() == duckdb::ExpressionType::COMPARE_EQUAL;
        if (!shape) {
            return nullptr;
        }
        auto& limit = aggregate.children[0]->Cast<duckdb::LogicalLimit>();
        bool one = limit.limit_val.Type() == duckdb::LimitNodeType::CONSTANT_VALUE &&
                   limit.limit_val.GetConstantValue() == 1 && limit.offset_val.Type() == duckdb::LimitNodeType::UNSET;
        const auto& call = aggregate.expressions[0]->Cast<duckdb::BoundAggregateExpression>();
        if (!one || call.function.name != "count_star" ||
            limit.children[0]->type == LogicalOperatorType::LOGICAL_ORDER_BY) {
            return nullptr;
        }
        auto counted = MakeAggregateOver(Visit(*limit.children[0]), aggregate.Cast<duckdb::LogicalAggregate>());
        exists_count_ = true; // only now: the input may hold such a count of its own
        return counted;
    }

    /// A scalar subquery without correlation is bound as CASE WHEN count > 1 THEN error ELSE first(x).
    static bool IsScalarSubquery(LogicalOperator& op) {
        auto& child = *op.children[0];
        if (op.expressions.size() != 1 ||
            op.expressions[0]->GetExpressionClass() != duckdb::ExpressionClass::BOUND_CASE ||
            child.type != LogicalOperatorType::LOGICAL_AGGREGATE_AND_GROUP_BY || child.expressions.size() != 2 ||
            !child.Cast<duckdb::LogicalAggregate>().groups.empty()) {
            return false;
        }
        auto name = [&](size_t i) {
            return child.expressions[i]->Cast<duckdb::BoundAggregateExpression>().function.name;
        };
        const auto& choice = op.expressions[0]->Cast<duckdb::BoundCaseExpression>();
        return name(0) == "first" && name(1) == "count_star" &&
               choice.ToString().find("More than one row returned by a subquery") != std::string::npos;
    }

    /// Over one row it is that row; else first becomes min, which is the same wherever it is read (where the count is
    /// at most 1) and can be maintained.
    NodePtr VisitScalarSubquery(LogicalOperator& op) {
        auto& aggregate = *op.children[0];
        auto input = Visit(*aggregate.children[0]);
        const auto& first = aggregate.expressions[0]->Cast<duckdb::BoundAggregateExpression>();
        auto value = Scalar(*first.children[0]);
        if (plan::HasOneRow(input)) {
            return plan::MakeProject(input, {value}, {"value"});
        }
        return plan::MakeProject(plan::GuardedValue(input, value),
                                 {plan::OneRowOrError(plan::ColumnRef(0, value->type), plan::ColumnRef(1, "BIGINT"))},
                                 {"value"});
    }

    NodePtr VisitAggregate(duckdb::LogicalAggregate& op) { return MakeAggregateOver(Visit(*op.children[0]), op); }

    NodePtr MakeAggregateOver(const NodePtr& input, duckdb::LogicalAggregate& op) {
        std::vector<ExprPtr> groups;
        std::vector<std::string> names;
        for (const auto& group : op.groups) {
            groups.push_back(Scalar(Written(*group)));
            names.push_back(group->GetName());
        }
        std::vector<plan::AggregateCall> calls;
        std::vector<int> shown; // per column of the operator: where it stands among groups and calls
        for (size_t i = 0; i < groups.size(); i++) {
            shown.push_back(static_cast<int>(i));
        }
        for (const auto& expression : op.expressions) {
            const auto& bound = expression->Cast<duckdb::BoundAggregateExpression>();
            int group = ShownGroup(op, bound);
            shown.push_back(group >= 0 ? group : static_cast<int>(groups.size() + calls.size()));
            if (group < 0) {
                calls.push_back(TranslateCall(bound));
                names.push_back(expression->GetName());
            }
        }
        for (size_t i = 0; i < op.grouping_functions.size(); i++) {
            shown.push_back(static_cast<int>(groups.size() + calls.size() + i));
            names.emplace_back("grouping");
        }
        auto node = MakeAggregate(input, op, groups, calls, names);
        return shown.size() == names.size() ? node : plan::PickColumns(node, shown);
    }

    /// Binding groups intervals by what makes equal ones the same, and shows first(x): a group's column is as good.
    /// Gives its position, or -1 where the call is none of that kind.
    static int ShownGroup(const duckdb::LogicalAggregate& op, const duckdb::BoundAggregateExpression& call) {
        bool plain = call.function.name == "first" && !call.filter && !call.order_bys && op.grouping_sets.size() <= 1;
        for (size_t i = 0; plain && i < op.groups.size(); i++) {
            const auto& written = Written(*op.groups[i]);
            if (&written != op.groups[i].get() && written.Equals(*call.children[0])) {
                return static_cast<int>(i);
            }
        }
        return -1;
    }

    static NodePtr MakeAggregate(const NodePtr& input, const duckdb::LogicalAggregate& op,
                                 const std::vector<ExprPtr>& groups, const std::vector<plan::AggregateCall>& calls,
                                 const std::vector<std::string>& names) {
        bool one_set = op.grouping_sets.empty() ||
                       (op.grouping_sets.size() == 1 && op.grouping_sets[0].size() == op.groups.size());
        if (!one_set || !op.grouping_functions.empty()) {
            return plan::MakeGroupingSets(input, groups, calls, names, GroupingSets(op), GroupingFunctions(op));
        }
        if (groups.empty() && calls.empty()) {
            throw Refused("an aggregate without groups and functions has no rule");
        }
        bool distinct = std::any_of(calls.begin(), calls.end(), [](const auto& call) { return call.distinct; });
        if (groups.empty() && distinct && plan::CanSplitDistinct(calls)) {
            return plan::SplitDistinct(input, calls, names);
        }
        return plan::MakeAggregate(input, groups, calls, names);
    }

    static std::vector<std::vector<size_t>> GroupingSets(const duckdb::LogicalAggregate& op) {
        std::vector<std::vector<size_t>> sets;
        for (const auto& set : op.grouping_sets) {
            sets.emplace_back(set.begin(), set.end());
        }
        return sets;
    }

    static std::vector<std::vector<size_t>> GroupingFunctions(const duckdb::LogicalAggregate& op) {
        std::vector<std::vector<size_t>> functions;
        for (const auto& function : op.grouping_functions) {
            functions.emplace_back(function.begin(), function.end());
        }
        return functions;
    }

    plan::AggregateCall TranslateCall(const duckdb::BoundAggregateExpression& bound) {
        plan::AggregateCall call;
        call.function = bound.function.name;
        for (const auto& child : bound.children) {
            call.args.push_back(Scalar(*child));
        }
        call.distinct = bound.IsDistinct();
        call.filter = bound.filter ? Scalar(*bound.filter) : nullptr;
        call.type = bound.return_type.ToString();
        call.argument_type = call.args.empty() ? "" : call.args[0]->type;
        if (bound.order_bys) {
            for (const auto& order : bound.order_bys->orders) {
                call.order_by.push_back(Scalar(Written(*order.expression)));
                call.order_sql_suffix.push_back(OrderSuffix(order));
            }
        }
        if (bound.function.GetStability() == duckdb::FunctionStability::VOLATILE) {
            throw Refused(fmt::format("aggregate {}() does not give the same result every time", call.function));
        }
        taken_.Restore(bound, call);
        calls_to_prove_.push_back({&bound, call});
        return call;
    }

    static std::string OrderSuffix(const duckdb::BoundOrderByNode& order) {
        return fmt::format(" {} NULLS {}", order.type == duckdb::OrderType::DESCENDING ? "DESC" : "ASC",
                           order.null_order == duckdb::OrderByNullType::NULLS_FIRST ? "FIRST" : "LAST");
    }

    NodePtr VisitDistinct(duckdb::LogicalDistinct& op) {
        if (op.distinct_type == duckdb::DistinctType::DISTINCT_ON) {
            return VisitDistinctOn(op);
        }
        auto input = Visit(*op.children[0]);
        std::vector<ExprPtr> groups;
        for (const auto& target : op.distinct_targets) {
            groups.push_back(Scalar(Written(*target)));
        }
        bool all = groups.empty() || groups.size() == input->columns.size();
        for (size_t i = 0; all && i < groups.size(); i++) {
            all = groups[i]->kind == ExprKind::Column && groups[i]->column == static_cast<int>(i);
        }
        if (!all) {
            return plan::OneRowOfEach(input, groups);
        }
        bool distinct_already = (op.children[0]->type == LogicalOperatorType::LOGICAL_INTERSECT ||
                                 op.children[0]->type == LogicalOperatorType::LOGICAL_EXCEPT) &&
                                !op.children[0]->Cast<duckdb::LogicalSetOperation>().setop_all;
        return distinct_already
                   ? input
                   : plan::MakeAggregate(input, plan::AllColumns(*input), {}, plan::NamesOf(input->columns));
    }

    NodePtr VisitDistinctOn(duckdb::LogicalDistinct& op) {
        auto input = Visit(*op.children[0]);
        std::vector<ExprPtr> targets;
        for (const auto& target : op.distinct_targets) {
            targets.push_back(Scalar(Written(*target)));
        }
        return plan::FirstOfEach(input, targets,
                                 op.order_by ? SortKeys(op.order_by->orders) : std::vector<plan::SortKey>{});
    }

    NodePtr VisitWindow(LogicalOperator& op) {
        auto input = Visit(*op.children[0]);
        std::vector<plan::WindowCall> calls;
        std::vector<std::string> names;
        for (const auto& expression : op.expressions) {
            calls.push_back(TranslateWindow(expression->Cast<duckdb::BoundWindowExpression>()));
            names.push_back(expression->GetName());
        }
        if (IsListOfConstants(*input) && std::any_of(calls.begin(), calls.end(), NumbersRows)) {
            throw Refused("the places of values in a list of constants have no rule here");
        }
        return plan::MakeWindows(input, calls, names);
    }

    /// Its rows come in the order of the list, which the rules don't keep.
    static bool IsListOfConstants(const plan::Node& node) {
        bool passes = node.kind == plan::NodeKind::Project || node.kind == plan::NodeKind::Filter ||
                      node.kind == plan::NodeKind::Unnest;
        return node.kind == plan::NodeKind::Constants || (passes && IsListOfConstants(*node.inputs[0]));
    }

    static bool NumbersRows(const plan::WindowCall& call) {
        return call.function == "row_number" && call.partitions.empty() && call.order_by.empty();
    }

    plan::WindowCall TranslateWindow(const duckdb::BoundWindowExpression& bound) {
        auto call = TranslateWindowCall(bound, scalar_);
        taken_.Restore(bound, call);
        windows_to_prove_.push_back({&bound, call});
        SettleOrder(call);
        return call;
    }

    std::vector<plan::SortKey> SortKeys(const duckdb::vector<duckdb::BoundOrderByNode>& orders) {
        return TranslateSortKeys(orders, scalar_);
    }

    NodePtr VisitUnnest(LogicalOperator& op) {
        auto input = Visit(*op.children[0]);
        std::vector<ExprPtr> lists;
        std::vector<Column> columns;
        for (const auto& expression : op.expressions) {
            if (expression->GetExpressionClass() != duckdb::ExpressionClass::BOUND_UNNEST) {
                throw Refused("expression " + expression->ToString() + " has no rule");
            }
            lists.push_back(Scalar(*expression->Cast<duckdb::BoundUnnestExpression>().child));
            if (ElementOfList(lists.back()->type).empty()) {
                throw Refused("unnest of " + lists.back()->type + " has no rule");
            }
            columns.push_back({"unnest", expression->return_type.ToString()});
        }
        return plan::MakeUnnest(input, lists, columns);
    }

    NodePtr VisitLimit(duckdb::LogicalLimit& limit) {
        auto constant = [](const duckdb::BoundLimitNode& node, int64_t otherwise) {
            if (node.Type() == duckdb::LimitNodeType::UNSET) {
                return otherwise;
            }
            if (node.Type() != duckdb::LimitNodeType::CONSTANT_VALUE) {
                throw Refused("LIMIT by an expression or percentage has no rule yet");
            }
            return static_cast<int64_t>(node.GetConstantValue());
        };
        if (limit.children[0]->type != LogicalOperatorType::LOGICAL_ORDER_BY) {
            auto input = Visit(*limit.children[0]);
            if (plan::HasOneRow(input) && constant(limit.limit_val, 1) > 0 && constant(limit.offset_val, 0) == 0) {
                return input;
            }
            return plan::MakeTopK(input, {}, constant(limit.limit_val, -1), constant(limit.offset_val, 0));
        }
        auto& order = limit.children[0]->Cast<duckdb::LogicalOrder>();
        auto input = Visit(*order.children[0]);
        return plan::MakeTopK(input, SortKeys(order.orders), constant(limit.limit_val, -1),
                              constant(limit.offset_val, 0));
    }

    // ---- several inputs

    NodePtr VisitUnion(duckdb::LogicalSetOperation& op) {
        // UNION without ALL has a DISTINCT of its own above.
        std::vector<NodePtr> inputs;
        for (auto& child : op.children) {
            inputs.push_back(Visit(*child));
        }
        for (const auto& input : inputs) {
            for (size_t i = 0; i < input->columns.size(); i++) {
                if (input->columns[i].type != inputs[0]->columns[i].type) {
                    throw Refused("a UNION of different types has no rule");
                }
            }
        }
        return plan::MakeUnionAll(inputs, inputs[0]->columns);
    }

    NodePtr VisitSetOperation(duckdb::LogicalSetOperation& op) {
        auto left = Visit(*op.children[0]);
        auto right = Visit(*op.children[1]);
        for (size_t i = 0; i < left->columns.size(); i++) {
            if (left->columns[i].type != right->columns[i].type) {
                throw Refused("INTERSECT or EXCEPT of different types has no rule");
            }
        }
        bool intersect = op.type == LogicalOperatorType::LOGICAL_INTERSECT;
        return plan::MakeSetOperation(intersect ? plan::SetOperation::Intersect : plan::SetOperation::Except,
                                      op.setop_all, left, right);
    }

    NodePtr VisitCte(duckdb::LogicalMaterializedCTE& cte) {
        ctes_[cte.table_index] = Visit(*cte.children[0]);
        return Visit(StripRootOrder(*cte.children[1]));
    }

    NodePtr VisitCteReference(duckdb::LogicalCTERef& reference) {
        auto found = ctes_.find(reference.cte_index);
        if (found == ctes_.end()) {
            throw Refused("a recursive CTE has no rule yet");
        }
        return found->second;
    }

    /// Domains are the outer columns of the nearest enclosing dependent join on whose right side the leaf stands.
    NodePtr VisitDomain(LogicalOperator& op) {
        if (domains_.empty()) {
            throw Refused("a correlated subquery of this shape has no rule yet");
        }
        const auto& open = domains_.back();
        std::vector<Column> columns;
        if (open.columns.size() != op.types.size()) {
            throw Refused("a correlated subquery of this shape has no rule yet");
        }
        for (size_t i = 0; i < op.types.size(); i++) {
            columns.push_back({fmt::format("outer_{}", i), op.types[i].ToString()});
        }
        return plan::MakeDomain(open.id, columns);
    }

    NodePtr VisitJoin(duckdb::LogicalComparisonJoin& join) {
        if (!join.left_projection_map.empty() || !join.right_projection_map.empty() || join.delim_flipped) {
            throw Refused("a join with a projection has no rule");
        }
        bool dependent = join.type == LogicalOperatorType::LOGICAL_DELIM_JOIN;
        auto left = Visit(*join.children[0]);
        std::vector<ExprPtr> domain_columns;
        int domain = -1;
        if (dependent) {
            for (const auto& column : join.duplicate_eliminated_columns) {
                domain_columns.push_back(Scalar(*column));
            }
            domain = next_domain_++;
            domains_.push_back({domain, domain_columns});
        }
        auto right = Visit(*join.children[1]);
        if (dependent) {
            domains_.pop_back();
        }
        std::vector<ExprPtr> predicates, comparisons;
        int width = static_cast<int>(left->columns.size());
        for (const auto& condition : join.conditions) {
            auto predicate = TranslateCondition(condition, width, scalar_);
            bool correlation = dependent && predicate->text == "IS NOT DISTINCT FROM";
            (correlation ? predicates : comparisons).push_back(predicate);
        }
        bool null_aware = join.join_type == duckdb::JoinType::MARK && !comparisons.empty();
        if (null_aware && comparisons.size() > 1) {
            comparisons = {RowComparison(comparisons)};
        }
        predicates.insert(predicates.end(), comparisons.begin(), comparisons.end());
        return MakeJoinOf(join.join_type, left, right, predicates, null_aware, domain, domain_columns);
    }

    static ExprPtr RowComparison(const std::vector<ExprPtr>& comparisons) {
        bool equal = std::all_of(comparisons.begin(), comparisons.end(), [](const auto& c) { return c->text == "="; });
        return equal ? plan::RowEquality(comparisons)
                     : throw Refused("a comparison of rows other than = with a subquery has no rule yet");
    }

    NodePtr VisitAsofJoin(LogicalOperator& op) {
        auto left = Visit(*op.children[0]);
        auto right = Visit(*op.children[1]);
        return TranslateAsofJoin(op.Cast<duckdb::LogicalComparisonJoin>(), left, right, scalar_);
    }

    NodePtr VisitAnyJoin(duckdb::LogicalAnyJoin& join) {
        auto left = Visit(*join.children[0]);
        auto right = Visit(*join.children[1]);
        std::vector<ExprPtr> predicates;
        plan::SplitConjuncts(Scalar(*join.condition), predicates);
        bool null_aware = join.join_type == duckdb::JoinType::MARK;
        if (null_aware && predicates.size() > 1) {
            throw Refused("a comparison of rows other than = with a subquery has no rule yet");
        }
        return MakeJoinOf(join.join_type, left, right, predicates, null_aware, -1, {});
    }

    NodePtr MakeJoinOf(duckdb::JoinType type, const NodePtr& left, const NodePtr& right,
                       const std::vector<ExprPtr>& predicates, bool null_aware, int domain,
                       const std::vector<ExprPtr>& domain_columns) {
        switch (type) {
        case duckdb::JoinType::RIGHT:
            return plan::MakeRightJoin(left, right, predicates);
        case duckdb::JoinType::OUTER:
            return plan::MakeFullJoin(left, right, predicates);
        default:
            break;
        }
        if (type == duckdb::JoinType::SINGLE && !OneRowOrError()) {
            throw Refused(
                "with scalar_subquery_error_on_multiple_rows = false, a scalar subquery gives one of several rows");
        }
        plan::DependentJoin join{JoinKindOf(type), left,   plan::Normalize(right), predicates,
                                 null_aware,       domain, domain_columns};
        return plan::Decorrelate(join);
    }

    bool OneRowOrError() {
        duckdb::Value setting;
        connection_.context->TryGetCurrentSetting("scalar_subquery_error_on_multiple_rows", setting);
        return setting.IsNull() || setting.GetValue<bool>();
    }

    static plan::JoinKind JoinKindOf(duckdb::JoinType type) {
        switch (type) {
        case duckdb::JoinType::INNER:
            return plan::JoinKind::Inner;
        case duckdb::JoinType::LEFT:
            return plan::JoinKind::Left;
        case duckdb::JoinType::SEMI:
            return plan::JoinKind::Semi;
        case duckdb::JoinType::ANTI:
            return plan::JoinKind::Anti;
        case duckdb::JoinType::MARK:
            return plan::JoinKind::Mark;
        case duckdb::JoinType::SINGLE:
            return plan::JoinKind::Single;
        default:
            throw Refused(duckdb::EnumUtil::ToString(type) + " join has no rule");
        }
    }

    /// A scalar expression, proved: what it prints as binds to the same expression again.
    ExprPtr Scalar(const duckdb::Expression& expression) {
        auto restore = [&](const duckdb::Expression& call, const ExprPtr& plain) {
            return taken_.Restored(call, plain);
        };
        for (const Restoration& restoration : {Restoration(), Restoration(restore)}) {
            auto translated = TranslateExpression(expression, connection_, restoration);
            if (IsProved(connection_, expression, translated)) {
                return translated;
            }
        }
        throw Unproved(expression);
    }

public:
    struct CallProof {
        const duckdb::BoundAggregateExpression* bound;
        plan::AggregateCall translated;
    };
    struct WindowProof {
        const duckdb::BoundWindowExpression* bound;
        plan::WindowCall translated;
    };
    const std::vector<CallProof>& CallsToProve() const { return calls_to_prove_; }
    const std::vector<WindowProof>& WindowsToProve() const { return windows_to_prove_; }

private:
    struct OpenDomain {
        int id;
        std::vector<ExprPtr> columns;
    };

    duckdb::Connection& connection_;
    TakenConstants taken_;
    const ScalarTranslation scalar_ = [this](const duckdb::Expression& expression) { return Scalar(expression); };
    std::map<duckdb::idx_t, NodePtr> ctes_;
    std::vector<OpenDomain> domains_;
    int next_domain_ = 0;
    bool exists_count_ = false;
    std::vector<CallProof> calls_to_prove_;
    std::vector<WindowProof> windows_to_prove_;
};

void ProveAll(duckdb::Connection& connection, const PlanTranslator& translator) {
    for (const auto& proof : translator.CallsToProve()) {
        if (!IsProved(connection, *proof.bound, proof.translated)) {
            throw Refused(fmt::format("aggregate {} can't be written back exactly", proof.bound->ToString()));
        }
    }
    for (const auto& proof : translator.WindowsToProve()) {
        if (!IsProved(connection, *proof.bound, proof.translated)) {
            throw Refused(fmt::format("window function {} can't be written back exactly", proof.bound->ToString()));
        }
    }
}

/// For its life: a transaction, and plans as the binder made them.
class RawPlans {
public:
    explicit RawPlans(Session& session) : session_(session), own_transaction_(!session.InTransaction()) {
        if (own_transaction_) {
            session_.Begin();
        }
        session_.Raw().context->config.enable_optimizer = false;
    }
    ~RawPlans() {
        session_.Raw().context->config.enable_optimizer = true;
        if (own_transaction_) {
            session_.Rollback();
        }
    }
    RawPlans(const RawPlans&) = delete;
    RawPlans& operator=(const RawPlans&) = delete;

private:
    Session& session_;
    bool own_transaction_;
};

} // namespace

Translation Translate(Session& session, const std::string& sql) {
    Translation translation;
    auto& connection = session.Raw();
    RawPlans raw(session);
    try {
        auto bound = connection.ExtractPlan(sql);
        auto names = connection.Prepare(sql)->GetNames();
        for (size_t i = 0; i < bound->types.size(); i++) {
            translation.result.push_back({names[i], bound->types[i].ToString()});
        }
        PlanTranslator translator(connection, sql);
        auto root = translator.Run(*bound);
        ProveAll(connection, translator);
        root = plan::Normalize(plan::AggregateEarly(plan::Normalize(root)));
        plan::Query query{translator.sources, plan::DropUnusedColumns(root)};
        translation.query = plan::DropUnusedSourceColumns(query);
    } catch (const Refused& refused) {
        translation.refusal = refused.what();
    } catch (const EngineError&) {
        throw;
    } catch (const std::exception& error) {
        throw TranslateError(duckdb::ErrorData(error));
    }
    return translation;
}

std::string BoundFingerprint(Session& session, const std::string& sql) {
    RawPlans raw(session);
    try {
        return FingerprintOf(*session.Raw().ExtractPlan(sql));
    } catch (const std::exception& error) {
        throw TranslateError(duckdb::ErrorData(error));
    }
}

} // namespace freshet
