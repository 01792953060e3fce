#include "bind/undetermined.hpp"

#include "base/aggregate_sensitivity.hpp"
#include "bind/order_coverage.hpp"

#include <algorithm>
#include <array>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <fmt/format.h>
#include <string_view>

namespace freshet {

namespace {

using Expressions = std::vector<const duckdb::ParsedExpression*>;

/// Functions of a list that don't depend on the order of its elements. DuckDB's parser turns list(x ORDER BY x) into
/// list_sort(list(x)).
bool IgnoresOrder(const std::string& function) {
    constexpr std::array<std::string_view, 21> kNames = {
        "list_sort",    "array_sort",   "list_reverse_sort", "array_reverse_sort", "len",           "length",
        "array_length", "list_unique",  "array_unique",      "list_contains",      "list_has",      "array_contains",
        "array_has",    "list_has_any", "array_has_any",     "list_has_all",       "array_has_all", "list_min",
        "list_max",     "contains",     "list_count"};
    return std::find(kNames.begin(), kNames.end(), duckdb::StringUtil::Lower(function)) != kNames.end();
}

std::string Explain(const std::string& function, Sensitivity sensitivity) {
    switch (sensitivity) {
    case Sensitivity::Order:
        return function + "() without an order that settles it";
    case Sensitivity::Choice:
        return function + "() may take any row";
    case Sensitivity::Ties:
    case Sensitivity::Mode:
        return function + "() may take any of the rows that tie";
    case Sensitivity::Approximation:
        return function + "() is an approximation";
    case Sensitivity::None:
        return "";
    }
    return "";
}

Expressions Pointers(const duckdb::vector<ExpressionPtr>& list) {
    Expressions pointers;
    for (const auto& expression : list) {
        pointers.push_back(expression.get());
    }
    return pointers;
}

Expressions Ordered(const duckdb::vector<duckdb::OrderByNode>& orders) {
    Expressions pointers;
    for (const auto& order : orders) {
        pointers.push_back(order.expression.get());
    }
    return pointers;
}

template <class Modifier>
const Modifier* Find(const duckdb::QueryNode& node) {
    for (const auto& modifier : node.modifiers) {
        if (modifier->type == Modifier::TYPE) {
            return &modifier->template Cast<Modifier>();
        }
    }
    return nullptr;
}

Expressions OrdersOf(const duckdb::QueryNode& node) {
    const auto* order = Find<duckdb::OrderModifier>(node);
    return order != nullptr ? Ordered(order->orders) : Expressions();
}

/// The SELECT whose items name a node's columns, or null.
const duckdb::SelectNode* NamingSelect(const duckdb::QueryNode& node) {
    switch (node.type) {
    case duckdb::QueryNodeType::SELECT_NODE:
        return &node.Cast<duckdb::SelectNode>();
    case duckdb::QueryNodeType::SET_OPERATION_NODE:
        return NamingSelect(*node.Cast<duckdb::SetOperationNode>().children[0]);
    default:
        return nullptr;
    }
}

/// A frame that counts rows can cut through rows that tie.
bool CountsRows(const duckdb::WindowExpression& window) {
    auto rows = [](duckdb::WindowBoundary boundary) {
        return boundary == duckdb::WindowBoundary::CURRENT_ROW_ROWS ||
               boundary == duckdb::WindowBoundary::EXPR_PRECEDING_ROWS ||
               boundary == duckdb::WindowBoundary::EXPR_FOLLOWING_ROWS;
    };
    return rows(window.start) || rows(window.end);
}

class Finder : public TreeWalker {
public:
    explicit Finder(const QueryPlaces& places) : places_(places) {}

    void Root(duckdb::QueryNode& node);
    void Node(duckdb::QueryNode& node) override;
    void Ref(TableRefPtr& ref) override;
    void Expression(ExpressionPtr& expression) override;
    std::vector<Undetermined> Take() { return std::move(found_); }

protected:
    void Select(duckdb::SelectNode& node) override;
    void SelectItem(ExpressionPtr& item) override;

private:
    RowKey KeyOfInput(const duckdb::SelectNode& node) const;
    bool TellsApart(const duckdb::QueryNode& node, const Expressions& expressions) const;
    bool AsofIsSettled(const duckdb::JoinRef& join) const;
    void Aggregate(const duckdb::FunctionExpression& function);
    void Window(const duckdb::WindowExpression& window);
    bool WindowIsSettled(const duckdb::WindowExpression& window) const;
    bool AggregateIsSettled(const duckdb::FunctionExpression& function, Sensitivity sensitivity) const;
    bool ReadsOrderedSubquery(const duckdb::ParsedExpression& argument) const;
    void Limits(const duckdb::QueryNode& node);
    void Add(const std::string& what, std::optional<Place> place);
    std::optional<int> PositionOf(const ExpressionPtr& item) const;

