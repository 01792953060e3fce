#include "emit/relation.hpp"

#include "base/identifier.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <functional>

namespace freshet::emit {

using plan::ExprKind;
using plan::ExprPtr;
using plan::NodeKind;
using plan::NodePtr;

std::string ColumnList(const std::vector<Column>& columns, const std::string& from) {
    std::string out;
    for (const auto& column : columns) {
        out += fmt::format("{}{}.{}", out.empty() ? "" : ", ", from, QuoteIdentifier(column.name));
    }
    return out;
}

std::function<std::string(int)> ColumnsFrom(const std::vector<Column>& columns, const std::string& from) {
    return [&columns, from](int column) {
        return from + "." + QuoteIdentifier(columns[static_cast<size_t>(column)].name);
    };
}

std::string Conjunction(const std::vector<ExprPtr>& predicates, const std::function<std::string(int)>& column_sql) {
    std::string out;
    for (const auto& predicate : predicates) {
        out += (out.empty() ? "" : " AND ") + plan::ToSql(predicate, column_sql);
    }
    return out.empty() ? "true" : out;
}

std::string WithinRanges(const std::string& relation, const std::string& key, const std::vector<ValueRange>& ranges) {
    std::string all;
    for (const auto& range : ranges) {
        all += fmt::format("{}SELECT * FROM {} AS t WHERE {} BETWEEN {} AND {}", all.empty() ? "" : " UNION ALL ",
                           relation, key, range.from, range.to);
    }
    return "(" + all + ")";
}

namespace {

/// The input that alone an expression reads, or -1.
int OwnerOf(const plan::Node& node, const ExprPtr& expr) {
    auto columns = plan::ColumnsOf(expr);
    if (columns.empty()) {
        return -1;
    }
    for (size_t i = 0; i < node.inputs.size(); i++) {
        if (*columns.begin() >= plan::InputOffset(node, i) && *columns.rbegin() < plan::InputOffset(node, i + 1)) {
            return static_cast<int>(i);
        }
    }
    return -1;
}

ExprPtr Through(const ExprPtr& expr, const std::vector<ExprPtr>& expressions) {
    return plan::Substitute(expr,
                            [&](int column, const std::string&) { return expressions[static_cast<size_t>(column)]; });
}

/// "SEMI JOIN keys AS k ON ..." for rows under alias `from`.
std::string SemiJoinText(const Restriction& restriction, const std::function<std::string(int)>& column_sql) {
    std::string on;
    for (size_t i = 0; i < restriction.expressions.size(); i++) {
        on +=
            fmt::format("{}{} {} k.{}", i ? " AND " : "", plan::ToSql(restriction.expressions[i], column_sql),
                        restriction.null_safe ? "IS NOT DISTINCT FROM" : "=", QuoteIdentifier(restriction.columns[i]));
    }
    return fmt::format(" SEMI JOIN {} AS k ON {}", restriction.table, on.empty() ? "true" : on);
}

/// Does a restriction by these keys take whole partitions?
bool OnPartitions(const plan::Window& window, const std::vector<ExprPtr>& keys) {
    return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const auto& key) {
        return std::any_of(window.partitions.begin(), window.partitions.end(),
                           [&](const auto& partition) { return plan::Same(partition, key); });
    });
}

/// Builds SELECT texts recursively. One function per operator; each gives exactly the restricted rows.
class Builder {
public:
    Builder(Side side, const Relations& relations) : side_(side), relations_(relations) {}

    std::string Select(const NodePtr& node, const std::optional<Restriction>& restriction) {
        if (auto kept = relations_.MaintainedSql(*node, side_)) {
            return Restricted(node->columns, *kept, restriction);
        }
        switch (node->kind) {
        case NodeKind::Scan:
            return SelectScan(node->As<plan::Scan>(), restriction);
        case NodeKind::Constants:
            return Restricted(node->columns, Wrap(ConstantsSql(node->As<plan::Constants>())), restriction);
        case NodeKind::Filter:
            return SelectFilter(node, restriction);
        case NodeKind::Project:
            return SelectProject(node, restriction);
        case NodeKind::Join:
            return SelectJoin(node, restriction);
        case NodeKind::Aggregate:
            return SelectAggregate(node, restriction);
        case NodeKind::Window:
            return SelectWindow(node, restriction);
        case NodeKind::UnionAll:
            return SelectUnion(node, restriction);
        case NodeKind::Unnest:
            return SelectUnnest(node, restriction);
        case NodeKind::TopK:
        case NodeKind::Domain:
            break;
        }
        return Restricted(node->columns, Wrap(SelectTopK(node->As<plan::TopK>())), restriction);
    }

private:
    static std::string Wrap(const std::string& select) { return "(" + select + ")"; }

