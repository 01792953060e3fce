#include "delta/accumulators.hpp"

#include "base/identifier.hpp"
#include "base/row_place.hpp"
#include "emit/relation.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <fmt/format.h>

namespace freshet::delta {

using plan::ExprKind;
using plan::ExprPtr;

namespace {

struct DecimalShape {
    int width = 0;
    int scale = 0;
};

bool IsInteger(const std::string& type) {
    static constexpr std::array kTypes = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",
                                          "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"};
    return std::any_of(kTypes.begin(), kTypes.end(), [&](const char* name) { return type == name; });
}

bool ParseDecimal(const std::string& type, DecimalShape& shape) {
    return std::sscanf(type.c_str(), "DECIMAL(%d,%d)", &shape.width, &shape.scale) == 2;
}

/// The accumulator type of a sum over `type`; empty where sums are not exact.
std::string SumType(const std::string& type) {
    DecimalShape shape;
    if (IsInteger(type)) {
        return "DECIMAL(38,0)";
    }
    return ParseDecimal(type, shape) ? fmt::format("DECIMAL(38,{})", shape.scale) : "";
}

/// DuckDB averages 16-bit values in double, wider ones in long double.
bool IsSixteenBit(const std::string& type) {
    DecimalShape shape;
    return type == "SMALLINT" || type == "TINYINT" || (ParseDecimal(type, shape) && shape.width <= 4);
}

bool IsOneOf(const std::string& text, std::initializer_list<const char*> words) {
    return std::any_of(words.begin(), words.end(), [&](const char* word) { return text == word; });
}

/// Does a value of this type come back from the lake as it was stored? DuckLake's Parquet keeps 128-bit integers as
/// DOUBLE and shortens INTERVAL and TIMETZ; some types it refuses.
bool IsStoredExactly(const std::string& type) {
    for (const char* part : {"HUGEINT", "INTERVAL", "TIME WITH TIME ZONE", "ENUM", "UNION", "BIT", "BIGNUM", "VARINT",
                             "VARIANT", "NULL", "GEOMETRY"}) {
        bool zoned_timestamp = type == "TIMESTAMP WITH TIME ZONE";
        if (!zoned_timestamp && type.find(part) != std::string::npos) {
            return false;
        }
    }
    bool fixed_array = type.size() > 2 && type.back() == ']' && type[type.size() - 2] != '[';
    return !fixed_array;
}

bool IsSupportedCall(const plan::AggregateCall& call) {
    const auto& name = call.function;
    if (name == "count_star") {
        return true;
    }
    if (IsOneOf(name, {"min", "max"})) {
        bool nested =
            call.argument_type.find('[') != std::string::npos || call.argument_type.find('(') != std::string::npos;
        bool decimal = call.argument_type.compare(0, 8, "DECIMAL(") == 0;
        return call.args.size() == 1 && (!nested || decimal) && IsStoredExactly(call.argument_type);
    }
    if (call.distinct || call.args.size() != 1) {
        return false;
    }
    if (name == "count") {
        return true;
    }
    return IsOneOf(name, {"sum", "avg"}) && !SumType(call.argument_type).empty();
}

std::string Quoted(const std::string& name) {
    return QuoteIdentifier(name);
}

} // namespace

bool Accumulators::Supports(const plan::Aggregate& aggregate) {
    bool hides_place = std::any_of(aggregate.columns.begin(), aggregate.columns.end(),
                                   [](const Column& column) { return IsRowPlace(column.name); });
    return !hides_place && std::all_of(aggregate.calls.begin(), aggregate.calls.end(), IsSupportedCall) &&
           std::all_of(aggregate.groups.begin(), aggregate.groups.end(),
                       [](const auto& group) { return IsStoredExactly(group->type); });
}

Accumulators::Accumulators(const plan::Aggregate& aggregate) : aggregate_(aggregate) {
    key_count_ = aggregate.groups.size();
    for (size_t i = 0; i < key_count_; i++) {
        columns_.push_back(aggregate.columns[i]);
    }
    columns_.push_back({kRows, "BIGINT"});
    for (const auto& call : aggregate.calls) {
        slot_of_call_.push_back(SlotFor(call));
    }
    for (size_t i = 0; i < slots_.size(); i++) {
        const auto& slot = slots_[i];
        columns_.push_back({Name("count", i), "BIGINT"});
        if (slot.sum) {
            columns_.push_back({Name("sum", i), slot.sum_type});
        }
        if (slot.least) {
            columns_.push_back({Name("min", i), slot.type});
        }
        if (slot.greatest) {
            columns_.push_back({Name("max", i), slot.type});
        }
    }
}

std::string Accumulators::Name(const char* what, size_t slot) const {
    return fmt::format("__{}_{}", what, slot);
}