    const QueryPlaces& places_;
    std::vector<Undetermined> found_;
    std::vector<const duckdb::SelectNode*> selects_;
    const duckdb::SelectNode* attributed_ = nullptr; ///< the root, if what its items hold stays in their columns
    std::vector<std::string> columns_;
    int position_ = 0; ///< of the column in columns_
    bool only_existence_ = false;
    const duckdb::ParsedExpression* unordered_ = nullptr; ///< what stands around it ignores the order
};

/// Does a select item stand for any number of columns?
bool Expands(const duckdb::ParsedExpression& item) {
    bool expands = item.GetExpressionClass() == duckdb::ExpressionClass::STAR;
    if (item.GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
        std::string name = duckdb::StringUtil::Lower(item.Cast<duckdb::FunctionExpression>().function_name);
        expands = name == "unnest" || name == "unlist"; // of a STRUCT
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        item, [&](const duckdb::ParsedExpression& child) { expands = expands || Expands(child); });
    return expands;
}

/// Does any other part of the SELECT use this alias, but for its ORDER BY, which changes no bag?
class AliasUse : public TreeWalker {
public:
    static bool In(const duckdb::SelectNode& node, const std::string& alias) {
        auto unordered = node.Copy();
        unordered->modifiers.clear();
        AliasUse use(alias);
        use.Select(unordered->Cast<duckdb::SelectNode>());
        return use.found_;
    }
    void Expression(ExpressionPtr& expression) override {
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
            const auto& column = expression->Cast<duckdb::ColumnRefExpression>();
            found_ = found_ || duckdb::StringUtil::CIEquals(column.column_names[0], alias_);
        }
        TreeWalker::Expression(expression);
    }

private:
    explicit AliasUse(const std::string& alias) : alias_(alias) {}
    const std::string& alias_;
    bool found_ = false;
};

void Finder::Root(duckdb::QueryNode& node) {
    bool plain = node.type == duckdb::QueryNodeType::SELECT_NODE && Find<duckdb::DistinctModifier>(node) == nullptr &&
                 Find<duckdb::LimitModifier>(node) == nullptr && Find<duckdb::LimitPercentModifier>(node) == nullptr;
    attributed_ = plain ? &node.Cast<duckdb::SelectNode>() : nullptr;
    Node(node);
}

void Finder::Node(duckdb::QueryNode& node) {
    if (!only_existence_) {
        Limits(node);
    }
    only_existence_ = false;
    TreeWalker::Node(node);
}

/// Of the rows that a SELECT reads.
RowKey Finder::KeyOfInput(const duckdb::SelectNode& node) const {
    return KeyOf(*node.from_table, [&](const std::string& name) -> const duckdb::QueryNode* {
        for (const auto& entry : node.cte_map.map) {
            if (duckdb::StringUtil::CIEquals(entry.first, name)) {
                return entry.second->aliases.empty() ? entry.second->query->node.get() : nullptr;
            }
        }
        const Cte* cte = FindCte(name);
        return cte != nullptr && (cte->aliases == nullptr || cte->aliases->empty()) ? cte->node : nullptr;
    });
}

bool Finder::TellsApart(const duckdb::QueryNode& node, const Expressions& expressions) const {
    const auto* select = NamingSelect(node);
    bool whole = select == &node; // not a branch of a set operation
    return select != nullptr &&
           SelectNames(*select, whole ? KeyOfInput(*select) : std::nullopt).TellRowsApart(expressions);
}

void Finder::Limits(const duckdb::QueryNode& node) {
    Expressions orders = OrdersOf(node);
    bool limit = Find<duckdb::LimitModifier>(node) != nullptr || Find<duckdb::LimitPercentModifier>(node) != nullptr;
    if (limit && !TellsApart(node, orders)) {
        Add(orders.empty() ? "LIMIT without ORDER BY" : "LIMIT where rows may tie in the order",
            places_.FindIfThere("LIMIT"));
    }
    const auto* distinct = Find<duckdb::DistinctModifier>(node);
    if (distinct != nullptr && !distinct->distinct_on_targets.empty()) {
        Expressions known = Pointers(distinct->distinct_on_targets);
        known.insert(known.end(), orders.begin(), orders.end());
        if (!TellsApart(node, known)) {
            Add("DISTINCT ON where rows may tie in the order", places_.FindIfThere("DISTINCT"));
        }
    }
}

/// What it stands for is a class of texts, of which any may be shown.
bool Collates(const duckdb::ParsedExpression& expression) {
    bool collates = expression.GetExpressionClass() == duckdb::ExpressionClass::COLLATE;
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        expression, [&](const duckdb::ParsedExpression& child) { collates = collates || Collates(child); });
    return collates;
}