    /// SELECT columns FROM relation, restricted here.
    static std::string Restricted(const std::vector<Column>& columns, const std::string& relation,
                                  const std::optional<Restriction>& restriction) {
        std::string sql = fmt::format("SELECT {} FROM {} AS t", ColumnList(columns, "t"), relation);
        return restriction ? sql + SemiJoinText(*restriction, ColumnsFrom(columns, "t")) : sql;
    }

    std::string SelectScan(const plan::Scan& scan, const std::optional<Restriction>& restriction) {
        auto names = relations_.SourceSql(scan.source, side_);
        std::string list;
        const auto& from = scan.source_names;
        for (size_t i = 0; i < scan.columns.size(); i++) {
            list += fmt::format("{}t.{}", i ? ", " : "", QuoteIdentifier(from[i]));
            if (from[i] != scan.columns[i].name) {
                list += " AS " + QuoteIdentifier(scan.columns[i].name);
            }
        }
        auto column_sql = [&](int column) { return "t." + QuoteIdentifier(from[static_cast<size_t>(column)]); };
        if (!restriction) {
            return fmt::format("SELECT {} FROM {} AS t", list, names);
        }
        return fmt::format("SELECT {} FROM {} AS t", list, InRanges(names, *restriction, column_sql)) +
               SemiJoinText(*restriction, column_sql);
    }

    /// A source, pruned by ranges of one of its columns if they are known.
    static std::string InRanges(const std::string& source, const Restriction& restriction,
                                const std::function<std::string(int)>& column_sql) {
        for (size_t i = 0; i < restriction.ranges.size(); i++) {
            const auto& key = restriction.expressions[i];
            if (!restriction.ranges[i].empty() && key->kind == ExprKind::Column) {
                return WithinRanges(source, column_sql(key->column), restriction.ranges[i]);
            }
        }
        return source;
    }

    /// Predicates that call functions (LIKE, string functions) wait until a restricted scan has dropped most rows;
    /// DuckDB would push them into the scan and evaluate them for every row.
    /// Where computing the keys may fail, as a cast of text may for rows that the predicates leave out, the restriction
    /// waits instead.
    std::string SelectFilter(const NodePtr& node, const std::optional<Restriction>& restriction) {
        const auto& predicates = node->As<plan::Filter>().predicates;
        std::vector<ExprPtr> cheap, dear;
        bool may_fail = restriction && std::any_of(restriction->expressions.begin(), restriction->expressions.end(),
                                                   [](const auto& key) { return CastsText(key); });
        for (const auto& written : predicates) {
            auto predicate = plan::IsTimely(written) ? plan::AtMoment(written, relations_.MomentSql(side_)) : written;
            bool late = restriction && !may_fail && node->inputs[0]->kind == NodeKind::Scan && CallsFunction(predicate);
            (late ? dear : cheap).push_back(predicate);
        }
        std::string columns = ColumnList(node->columns, "t");
        auto column_sql = ColumnsFrom(node->columns, "t");
        if (may_fail) {
            return fmt::format("SELECT {0} FROM (SELECT {0} FROM ({1}) AS t WHERE {2}) AS t", columns,
                               Select(node->inputs[0], std::nullopt), Conjunction(cheap, column_sql)) +
                   SemiJoinText(*restriction, column_sql);
        }
        std::string input = Select(node->inputs[0], restriction);
        if (dear.empty()) {
            return fmt::format("SELECT {} FROM ({}) AS t WHERE {}", columns, input, Conjunction(cheap, column_sql));
        }
        if (!cheap.empty()) {
            input = fmt::format("SELECT {} FROM ({}) AS t WHERE {}", columns, input, Conjunction(cheap, column_sql));
        }
        return fmt::format("WITH restricted AS MATERIALIZED ({}) SELECT {} FROM restricted AS t WHERE {}", input,
                           columns, Conjunction(dear, column_sql));
    }

    static bool CastsText(const ExprPtr& expr) {
        bool casts = expr->kind == ExprKind::Cast && !expr->try_cast && expr->type != "VARCHAR" &&
                     (expr->args[0]->type == "VARCHAR" || expr->args[0]->type == "JSON");
        return casts ||
               std::any_of(expr->args.begin(), expr->args.end(), [](const auto& arg) { return CastsText(arg); });
    }