/// Calls over the same argument share a slot. A filter becomes part of the argument: what it drops counts as NULL.
size_t Accumulators::SlotFor(const plan::AggregateCall& call) {
    if (call.function == "count_star" && !call.filter) {
        return 0;
    }
    ExprPtr argument = call.args.empty() ? plan::Literal("1", "INTEGER") : call.args[0];
    if (call.filter) {
        auto null = plan::Literal(fmt::format("CAST(NULL AS {})", argument->type), argument->type);
        argument = plan::Call(ExprKind::Case, argument->type, {call.filter, argument, null});
    }
    auto known = std::find_if(slots_.begin(), slots_.end(),
                              [&](const Slot& slot) { return plan::Same(slot.argument, argument); });
    if (known == slots_.end()) {
        Slot slot;
        slot.argument = argument;
        slot.type = argument->type;
        slots_.push_back(slot);
        known = slots_.end() - 1;
    }
    known->sum = known->sum || IsOneOf(call.function, {"sum", "avg"});
    known->sum_type = SumType(known->type);
    known->least = known->least || call.function == "min";
    known->greatest = known->greatest || call.function == "max";
    return static_cast<size_t>(known - slots_.begin());
}

bool Accumulators::HasExtremes() const {
    return std::any_of(slots_.begin(), slots_.end(), [](const Slot& slot) { return slot.least || slot.greatest; });
}

namespace {

/// "expr AS key, ..." and " GROUP BY 1, 2".
std::pair<std::string, std::string> GroupList(const plan::Aggregate& aggregate) {
    auto column_sql = emit::ColumnsFrom(aggregate.inputs[0]->columns, "t");
    std::string list, groups;
    for (size_t i = 0; i < aggregate.groups.size(); i++) {
        list +=
            fmt::format("{} AS {}, ", plan::ToSql(aggregate.groups[i], column_sql), Quoted(aggregate.columns[i].name));
        groups += fmt::format("{}{}", i ? ", " : " GROUP BY ", i + 1);
    }
    return {list, groups};
}

} // namespace

std::string Accumulators::FillSql(const std::string& input_sql) const {
    auto column_sql = emit::ColumnsFrom(aggregate_.inputs[0]->columns, "t");
    auto [list, groups] = GroupList(aggregate_);
    list += fmt::format("count(*) AS {}", Quoted(kRows));
    for (size_t i = 0; i < slots_.size(); i++) {
        std::string argument = plan::ToSql(slots_[i].argument, column_sql);
        list += fmt::format(", count({}) AS {}", argument, Quoted(Name("count", i)));
        if (slots_[i].sum) {
            // DuckDB sums in 128 bits whatever the argument's width: a cast of each value would triple the time.
            list += fmt::format(", CAST(coalesce(sum({0}), 0) AS {1}) AS {2}", argument, slots_[i].sum_type,
                                Quoted(Name("sum", i)));
        }
        if (slots_[i].least) {
            list += fmt::format(", min({}) AS {}", argument, Quoted(Name("min", i)));
        }
        if (slots_[i].greatest) {
            list += fmt::format(", max({}) AS {}", argument, Quoted(Name("max", i)));
        }
    }
    return fmt::format("SELECT {} FROM {} AS t{}", list, input_sql, groups);
}

std::string Accumulators::CountGroupsSql(const std::string& input_sql) const {
    auto [list, groups] = GroupList(aggregate_);
    return fmt::format("SELECT count(*) FROM (SELECT {}count(*) FROM {} AS t{})", list, input_sql, groups);
}

std::string Accumulators::FoldSql(const std::string& change_sql) const {
    auto column_sql = emit::ColumnsFrom(aggregate_.inputs[0]->columns, "t");
    auto [list, groups] = GroupList(aggregate_);
    std::string w = std::string("t.") + Quoted(kWeight);
    list += fmt::format("CAST(sum({}) AS BIGINT) AS {}", w, Quoted(kRows));
    for (size_t i = 0; i < slots_.size(); i++) {
        std::string argument = plan::ToSql(slots_[i].argument, column_sql);
        list += fmt::format(", CAST(coalesce(sum(CASE WHEN {} IS NOT NULL THEN {} END), 0) AS BIGINT) AS {}", argument,
                            w, Quoted(Name("count", i)));
        if (slots_[i].sum) {
            list += fmt::format(", CAST(coalesce(sum({0}) FILTER (WHERE {2} > 0), 0) - coalesce(sum({0}) FILTER (WHERE "
                                "{2} < 0), 0) AS {1}) AS {3}",
                                argument, slots_[i].sum_type, w, Quoted(Name("sum", i)));
        }
        for (const char* extreme : {"min", "max"}) {
            bool wanted = extreme[1] == 'i' ? slots_[i].least : slots_[i].greatest;
            if (wanted) {
                list += fmt::format(", {0}({1}) FILTER (WHERE {2} > 0) AS {3}, {0}({1}) FILTER (WHERE {2} < 0) AS {4}",
                                    extreme, argument, w, Quoted(Name(extreme, i) + "_in"),
                                    Quoted(Name(extreme, i) + "_out"));
            }
        }
    }
    std::string folded = fmt::format("SELECT {} FROM {} AS t{}", list, change_sql, groups);
    return HasExtremes() ? folded : fmt::format("SELECT * FROM ({}) AS f WHERE {}", folded, AnyChanged());
}