void Finder::Select(duckdb::SelectNode& node) {
    auto collates = [](const ExpressionPtr& expression) { return Collates(*expression); };
    const auto& groups = node.groups.group_expressions;
    if (std::any_of(groups.begin(), groups.end(), collates) ||
        std::any_of(node.select_list.begin(), node.select_list.end(), collates)) {
        Add("which of the texts that a COLLATE takes for equal is shown", places_.FindIfThere("COLLATE"));
    }
    selects_.push_back(&node);
    TreeWalker::Select(node);
    selects_.pop_back();
}

void Finder::SelectItem(ExpressionPtr& item) {
    bool root = selects_.size() == 1 && selects_.back() == attributed_;
    auto position = root ? PositionOf(item) : std::nullopt;
    if (position && !AliasUse::In(*attributed_, item->GetAlias())) {
        columns_ = {item->GetName()};
        position_ = *position;
    }
    TreeWalker::SelectItem(item);
    if (root) {
        columns_.clear();
    }
}

/// Of the one column that an item of the root stands for; none if it can't be told.
std::optional<int> Finder::PositionOf(const ExpressionPtr& item) const {
    const auto& items = attributed_->select_list;
    auto self = std::find_if(items.begin(), items.end(), [&](const auto& other) { return &other == &item; });
    auto one = [](const ExpressionPtr& other) { return !Expands(*other); };
    if (!one(item)) {
        return {};
    }
    if (std::all_of(items.begin(), self, one)) {
        return static_cast<int>(self - items.begin());
    }
    return std::all_of(self, items.end(), one) ? std::optional(static_cast<int>(self - items.end())) : std::nullopt;
}

void Finder::Ref(TableRefPtr& ref) {
    if (ref->type == duckdb::TableReferenceType::JOIN) {
        auto kind = ref->Cast<duckdb::JoinRef>().ref_type;
        if (kind == duckdb::JoinRefType::POSITIONAL) {
            Add("the order of rows, which a POSITIONAL JOIN follows", places_.FindIfThere("POSITIONAL"));
        } else if (kind == duckdb::JoinRefType::ASOF && !AsofIsSettled(ref->Cast<duckdb::JoinRef>())) {
            Add("which of the rows that tie an ASOF JOIN takes", places_.FindIfThere("ASOF"));
        }
    }
    TreeWalker::Ref(ref);
}

namespace {

/// Columns that conditions of a join compare.
void CollectCompared(const duckdb::ParsedExpression& condition, Expressions& into) {
    bool open = condition.GetExpressionClass() == duckdb::ExpressionClass::COMPARISON ||
                condition.GetExpressionType() == duckdb::ExpressionType::CONJUNCTION_AND;
    if (!open) {
        into.push_back(&condition);
        return;
    }
    duckdb::ParsedExpressionIterator::EnumerateChildren(
        condition, [&](const duckdb::ParsedExpression& child) { CollectCompared(child, into); });
}

} // namespace

/// Do the compared columns tell the right side's rows apart?
bool Finder::AsofIsSettled(const duckdb::JoinRef& join) const {
    if (selects_.empty()) {
        return false;
    }
    duckdb::SelectNode right;
    right.from_table = join.right->Copy();
    RowKey key = KeyOfInput(right);
    std::string alias = join.right->alias;
    Expressions compared, own;
    if (join.condition) {
        CollectCompared(*join.condition, compared);
    }
    for (const auto* each : compared) {
        bool column = each->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF;
        const auto* reference = column ? &each->Cast<duckdb::ColumnRefExpression>() : nullptr;
        if (column && (!reference->IsQualified() || duckdb::StringUtil::CIEquals(reference->GetTableName(), alias))) {
            own.push_back(each);
        }
    }
    auto covered = [&](const std::string& name) {
        auto same = [&](const std::string& other) { return duckdb::StringUtil::CIEquals(name, other); };
        return CoversNames(own, {name}) || std::any_of(join.using_columns.begin(), join.using_columns.end(), same);
    };
    return key && std::all_of(key->begin(), key->end(), covered);
}

void Finder::Expression(ExpressionPtr& expression) {
    switch (expression->GetExpressionClass()) {
    case duckdb::ExpressionClass::SUBQUERY:
        only_existence_ = expression->Cast<duckdb::SubqueryExpression>().subquery_type == duckdb::SubqueryType::EXISTS;
        break;
    case duckdb::ExpressionClass::FUNCTION:
        Aggregate(expression->Cast<duckdb::FunctionExpression>());
        break;
    case duckdb::ExpressionClass::WINDOW:
        Window(expression->Cast<duckdb::WindowExpression>());
        break;
    default:
        break;
    }
    TreeWalker::Expression(expression);
}