    static bool CallsFunction(const ExprPtr& expr) {
        return expr->kind == ExprKind::Function ||
               std::any_of(expr->args.begin(), expr->args.end(), [](const auto& arg) { return CallsFunction(arg); });
    }

    std::string SelectProject(const NodePtr& node, std::optional<Restriction> restriction) {
        const auto& expressions = node->As<plan::Project>().expressions;
        if (restriction) {
            for (auto& key : restriction->expressions) {
                key = Through(key, expressions);
            }
        }
        std::string list;
        for (size_t i = 0; i < expressions.size(); i++) {
            list += fmt::format("{}{} AS {}", i ? ", " : "",
                                plan::ToSql(expressions[i], ColumnsFrom(node->inputs[0]->columns, "t")),
                                QuoteIdentifier(node->columns[i].name));
        }
        return fmt::format("SELECT {} FROM ({}) AS t", list, Select(node->inputs[0], restriction));
    }

    /// The part of a restriction that one input of a join can bear: keys over its own columns, and keys that an
    /// equality of the join carries over to it.
    std::optional<Restriction> ForInput(const plan::Join& join, size_t input, const Restriction& restriction,
                                        bool& all) const {
        Restriction part{restriction.table, {}, {}, restriction.null_safe, {}};
        int offset = plan::InputOffset(join, input);
        all = true;
        for (size_t i = 0; i < restriction.expressions.size(); i++) {
            auto own = CarryOver(join, static_cast<int>(input), restriction.expressions[i]);
            if (own) {
                part.expressions.push_back(plan::Shift(own, -offset));
                part.columns.push_back(restriction.columns[i]);
                part.ranges.push_back(i < restriction.ranges.size() ? restriction.ranges[i]
                                                                    : std::vector<ValueRange>{});
            } else {
                all = false;
            }
        }
        return part.expressions.empty() ? std::nullopt : std::optional(part);
    }

    static ExprPtr CarryOver(const plan::Join& join, int input, const ExprPtr& key) {
        if (OwnerOf(join, key) == input) {
            return key;
        }
        for (const auto& pair : EquiPairs(join)) {
            if (plan::Same(pair.left, key) && OwnerOf(join, pair.right) == input) {
                return pair.right;
            }
            if (plan::Same(pair.right, key) && OwnerOf(join, pair.left) == input) {
                return pair.left;
            }
        }
        return nullptr;
    }

    std::string SelectJoin(const NodePtr& node, const std::optional<Restriction>& restriction) {
        const auto& join = node->As<plan::Join>();
        if (join.join_kind != plan::JoinKind::Inner) {
            return SelectTwoSided(node, restriction);
        }
        bool exact = !restriction;
        std::string from;
        for (size_t i = 0; i < join.inputs.size(); i++) {
            bool all = false;
            auto part = restriction ? ForInput(join, i, *restriction, all) : std::nullopt;
            // An input that bears every key by its own columns restricts the whole join exactly.
            exact = exact || (part && all);
            from += fmt::format("{}({}) AS t{}", i ? ", " : "", Select(join.inputs[i], part), i);
        }
        auto column_sql = InputColumnSql(join);
        std::string list;
        for (size_t i = 0; i < join.columns.size(); i++) {
            list += fmt::format("{}{} AS {}", i ? ", " : "", column_sql(static_cast<int>(i)),
                                QuoteIdentifier(join.columns[i].name));
        }
        std::string sql =
            fmt::format("SELECT {} FROM {} WHERE {}", list, from, Conjunction(join.predicates, column_sql));
        return exact ? sql : Restricted(join.columns, Wrap(sql), restriction);
    }

    static std::function<std::string(int)> InputColumnSql(const plan::Join& join) {
        return [&join](int column) {
            for (size_t i = 0; i < join.inputs.size(); i++) {
                int begin = plan::InputOffset(join, i);
                if (column < plan::InputOffset(join, i + 1)) {
                    const auto& name = join.inputs[i]->columns[static_cast<size_t>(column - begin)].name;
                    return fmt::format("t{}.{}", i, QuoteIdentifier(name));
                }
            }
            return std::string();
        };
    }

