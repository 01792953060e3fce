#include "base/identifier.hpp"
#include "base/type_name.hpp"
#include "delta/rules.hpp"

#include <algorithm>
#include <fmt/format.h>

// Filters whose predicate p depends on the data timestamp t, such as ts > now() - INTERVAL 7 DAY. Between t0 and t1
// rows come and leave by time alone:
//
//   d(filter_p A) = filter_p(t1) dA  +  filter_p(t1) A0  -  filter_p(t0) A0
//
// where the last two differ only in rows for which p(t0) and p(t1) do. For x < e(t) and the like these have x between
// e(t0) and e(t1), whatever e is, so that files and row groups outside of that range are never read.
//
// It is the rule of a join with a table of one row, the moment, that is replaced: Zhou, Larson, Goldstein, Ding,
// "Dynamic Materialized Views", ICDE 2007, treat parameters of predicates so (control tables).

namespace freshet::delta {

namespace {

using plan::ExprKind;
using plan::ExprPtr;

/// "x BETWEEN the lesser AND the greater", true where a bound is NULL. The bounds are cast to `type`, if any, and lie
/// `slack` further apart at both ends.
std::string Between(const std::string& value, const std::string& a, const std::string& b, const std::string& type,
                    const std::string& slack = "") {
    auto bound = [&](const char* which, const char* outwards) {
        std::string sql = fmt::format("{}({}, {})", which, a, b);
        sql += slack.empty() ? "" : fmt::format(" {} {}", outwards, slack);
        return type.empty() ? sql : fmt::format("CAST({} AS {})", sql, type);
    };
    return fmt::format("({} BETWEEN {} AND {} OR {} IS NULL OR {} IS NULL)", value, bound("least", "-"),
                       bound("greatest", "+"), a, b);
}

constexpr const char* kClocksSetBack =
    "CASE WHEN current_setting('TimeZone') = 'UTC' THEN INTERVAL 0 DAY ELSE INTERVAL 2 DAY END";

bool IsInstant(const std::string& type) {
    return type == "TIMESTAMP" || type == "TIMESTAMP WITH TIME ZONE";
}

/// The range in which `value` has to be for its comparison with `moment` to have another outcome, as SQL. The range of
/// a column that is cast to a time stands for that of the cast: its statistics prune. Where the cast applies a zone,
/// clocks may be set back meanwhile, which the slack allows for.
std::string RangeOf(const ExprPtr& value, const std::string& before, const std::string& after,
                    const std::function<std::string(int)>& column_sql) {
    std::string range = Between(plan::ToSql(value, column_sql), before, after, "");
    if (value->kind != ExprKind::Cast || value->try_cast || !IsInstant(value->type)) {
        return range;
    }
    const auto& source = value->args[0];
    if (source->type != "DATE" && source->type != "TIMESTAMP") {
        return range;
    }
    const char* slack = value->type == "TIMESTAMP" ? "" : kClocksSetBack;
    return Between(plan::ToSql(source, column_sql), before, after, source->type, slack) + " AND " + range;
}

/// Where rows must lie for a predicate to have another outcome at another moment, as SQL; "true" if that isn't known.
class Ranges {
public:
    Ranges(std::string before, std::string after, std::function<std::string(int)> column_sql)
        : before_(std::move(before)), after_(std::move(after)), column_sql_(std::move(column_sql)) {}

    std::string Of(const ExprPtr& predicate) const {
        const auto& args = predicate->args;
        if (predicate->kind == ExprKind::Comparison) {
            return plan::IsTimely(args[1]) ? Pair(args[0], args[1]) : Pair(args[1], args[0]);
        }
        if (predicate->kind == ExprKind::Between) {
            std::string lower = plan::IsTimely(args[1]) ? Pair(args[0], args[1]) : "";
            std::string upper = plan::IsTimely(args[2]) ? Pair(args[0], args[2]) : "";
            return lower.empty() || upper.empty() ? lower + upper : fmt::format("(({}) OR ({}))", lower, upper);
        }
        return "true";
    }

private:
    std::string Pair(const ExprPtr& value, const ExprPtr& moment) const {
        // nor does DuckDB compare structs and lists by BETWEEN
        if (plan::IsTimely(value) || !plan::ColumnsOf(moment).empty() || IsNested(value->type)) {
            return "true";
        }
        auto at = [&](const std::string& timestamp) {
            return plan::ToSql(plan::AtMoment(moment, timestamp), column_sql_);
        };
        return RangeOf(value, at(before_), at(after_), column_sql_);
    }

    std::string before_;
    std::string after_;
    std::function<std::string(int)> column_sql_;
};

} // namespace

bool IsMoving(const plan::Node& node) {
    if (node.kind != plan::NodeKind::Filter) {
        return false;
    }
    const auto& predicates = node.As<plan::Filter>().predicates;
    return std::any_of(predicates.begin(), predicates.end(), plan::IsTimely);
}

std::string Rules::MovedRows(const plan::NodePtr& node) {
    std::string before = MomentSql(emit::Side::Old), after = MomentSql(emit::Side::New);
    if (before == after) {
        return "";
    }
    Note(node, "moving filter");
    auto column_sql = emit::ColumnsFrom(node->columns, "t");
    Ranges ranges(before, after, column_sql);
    std::vector<ExprPtr> then, now, steady;
    std::string moved;
    for (const auto& predicate : node->As<plan::Filter>().predicates) {
        if (!plan::IsTimely(predicate)) {
            steady.push_back(predicate);
            continue;
        }
        then.push_back(plan::AtMoment(predicate, before));
        now.push_back(plan::AtMoment(predicate, after));
        moved += fmt::format("{}({})", moved.empty() ? "" : " OR ", ranges.Of(predicate));
    }
    std::string is_in = fmt::format("(({}) IS TRUE)", emit::Conjunction(now, column_sql));
    std::string was_in = fmt::format("(({}) IS TRUE)", emit::Conjunction(then, column_sql));
    return fmt::format("SELECT {}, CAST(CASE WHEN {} THEN 1 ELSE -1 END AS TINYINT) AS {} FROM ({}) AS t "
                       "WHERE {} AND ({}) AND {} <> {}",
                       emit::ColumnList(node->columns, "t"), is_in, QuoteIdentifier(kWeight),
                       emit::SelectSql(node->inputs[0], emit::Side::Old, *this), emit::Conjunction(steady, column_sql),
                       moved, is_in, was_in);
}

} // namespace freshet::delta
