#include "plan/representatives.hpp"

#include "base/aggregate_sensitivity.hpp"
#include "base/netting.hpp"
#include "plan/rewrite.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <map>
#include <set>

namespace freshet::plan {

namespace {

bool IsOneOf(const std::string& text, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

bool IsFloat(const std::string& type) {
    return type == "DOUBLE" || type == "FLOAT";
}

bool IsNumber(const std::string& type) {
    return IsFloat(type) || type.find("INT") == 0 || type.starts_with("DECIMAL(") ||
           IsOneOf(type, {"TINYINT", "SMALLINT", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
                          "BOOLEAN"});
}

bool IsExtreme(const std::string& function) {
    return function == "min" || function == "max";
}

/// Do equal arguments give equal values?
bool RespectsEquality(const Expr& expr) {
    switch (expr.kind) {
    case ExprKind::Cast:
        return IsNumber(expr.type) && IsNumber(expr.args[0]->type);
    case ExprKind::Function:
        return (IsOneOf(expr.text, {"+", "-", "*"}) && EqualityIsLoose(expr.type)) ||
               IsOneOf(expr.text,
                       {"abs",  "round",         "floor",        "ceil",          "ceiling",        "trunc",
                        "sqrt", "greatest",      "least",        "isnan",         "isinf",          "isfinite",
                        "sign", "list_value",    "list_extract", "array_extract", "struct_extract", "struct_pack",
                        "len",  "list_contains", "list_distinct"});
    case ExprKind::Lambda:
        return false;
    default:
        return true; // comparisons, conditions, choices
    }
}

Determined Of(const Expr& expr, const std::vector<Determined>& columns) {
    if (expr.kind == ExprKind::Column) {
        return columns[static_cast<size_t>(expr.column)];
    }
    auto worst = Determined::Fully;
    for (const auto& arg : expr.args) {
        worst = std::max(worst, Of(*arg, columns));
    }
    if (worst != Determined::UpToEquality) {
        return worst;
    }
    if (expr.kind == ExprKind::Function && expr.text == "/" && IsFloat(expr.type)) {
        return Of(*expr.args[1], columns) == Determined::Fully ? Determined::UpToEquality : Determined::UpToSign;
    }
    if (!RespectsEquality(expr)) {
        return Determined::No;
    }
    return EqualityIsLoose(expr.type) ? Determined::UpToEquality : Determined::Fully;
}

/// Does the call give one of the values that it is called with, whatever stands for those that are equal to it?
bool GivesOneOfEqual(const AggregateCall& call) {
    auto sensitivity = SensitivityOf(call.function);
    bool by_place = sensitivity == Sensitivity::Order || sensitivity == Sensitivity::Choice;
    return IsExtreme(call.function) || (by_place && !call.order_by.empty());
}

bool GivesOneOfEqual(const WindowCall& call) {
    bool by_place = IsOneOf(call.function, {"first_value", "last_value", "nth_value"});
    bool by_itself = call.order_by.size() == 1 && !call.args.empty() && Same(call.order_by[0].expression, call.args[0]);
    return IsExtreme(call.function) || (by_place && by_itself);
}

/// A column of a projection, made to be one of several equal values.
using Output = std::pair<const Node*, size_t>;

/// Follows each distinct node once.
class Follower {
public:
    explicit Follower(std::set<Output> made) : made_(std::move(made)) {}

    const Determination& Follow(const NodePtr& node) {
        auto known = known_.find(node.get());
        if (known != known_.end()) {
            return known->second;
        }
        Determination out;
        std::vector<Determined> input;
        for (const auto& child : node->inputs) {
            const auto& own = Follow(child);
            input.insert(input.end(), own.columns.begin(), own.columns.end());
            out.rows = std::max(out.rows, own.rows);
            out.worst = std::max(out.worst, own.worst);
        }
        for (const auto& expr : Deciding(*node)) {
            out.rows = std::max(out.rows, Of(*expr, input));
        }
        out.columns = Columns(*node, input);
        for (const auto& expr : ExpressionsOf(*node)) {
            out.worst = std::max(out.worst, Of(*expr, input));
        }
        for (auto column : out.columns) {
            out.worst = std::max(out.worst, column);
        }
        return known_[node.get()] = out;
    }

private:
    /// Expressions that decide which rows there are.
    static std::vector<ExprPtr> Deciding(const Node& node) {
        bool decides = node.kind == NodeKind::Filter || node.kind == NodeKind::Join || node.kind == NodeKind::TopK;
        return decides                            ? ExpressionsOf(node)
               : node.kind == NodeKind::Aggregate ? node.As<Aggregate>().groups
                                                  : std::vector<ExprPtr>{};
    }

    std::vector<Determined> Columns(const Node& node, const std::vector<Determined>& input) const {
        std::vector<Determined> columns;
        auto add = [&](const ExprPtr& expr) { columns.push_back(Of(*expr, input)); };
        switch (node.kind) {
        case NodeKind::Project: {
            const auto& expressions = node.As<Project>().expressions;
            std::for_each(expressions.begin(), expressions.end(), add);
            for (size_t i = 0; i < columns.size(); i++) {
                columns[i] = made_.count({&node, i}) > 0 ? Determined::Fully : columns[i];
            }
            return columns;
        }
        case NodeKind::Aggregate:
            for (const auto& group : node.As<Aggregate>().groups) {
                auto own = EqualityIsLoose(group->type) ? Determined::UpToEquality : Determined::Fully;
                columns.push_back(std::max(own, Of(*group, input)));
            }
            for (const auto& call : node.As<Aggregate>().calls) {
                columns.push_back(call.settled ? WorstOf(ReadsOf(call), input) : OfCall(call, input));
            }
            return columns;
        case NodeKind::Window:
            columns = input;
            for (const auto& call : node.As<Window>().calls) {
                columns.push_back(OfCall(call, input));
            }
            return columns;
        case NodeKind::UnionAll:
            columns.resize(node.columns.size());
            for (size_t i = 0; i < input.size(); i++) {
                columns[i % columns.size()] = std::max(columns[i % columns.size()], input[i]);
            }
            return columns;
        case NodeKind::Unnest: {
            columns = input;
            const auto& lists = node.As<Unnest>().lists;
            std::for_each(lists.begin(), lists.end(), add);
            return columns;
        }
        default:
            columns = input;
            columns.resize(node.columns.size());
            return columns;
        }
    }

    static Determined WorstOf(const std::vector<ExprPtr>& expressions, const std::vector<Determined>& input) {
        auto worst = Determined::Fully;
        for (const auto& expr : expressions) {
            worst = std::max(worst, Of(*expr, input));
        }
        return worst;
    }

    /// Sums of equal numbers are the same.
    template <class Call>
    static Determined OfCall(const Call& call, const std::vector<Determined>& input) {
        auto worst = WorstOf(ReadsOf(call), input);
        bool loose = !call.args.empty() && EqualityIsLoose(call.args[0]->type);
        bool one_of_them = loose && GivesOneOfEqual(call);
        if (worst == Determined::UpToEquality || (worst == Determined::Fully && one_of_them)) {
            bool nested = !IsFloat(call.type) && EqualityIsLoose(call.type);
            return one_of_them || nested                     ? Determined::UpToEquality
                   : IsOneOf(call.type, {"VARCHAR", "JSON"}) ? Determined::No
                                                             : Determined::Fully;
        }
        return worst;
    }

    std::set<Output> made_;
    std::map<const Node*, Determination> known_;
};

/// The floating-point numbers that equal others and are told apart from them, by their texts, and those others.
struct Twins {
    const char* negative;
    const char* positive;
};
constexpr std::array<Twins, 2> kTwins = {{{"-0.0", "0.0"}, {"-nan", "nan"}}};

/// 1 for that number, else NULL.
ExprPtr IsNegative(const ExprPtr& number, const Twins& twins) {
    auto is = Compare("=", TextOf(number), Literal(fmt::format("'{}'", twins.negative), "VARCHAR"));
    return Call(ExprKind::Case, "INTEGER", {is, Literal("1", "INTEGER"), Literal("CAST(NULL AS INTEGER)", "INTEGER")});
}

/// A number; of twins the negative one where there is one. `negatives`: how many there are, for each of kTwins.
ExprPtr ByTwins(const ExprPtr& number, const std::vector<ExprPtr>& negatives) {
    auto literal = [&](const char* text) {
        return Literal(fmt::format("CAST('{}' AS {})", text, number->type), number->type);
    };
    ExprPtr shown = number;
    for (size_t i = 0; i < kTwins.size(); i++) {
        auto some = Compare(">", negatives[i], Literal("CAST(0 AS BIGINT)", "BIGINT"));
        auto twin =
            Call(ExprKind::Case, number->type, {some, literal(kTwins[i].negative), literal(kTwins[i].positive)});
        shown = Call(ExprKind::Case, number->type, {Compare("=", number, literal(kTwins[i].positive)), twin, shown});
    }
    return shown;
}

/// first(x ORDER BY x, x::VARCHAR)
AggregateCall FirstInOrder(const ExprPtr& value, bool greatest) {
    AggregateCall first;
    first.function = "first";
    first.args = {value};
    first.type = first.argument_type = value->type;
    first.order_by = {value, TextOf(value)};
    first.order_sql_suffix = {greatest ? " DESC NULLS LAST" : " ASC NULLS LAST", " ASC NULLS LAST"};
    first.settled = true;
    return first;
}

template <class Call>
bool IsLooseExtreme(const Call& call) {
    return IsExtreme(call.function) && call.args.size() == 1 && EqualityIsLoose(call.args[0]->type);
}

/// Replaces operators, and remembers what it put in their place.
class Determiner {
public:
    explicit Determiner(const IsInexact& inexact) : inexact_(inexact) {}

    NodePtr Replace(const NodePtr& node) {
        switch (node->kind) {
        case NodeKind::Aggregate:
            return OverAggregate(node->As<Aggregate>(), node);
        case NodeKind::Window:
            return OverWindow(node->As<Window>(), node);
        default:
            return node;
        }
    }

    std::set<Output> made;

private:
    NodePtr Made(const NodePtr& below, const std::vector<ExprPtr>& outputs, const std::set<size_t>& settled,
                 const Node& instead_of) {
        auto node = MakeProject(below, outputs, NamesOf(instead_of.columns));
        for (size_t output : settled) {
            made.insert({node.get(), output});
        }
        return node;
    }

    static AggregateCall CountOfNegatives(const ExprPtr& number, const Twins& twins, const ExprPtr& filter) {
        AggregateCall count;
        count.function = "count";
        count.args = {IsNegative(number, twins)};
        count.filter = filter;
        count.type = "BIGINT";
        count.argument_type = "INTEGER";
        return count;
    }

    template <class Call>
    bool IsToSettle(const Node& node, const Call& call) const {
        return IsLooseExtreme(call) && !inexact_(node, call.args[0]);
    }

    NodePtr OverAggregate(const Aggregate& aggregate, const NodePtr& node) {
        auto outputs = AllColumns(aggregate);
        auto calls = aggregate.calls;
        auto names = NamesOf(aggregate.columns);
        std::set<size_t> settled;
        auto more = [&](const AggregateCall& call) {
            calls.push_back(call);
            names.emplace_back("representative");
            return ColumnRef(static_cast<int>(aggregate.groups.size() + calls.size()) - 1, call.type);
        };
        auto by_twins = [&](size_t output, const ExprPtr& value, const ExprPtr& filter) {
            std::vector<ExprPtr> negatives;
            for (const Twins& twins : kTwins) {
                negatives.push_back(more(CountOfNegatives(value, twins, filter)));
            }
            outputs[output] = ByTwins(outputs[output], negatives);
            settled.insert(output);
        };
        for (size_t i = 0; i < aggregate.groups.size(); i++) {
            const auto& group = aggregate.groups[i];
            if (IsFloat(group->type)) {
                by_twins(i, group, nullptr);
            } else if (EqualityIsLoose(group->type)) {
                outputs[i] = more(FirstInOrder(group, false));
            }
        }
        for (size_t i = 0; i < aggregate.calls.size(); i++) {
            const auto& call = aggregate.calls[i];
            if (!IsToSettle(aggregate, call)) {
                continue;
            }
            if (IsFloat(call.args[0]->type)) {
                by_twins(aggregate.groups.size() + i, call.args[0], call.filter);
            } else {
                calls[i] = FirstInOrder(call.args[0], call.function == "max");
                calls[i].filter = call.filter;
            }
        }
        bool same = calls.size() == aggregate.calls.size() &&
                    std::none_of(aggregate.calls.begin(), aggregate.calls.end(),
                                 [&](const auto& call) { return IsToSettle(aggregate, call); });
        return same ? node
                    : Made(MakeAggregate(aggregate.inputs[0], aggregate.groups, calls, names), outputs, settled, *node);
    }

    /// Over each frame. There is no such count for other types than numbers.
    NodePtr OverWindow(const Window& window, const NodePtr& node) {
        auto outputs = AllColumns(window);
        auto calls = window.calls;
        size_t width = window.inputs[0]->columns.size();
        std::vector<std::string> names;
        std::set<size_t> settled;
        for (size_t i = 0; i < window.calls.size(); i++) {
            names.push_back(window.columns[width + i].name);
        }
        for (size_t i = 0; i < window.calls.size(); i++) {
            const auto& call = window.calls[i];
            if (!IsToSettle(window, call) || !IsFloat(call.args[0]->type)) {
                continue;
            }
            std::vector<ExprPtr> negatives;
            for (const Twins& twins : kTwins) {
                WindowCall count = call;
                count.function = "count";
                count.args = {IsNegative(call.args[0], twins)};
                count.type = "BIGINT";
                count.distinct = false;
                calls.push_back(count);
                names.emplace_back("representative");
                negatives.push_back(ColumnRef(static_cast<int>(width + calls.size()) - 1, "BIGINT"));
            }
            outputs[width + i] = ByTwins(outputs[width + i], negatives);
            settled.insert(width + i);
        }
        return calls.size() == window.calls.size()
                   ? node
                   : Made(MakeWindow(window.inputs[0], window.partitions, calls, names), outputs, settled, *node);
    }

    const IsInexact& inexact_;
};

} // namespace

Determination DeterminationOf(const NodePtr& root) {
    return Follower({}).Follow(root);
}

DeterminedPlan DetermineRepresentatives(const NodePtr& root, bool keeps_rows, const IsInexact& inexact) {
    if (DeterminationOf(root).worst <= (keeps_rows ? Determined::Fully : Determined::UpToEquality)) {
        return {root, true};
    }
    Determiner determiner(inexact);
    auto determined = Rewrite(root, [&](const NodePtr& node) { return determiner.Replace(node); });
    return {determined, Follower(determiner.made).Follow(determined).worst <= Determined::UpToEquality};
}

} // namespace freshet::plan