    std::string SelectTwoSided(const NodePtr& node, const std::optional<Restriction>& restriction) {
        const auto& join = node->As<plan::Join>();
        std::optional<Restriction> left, right;
        bool exact = !restriction;
        int width = static_cast<int>(join.inputs[0]->columns.size());
        bool on_left = restriction && std::all_of(restriction->expressions.begin(), restriction->expressions.end(),
                                                  [&](const auto& key) { return ReadsOnlyLeft(key, width); });
        if (on_left) {
            bool all = false;
            left = ForInput(join, 0, *restriction, all);
            exact = all;
            // Right rows without a left partner decide nothing. A NULL-aware anti join looks at all of them.
            right = join.null_aware ? std::nullopt : ForInput(join, 1, *restriction, all);
        }
        std::string sql =
            TwoSidedJoinSql(join, Wrap(Select(join.inputs[0], left)), Wrap(Select(join.inputs[1], right)));
        return exact ? sql : Restricted(join.columns, Wrap(sql), restriction);
    }

    static bool ReadsOnlyLeft(const ExprPtr& key, int width) {
        auto columns = plan::ColumnsOf(key);
        return !columns.empty() && *columns.rbegin() < width;
    }

    std::string SelectAggregate(const NodePtr& node, const std::optional<Restriction>& restriction) {
        const auto& aggregate = node->As<plan::Aggregate>();
        std::optional<Restriction> below;
        if (restriction && OnGroups(aggregate, restriction->expressions)) {
            below = restriction;
            for (auto& key : below->expressions) {
                key = Through(key, aggregate.groups);
            }
        }
        std::string sql = AggregateSql(aggregate, Wrap(Select(aggregate.inputs[0], below)));
        return !restriction || below ? sql : Restricted(node->columns, Wrap(sql), restriction);
    }

    static bool OnGroups(const plan::Aggregate& aggregate, const std::vector<ExprPtr>& keys) {
        int groups = static_cast<int>(aggregate.groups.size());
        return !keys.empty() && std::all_of(keys.begin(), keys.end(), [&](const auto& key) {
            auto columns = plan::ColumnsOf(key);
            return !columns.empty() && *columns.rbegin() < groups;
        });
    }

    std::string SelectWindow(const NodePtr& node, const std::optional<Restriction>& restriction) {
        const auto& window = node->As<plan::Window>();
        bool below = restriction && OnPartitions(window, restriction->expressions);
        std::string sql = WindowSql(window, Wrap(Select(window.inputs[0], below ? restriction : std::nullopt)));
        return !restriction || below ? sql : Restricted(node->columns, Wrap(sql), restriction);
    }

    std::string SelectUnion(const NodePtr& node, const std::optional<Restriction>& restriction) {
        std::string out;
        for (const auto& input : node->inputs) {
            std::string list;
            for (size_t i = 0; i < node->columns.size(); i++) {
                list += fmt::format("{}t.{} AS {}", i ? ", " : "", QuoteIdentifier(input->columns[i].name),
                                    QuoteIdentifier(node->columns[i].name));
            }
            out += fmt::format("{}SELECT {} FROM ({}) AS t", out.empty() ? "" : " UNION ALL ", list,
                               Select(input, restriction));
        }
        return out;
    }

    std::string SelectUnnest(const NodePtr& node, const std::optional<Restriction>& restriction) {
        const auto& input = node->inputs[0];
        int width = static_cast<int>(input->columns.size());
        bool below = restriction && std::all_of(restriction->expressions.begin(), restriction->expressions.end(),
                                                [&](const auto& key) { return ReadsOnlyLeft(key, width); });
        std::string sql =
            UnnestSql(node->As<plan::Unnest>(), Wrap(Select(input, below ? restriction : std::nullopt)), "");
        return !restriction || below ? sql : Restricted(node->columns, Wrap(sql), restriction);
    }

    static std::string ConstantsSql(const plan::Constants& constants) {
        std::string out;
        auto none = [](int) { return std::string(); };
        for (const auto& row : constants.rows) {
            std::string list;
            for (size_t i = 0; i < row.size(); i++) {
                list += fmt::format("{}CAST({} AS {}) AS {}", i ? ", " : "", plan::ToSql(row[i], none),
                                    constants.columns[i].type, QuoteIdentifier(constants.columns[i].name));
            }
            out += (out.empty() ? "SELECT " : " UNION ALL SELECT ") + list;
        }
        return out;
    }

    std::string SelectTopK(const plan::TopK& top) { return TopKSql(top, Wrap(Select(top.inputs[0], std::nullopt))); }

    Side side_;
    const Relations& relations_;
};

} // namespace