std::string Accumulators::AnyChanged() const {
    std::string changed = fmt::format("f.{} <> 0", Quoted(kRows));
    for (size_t i = 0; i < slots_.size(); i++) {
        changed += fmt::format(" OR f.{} <> 0", Quoted(Name("count", i)));
        changed += slots_[i].sum ? fmt::format(" OR f.{} <> 0", Quoted(Name("sum", i))) : "";
    }
    return changed;
}

std::string Accumulators::CombineSql(const std::string& folded, const std::string& old_rows, bool null_safe) const {
    std::string list, on, dirty;
    for (size_t i = 0; i < key_count_; i++) {
        std::string key = Quoted(columns_[i].name);
        list += fmt::format("f.{0} AS {0}, ", key);
        on += fmt::format("{}f.{} {} o.{}", i ? " AND " : "", key, null_safe ? "IS NOT DISTINCT FROM" : "=", key);
    }
    list += fmt::format("coalesce(o.{0}, 0) + f.{0} AS {0}", Quoted(kRows));
    for (size_t i = 0; i < slots_.size(); i++) {
        std::string count = Quoted(Name("count", i));
        list += fmt::format(", coalesce(o.{0}, 0) + f.{0} AS {0}", count);
        if (slots_[i].sum) {
            list += fmt::format(", CAST(coalesce(o.{0}, 0) + f.{0} AS {1}) AS {0}", Quoted(Name("sum", i)),
                                slots_[i].sum_type);
        }
        for (const char* extreme : {"min", "max"}) {
            bool least = extreme[1] == 'i';
            if (!(least ? slots_[i].least : slots_[i].greatest)) {
                continue;
            }
            std::string name = Quoted(Name(extreme, i));
            std::string in = "f." + Quoted(Name(extreme, i) + "_in");
            std::string out = "f." + Quoted(Name(extreme, i) + "_out");
            // The old extreme left, and no value that came is as extreme.
            dirty += fmt::format("{0}coalesce({1} {2} o.{3} AND NOT coalesce({4} {2} o.{3}, false), false)",
                                 dirty.empty() ? "" : " OR ", out, least ? "<=" : ">=", name, in);
            list += fmt::format(", CASE WHEN coalesce(o.{0}, 0) + f.{0} = 0 THEN NULL ELSE {1}(o.{2}, {3}) END AS {2}",
                                count, least ? "least" : "greatest", name, in);
        }
    }
    return fmt::format("SELECT {}, {} AS __dirty FROM {} AS f LEFT JOIN {} AS o ON {}", list,
                       dirty.empty() ? "false" : "(" + dirty + ")", folded, old_rows, on.empty() ? "true" : on);
}

std::string Accumulators::MendSql(const std::string& combined, const std::string& recomputed) const {
    std::string list, on;
    for (size_t i = 0; i < columns_.size(); i++) {
        std::string name = Quoted(columns_[i].name);
        bool extreme = columns_[i].name.compare(0, 6, "__min_") == 0 || columns_[i].name.compare(0, 6, "__max_") == 0;
        list += i ? ", " : "";
        list += i >= key_count_ && extreme ? fmt::format("CASE WHEN c.__dirty THEN r.{0} ELSE c.{0} END AS {0}", name)
                                           : fmt::format("c.{0} AS {0}", name);
        if (i < key_count_) {
            on += fmt::format("{}c.{} IS NOT DISTINCT FROM r.{}", i ? " AND " : "", name, name);
        }
    }
    return fmt::format("SELECT {}, false AS __dirty FROM {} AS c LEFT JOIN {} AS r ON {}", list, combined, recomputed,
                       on.empty() ? "true" : on);
}

std::string Accumulators::FinishCall(const plan::AggregateCall& call, size_t slot) const {
    if (call.function == "count_star" && !call.filter) {
        return "a." + Quoted(kRows);
    }
    std::string count = "a." + Quoted(Name("count", slot));
    std::string sum = "a." + Quoted(Name("sum", slot));
    if (call.function == "count" || call.function == "count_star") {
        return count;
    }
    if (call.function == "sum") {
        return fmt::format("CAST(CASE WHEN {} > 0 THEN {} END AS {})", count, sum, call.type);
    }
    if (call.function == "avg") {
        const char* finish = IsSixteenBit(call.argument_type) ? "freshet_avg_double" : "freshet_avg";
        return fmt::format("{}({}, {})", finish, sum, count);
    }
    return "a." + Quoted(Name(call.function.c_str(), slot));
}

std::string Accumulators::FinishSql(const std::string& accumulators) const {
    std::string list;
    for (size_t i = 0; i < aggregate_.columns.size(); i++) {
        std::string name = Quoted(aggregate_.columns[i].name);
        list += i ? ", " : "";
        list += i < key_count_
                    ? "a." + name
                    : fmt::format("{} AS {}",
                                  FinishCall(aggregate_.calls[i - key_count_], slot_of_call_[i - key_count_]), name);
    }
    return fmt::format("SELECT {} FROM {} AS a", list, accumulators);
}

} // namespace freshet::delta