void Finder::Aggregate(const duckdb::FunctionExpression& function) {
    bool keeps = &function == unordered_ && duckdb::StringUtil::CIEquals(function.function_name, "list_distinct");
    if ((IgnoresOrder(function.function_name) || keeps) && !function.children.empty()) {
        unordered_ = function.children[0].get();
    }
    Sensitivity sensitivity = SensitivityOf(function.function_name);
    if (sensitivity == Sensitivity::Order && &function == unordered_) {
        return;
    }
    if (sensitivity != Sensitivity::None && !function.children.empty() && !AggregateIsSettled(function, sensitivity)) {
        Add(Explain(function.function_name, sensitivity), places_.At(function.GetQueryLocation()));
    }
}

bool Finder::AggregateIsSettled(const duckdb::FunctionExpression& function, Sensitivity sensitivity) const {
    const auto& argument = *function.children[0];
    if (sensitivity == Sensitivity::Approximation) {
        return false;
    }
    if (!selects_.empty() && Covers(SelectNames(*selects_.back()).GroupKeys(), argument)) {
        return true;
    }
    if (sensitivity == Sensitivity::Ties) {
        Expressions keys = function.children.size() > 1 ? PartsOf(*function.children[1]) : Expressions();
        return function.children.size() > 1 &&
               (SameExpression(argument, *function.children[1]) || (!keys.empty() && Covers(keys, argument)));
    }
    bool ordered = function.order_bys && Covers(Ordered(function.order_bys->orders), argument);
    return sensitivity != Sensitivity::Mode && (ordered || ReadsOrderedSubquery(argument));
}

/// ARRAY(SELECT x ORDER BY x) is an aggregate over the first column of an ordered subquery.
bool Finder::ReadsOrderedSubquery(const duckdb::ParsedExpression& argument) const {
    if (argument.GetExpressionClass() != duckdb::ExpressionClass::POSITIONAL_REFERENCE || selects_.empty()) {
        return false;
    }
    const auto& from = *selects_.back()->from_table;
    if (from.type != duckdb::TableReferenceType::SUBQUERY) {
        return false;
    }
    const auto& node = *from.Cast<duckdb::SubqueryRef>().subquery->node;
    Expressions orders = OrdersOf(node);
    return !orders.empty() && TellsApart(node, orders);
}

void Finder::Window(const duckdb::WindowExpression& window) {
    if (!WindowIsSettled(window)) {
        bool order = !window.orders.empty();
        Add(fmt::format("{}() over {}", window.function_name,
                        order ? "an order that may have ties" : "rows without an order"),
            places_.At(window.GetQueryLocation()));
    }
}

bool Finder::WindowIsSettled(const duckdb::WindowExpression& window) const {
    Expressions keys = Pointers(window.partitions), orders = Ordered(window.orders);
    keys.insert(keys.end(), orders.begin(), orders.end());
    Expressions groups = selects_.empty() ? Expressions() : SelectNames(*selects_.back()).GroupKeys();
    bool rows_apart = !groups.empty() && std::all_of(groups.begin(), groups.end(),
                                                     [&](const auto* group) { return Covers(keys, *group); });
    if (groups.empty() && !selects_.empty()) {
        RowKey key = KeyOfInput(*selects_.back());
        rows_apart = key && CoversNames(keys, *key);
    }
    bool argument_known = !window.children.empty() && (Covers(keys, *window.children[0]) ||
                                                       Covers(Ordered(window.arg_orders), *window.children[0]));
    switch (window.GetExpressionType()) {
    case duckdb::ExpressionType::WINDOW_ROW_NUMBER:
    case duckdb::ExpressionType::WINDOW_NTILE:
    case duckdb::ExpressionType::WINDOW_LAG:
    case duckdb::ExpressionType::WINDOW_LEAD:
        return rows_apart;
    case duckdb::ExpressionType::WINDOW_FIRST_VALUE:
    case duckdb::ExpressionType::WINDOW_LAST_VALUE:
    case duckdb::ExpressionType::WINDOW_NTH_VALUE:
        return rows_apart || (argument_known && !CountsRows(window));
    case duckdb::ExpressionType::WINDOW_AGGREGATE: {
        Sensitivity sensitivity = SensitivityOf(window.function_name);
        bool settled = sensitivity == Sensitivity::None || (sensitivity <= Sensitivity::Choice && argument_known);
        return rows_apart ? sensitivity <= Sensitivity::Choice : settled && !CountsRows(window);
    }
    default:
        return true;
    }
}

void Finder::Add(const std::string& what, std::optional<Place> place) {
    found_.push_back({what, std::move(place), columns_, columns_.empty() ? 0 : position_});
}

} // namespace

std::vector<Undetermined> FindUndetermined(duckdb::SelectStatement& statement, const QueryPlaces& places) {
    Finder finder(places);
    finder.Root(*statement.node);
    return finder.Take();
}

} // namespace freshet