std::string WindowSql(const plan::Window& window, const std::string& input_sql) {
    const auto& input = window.inputs[0]->columns;
    std::string columns = ColumnList(input, "t");
    std::string list = columns;
    for (size_t i = 0; i < window.calls.size(); i++) {
        list += fmt::format(", {} AS {}", plan::WindowToSql(window.calls[i], ColumnsFrom(input, "t"), columns),
                            QuoteIdentifier(window.columns[input.size() + i].name));
    }
    return fmt::format("SELECT {} FROM {} AS t", list, input_sql);
}

std::string UnnestSql(const plan::Unnest& unnest, const std::string& input_sql, const std::string& extra) {
    const auto& input = unnest.inputs[0]->columns;
    std::string list = ColumnList(input, "t");
    for (size_t i = 0; i < unnest.lists.size(); i++) {
        list += fmt::format(", unnest({}) AS {}", plan::ToSql(unnest.lists[i], ColumnsFrom(input, "t")),
                            QuoteIdentifier(unnest.columns[input.size() + i].name));
    }
    return fmt::format("SELECT {}{} FROM {} AS t", list, extra, input_sql);
}

std::string TopKSql(const plan::TopK& top, const std::string& input_sql) {
    std::string order = plan::SortKeysToSql(top.keys, ColumnsFrom(top.columns, "t"));
    // All columns behind the keys make the choice among ties the same every time.
    for (const auto& column : top.columns) {
        order += fmt::format("{}t.{}", order.empty() ? "" : ", ", QuoteIdentifier(column.name));
    }
    std::string sql = fmt::format("SELECT {} FROM {} AS t ORDER BY {}", ColumnList(top.columns, "t"), input_sql, order);
    sql += top.limit >= 0 ? fmt::format(" LIMIT {}", top.limit) : "";
    sql += top.offset > 0 ? fmt::format(" OFFSET {}", top.offset) : "";
    // DuckDB 1.5 carries the keys of a join down below LIMIT, where they would change which rows are the first.
    return fmt::format("WITH top AS MATERIALIZED ({}) SELECT * FROM top", sql);
}

std::vector<EquiPair> EquiPairs(const plan::Join& join) {
    std::vector<EquiPair> pairs;
    for (const auto& predicate : join.predicates) {
        bool equality = predicate->kind == ExprKind::Comparison &&
                        (predicate->text == "=" || predicate->text == "IS NOT DISTINCT FROM");
        if (!equality) {
            continue;
        }
        int left = OwnerOf(join, predicate->args[0]);
        int right = OwnerOf(join, predicate->args[1]);
        if (left < 0 || right < 0 || left == right) {
            continue;
        }
        bool ordered = left < right;
        pairs.push_back({ordered ? predicate->args[0] : predicate->args[1],
                         ordered ? predicate->args[1] : predicate->args[0], predicate->text != "="});
    }
    return pairs;
}

std::string AggregateSql(const plan::Aggregate& aggregate, const std::string& input_sql) {
    auto column_sql = ColumnsFrom(aggregate.inputs[0]->columns, "t");
    std::string list, groups;
    for (size_t i = 0; i < aggregate.groups.size(); i++) {
        list += fmt::format("{}{} AS {}", list.empty() ? "" : ", ", plan::ToSql(aggregate.groups[i], column_sql),
                            QuoteIdentifier(aggregate.columns[i].name));
        groups += fmt::format("{}{}", i ? ", " : " GROUP BY ", i + 1);
    }
    for (size_t i = 0; i < aggregate.calls.size(); i++) {
        list += fmt::format("{}{} AS {}", list.empty() ? "" : ", ", plan::CallToSql(aggregate.calls[i], column_sql),
                            QuoteIdentifier(aggregate.columns[aggregate.groups.size() + i].name));
    }
    return fmt::format("SELECT {} FROM {} AS t{}", list, input_sql, groups);
}

std::string TwoSidedJoinSql(const plan::Join& join, const std::string& left_sql, const std::string& right_sql,
                            const std::string& extra) {
    const auto& left = join.inputs[0]->columns;
    const auto& right = join.inputs[1]->columns;
    auto column_sql = [&](int column) {
        auto position = static_cast<size_t>(column);
        return position < left.size() ? "l." + QuoteIdentifier(left[position].name)
                                      : "r." + QuoteIdentifier(right[position - left.size()].name);
    };
    std::string list;
    bool mark = join.join_kind == plan::JoinKind::Mark;
    for (size_t i = 0; i + (mark ? 1 : 0) < join.columns.size(); i++) {
        list += fmt::format("{}{} AS {}", i ? ", " : "", column_sql(static_cast<int>(i)),
                            QuoteIdentifier(join.columns[i].name));
    }
    auto selecting = join.predicates;
    std::string test;
    if (join.null_aware) {
        auto comparison = selecting.back();
        selecting.pop_back();
        test = fmt::format("({} {} ANY (SELECT {} FROM {} AS r WHERE {}))",
                           plan::ToSql(comparison->args[0], column_sql), comparison->text,
                           plan::ToSql(comparison->args[1], column_sql), right_sql, Conjunction(selecting, column_sql));
    } else if (mark) {
        test = fmt::format("EXISTS (SELECT 1 FROM {} AS r WHERE {})", right_sql, Conjunction(selecting, column_sql));
    }
    if (mark) {
        return fmt::format("SELECT {}, {} AS {}{} FROM {} AS l", list, test, QuoteIdentifier(join.columns.back().name),
                           extra, left_sql);
    }
    if (join.null_aware) {
        return fmt::format("SELECT {}{} FROM {} AS l WHERE NOT {}", list, extra, left_sql, test);
    }
    const char* word = join.join_kind == plan::JoinKind::Left   ? "LEFT"
                       : join.join_kind == plan::JoinKind::Semi ? "SEMI"
                                                                : "ANTI";
    return fmt::format("SELECT {}{} FROM {} AS l {} JOIN {} AS r ON {}", list, extra, left_sql, word, right_sql,
                       Conjunction(join.predicates, column_sql));
}

std::string SelectSql(const NodePtr& node, Side side, const Relations& relations,
                      const std::optional<Restriction>& restriction) {
    return Builder(side, relations).Select(node, restriction);
}

bool RestrictionReachesScan(const NodePtr& node, const std::vector<ExprPtr>& keys, const Relations& relations) {
    if (keys.empty()) {
        return false;
    }
    if (relations.MaintainedSql(*node, Side::Old) || node->kind == NodeKind::Scan ||
        node->kind == NodeKind::Constants) {
        return true;
    }
    auto through = [&](const std::vector<ExprPtr>& expressions) {
        std::vector<ExprPtr> below;
        for (const auto& key : keys) {
            below.push_back(Through(key, expressions));
        }
        return RestrictionReachesScan(node->inputs[0], below, relations);
    };
    auto max_column = [&](const ExprPtr& key) {
        auto columns = plan::ColumnsOf(key);
        return columns.empty() ? -1 : *columns.rbegin();
    };
    auto all_below = [&](int width) {
        return std::all_of(keys.begin(), keys.end(), [&](const auto& key) {
            int column = max_column(key);
            return column >= 0 && column < width;
        });
    };
    switch (node->kind) {
    case NodeKind::Filter:
        return RestrictionReachesScan(node->inputs[0], keys, relations);
    case NodeKind::Project:
        return through(node->As<plan::Project>().expressions);
    case NodeKind::Aggregate:
        return all_below(static_cast<int>(node->As<plan::Aggregate>().groups.size())) &&
               through(node->As<plan::Aggregate>().groups);
    case NodeKind::Window:
        return OnPartitions(node->As<plan::Window>(), keys) && RestrictionReachesScan(node->inputs[0], keys, relations);
    case NodeKind::UnionAll:
        return std::all_of(node->inputs.begin(), node->inputs.end(),
                           [&](const auto& input) { return RestrictionReachesScan(input, keys, relations); });
    case NodeKind::Unnest:
        return all_below(static_cast<int>(node->inputs[0]->columns.size())) &&
               RestrictionReachesScan(node->inputs[0], keys, relations);
    case NodeKind::Join: {
        bool inner = node->As<plan::Join>().join_kind == plan::JoinKind::Inner;
        if (!inner) {
            return all_below(static_cast<int>(node->inputs[0]->columns.size())) &&
                   RestrictionReachesScan(node->inputs[0], keys, relations);
        }
        for (size_t i = 0; i < node->inputs.size(); i++) {
            std::vector<ExprPtr> own;
            for (const auto& key : keys) {
                if (OwnerOf(*node, key) == static_cast<int>(i)) {
                    own.push_back(plan::Shift(key, -plan::InputOffset(*node, i)));
                }
            }
            if (!own.empty() && RestrictionReachesScan(node->inputs[i], own, relations)) {
                return true;
            }
        }
        return false;
    }
    default:
        return false;
    }
}

} // namespace freshet::emit
