#include "base/caseless.hpp"
#include "selftest/query_generator.hpp"

#include "selftest/marked_text.hpp"
#include "selftest/values.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

constexpr int kDeepest = 2; ///< of queries inside queries

/// An integer below `end` that every millisecond changes.
std::string Moment(int end) {
    return fmt::format("CAST(epoch_ms({}) % {} AS INTEGER)", marked::kNow, end);
}

} // namespace

Query QueryGenerator::Make(int depth) {
    using Maker = Query (QueryGenerator::*)(int);
    static const std::vector<std::pair<int, Maker>> makers = {
        {12, &QueryGenerator::Plain},        {24, &QueryGenerator::Aggregated},
        {16, &QueryGenerator::Windowed},     {16, &QueryGenerator::WithSubqueries},
        {11, &QueryGenerator::SetOperation}, {7, &QueryGenerator::WithCte},
        {6, &QueryGenerator::TopK},          {4, &QueryGenerator::DistinctOn},
        {5, &QueryGenerator::Unnested},      {4, &QueryGenerator::Lateral},
        {3, &QueryGenerator::Asof},          {1, &QueryGenerator::Recursive}};
    std::vector<int> weights;
    for (const auto& [weight, maker] : makers) {
        weights.push_back(weight);
    }
    Maker maker = makers[random_.Weighted(weights)].second;
    // What nests goes only so deep.
    return (this->*(depth < kDeepest ? maker : &QueryGenerator::Plain))(depth);
}

Query QueryGenerator::Select(const std::string& distinct, const std::vector<Typed>& list, const std::string& rest,
                             double rows) {
    Query query;
    query.rows = rows;
    query.text = "SELECT " + distinct;
    for (size_t i = 0; i < list.size(); i++) {
        std::string name = fmt::format("c{}", i);
        std::string item = fmt::format("{} AS {}", list[i].text, name);
        query.text += i == 0 ? item : marked::Optional(", " + item);
        query.columns.push_back({name, list[i].type});
    }
    query.text += rest;
    return query;
}

std::vector<Typed> QueryGenerator::SelectList(const Scope& scope, int most) {
    Expressions expressions(random_, scope);
    std::vector<Typed> list = {expressions.AnyColumn()};
    int64_t more = random_.Between(1, most) - 1;
    for (int64_t i = 0; i < more; i++) {
        list.push_back(expressions.Any());
    }
    return list;
}

std::string QueryGenerator::Where(const Scope& scope) {
    if (!random_.Chance(45)) {
        return "";
    }
    if (std::string moving = random_.Chance(12) ? MovingCondition(scope) : ""; !moving.empty()) {
        Feature("moving filter");
        return marked::Optional(" WHERE " + moving);
    }
    Feature("filter");
    return marked::Optional(" WHERE " + Expressions(random_, scope).Predicate());
}

/// A condition that milliseconds change, back and forth. Empty where no column can be compared so.
std::string QueryGenerator::MovingCondition(const Scope& scope) {
    Expressions expressions(random_, scope);
    const auto compare = [&] { return random_.Word({" < ", " >= ", " > ", " <= ", " = "}); };
    std::string condition;
    if (auto time = expressions.ColumnOf(Type::Timestamp)) {
        condition = InOrder({*time, compare(), "TIMESTAMP '2023-12-31' + to_hours(", Moment(96), ")"});
    } else if (auto day = expressions.ColumnOf(Type::Date)) {
        condition = InOrder({*day, compare(), "DATE '2023-12-20' + ", Moment(120)});
    } else if (auto number = expressions.ColumnOf(Type::Integer)) {
        condition = random_.Chance(30) ? *number + " BETWEEN " + Moment(7) + " - 3 AND " + Moment(9)
                                       : InOrder({*number, random_.Word({"", " % 3"}), compare(), Moment(5)});
    }
    if (condition.empty() || random_.Chance(60)) {
        return condition;
    }
    return InOrder({random_.Word({"", "NOT "}), "(", condition,
                    marked::Optional(InOrder({random_.Word({" AND ", " OR "}), expressions.Predicate()})), ")"});
}

QueryGenerator::From QueryGenerator::Derived(const Query& query) {
    std::string alias = Alias();
    From from{fmt::format("({}) AS {}", query.text, alias), {}, query.rows};
    for (const auto& column : query.columns) {
        from.scope.push_back({alias + "." + column.name, column.type});
    }
    return from;
}

Query QueryGenerator::Plain(int depth) {
    From from = Joined(depth);
    bool distinct = random_.Chance(25);
    if (distinct) {
        Feature("distinct");
    }
    std::vector<Typed> list = SelectList(from.scope, 4);
    return Select(distinct ? "DISTINCT " : "", list, " FROM " + from.text + Where(from.scope), from.rows);
}

Query QueryGenerator::TopK(int depth) {
    Feature(depth == 0 ? "top-k" : "top-k inside");
    From from = random_.Chance(50) ? Derived(Make(depth + 1)) : Joined(depth);
    std::vector<Typed> list = SelectList(from.scope, 4);
    Scope chosen;
    for (size_t i = 0; i < list.size(); i++) {
        chosen.push_back({fmt::format("c{}", i), list[i].type});
    }
    int64_t limit = random_.Between(1, 6);
    std::string offset = random_.Chance(30) ? marked::Optional(fmt::format(" OFFSET {}", random_.Between(1, 3))) : "";
    std::string rest = InOrder({" FROM ", from.text, Where(from.scope), " ORDER BY ",
                                Expressions(random_, chosen).TotalOrder(), " LIMIT ", std::to_string(limit), offset});
    return Select("", list, rest, static_cast<double>(limit));
}

Query QueryGenerator::DistinctOn(int depth) {
    Feature("distinct on");
    From from = Item(depth);
    Expressions expressions(random_, from.scope);
    std::string key = expressions.Key().text;
    std::vector<Typed> list = SelectList(from.scope, 4);
    std::string order = key; // then everything, so that equal choices are equal rows
    for (const auto& column : from.scope) {
        order += ", " + expressions.Ordered(column.text);
    }
    return Select(fmt::format("DISTINCT ON ({}) ", key), list,
                  fmt::format(" FROM {}{} ORDER BY {}", from.text, Where(from.scope), order), from.rows);
}

Query QueryGenerator::Unnested(int depth) {
    Feature("unnest");
    From from = Item(depth);
    Expressions expressions(random_, from.scope);
    std::string alias = Alias();
    std::vector<Typed> columns = SelectList(from.scope, 3);
    if (random_.Chance(15)) {
        Feature("lateral range");
        columns.push_back({alias + ".e", Type::Bigint});
        std::string count = expressions.OfType(Type::Integer);
        return Select("", columns,
                      fmt::format(" FROM {}, range({} % 4) AS {}(e){}", from.text, count, alias, Where(from.scope)),
                      from.rows * 2);
    }
    bool text = random_.Chance(50);
    bool numbered = random_.Chance(30);
    std::string list =
        text ? fmt::format("string_split({}, ' ')", expressions.OfType(Type::Varchar)) : ListOfIntegers(from.scope);
    columns.push_back({alias + ".e", text ? Type::Varchar : Type::Integer});
    if (numbered) {
        columns.push_back({alias + ".o", Type::Bigint});
    }
    std::string names = numbered ? fmt::format(" WITH ORDINALITY AS {}(e, o)", alias) : fmt::format(" AS {}(e)", alias);
    return Select("", columns, fmt::format(" FROM {}, unnest({}){}{}", from.text, list, names, Where(from.scope)),
                  from.rows * 2);
}

std::string QueryGenerator::ListOfIntegers(const Scope& scope) {
    Expressions expressions(random_, scope);
    std::string list = InOrder({"[", expressions.OfType(Type::Integer), ", ", expressions.OfType(Type::Integer), "]"});
    if (random_.Chance(50)) {
        return list;
    }
    Feature("lambda");
    std::string outside = expressions.OfType(Type::Integer);
    return random_.Chance(50) ? fmt::format("list_transform({}, lambda x: coalesce(x, 1) + {})", list, outside)
                              : fmt::format("list_filter({}, lambda x: x >= {})", list, outside);
}

Query QueryGenerator::SetOperation(int depth) {
    std::string operation =
        random_.Word({"UNION ALL", "UNION ALL", "UNION", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"});
    std::vector<Type> types;
    for (int64_t i = random_.Between(1, 3); i > 0; i--) {
        types.push_back(random_.Pick(
            std::vector<Type>{Type::Integer, Type::Integer, Type::Varchar, Type::Decimal, Type::Date, Type::Boolean}));
    }
    auto side = [&] {
        From from = random_.Chance(25) ? Derived(Make(depth + 1)) : Joined(depth);
        Expressions expressions(random_, from.scope);
        std::vector<Typed> list;
        for (Type type : types) {
            list.push_back({expressions.OfType(type), type});
        }
        return Select("", list, " FROM " + from.text + Where(from.scope), from.rows);
    };
    Query query = side();
    for (int64_t i = random_.Chance(25) ? 2 : 1; i > 0; i--) {
        Query right = side();
        Feature(Lower(operation));
        query.text = fmt::format("({}) {} ({})", query.text, operation, right.text);
        query.rows += right.rows;
        operation = random_.Word({"UNION ALL", "UNION", "EXCEPT"});
    }
    return query;
}

Query QueryGenerator::WithCte(int depth) {
    Feature("cte");
    std::string name = "w" + std::to_string(next_alias_++);
    Query common = Make(depth + 1);
    std::vector<Relation> others = relations_;
    Relation relation{name, common.columns, common.rows};
    relations_ = {relation, relation, relation, random_.Pick(others)}; // it is mostly read twice or more
    Query query = Make(depth + 1);
    relations_ = std::move(others);
    query.text = fmt::format("WITH {} AS {}({}) {}", name, random_.Word({"", "", "MATERIALIZED ", "NOT MATERIALIZED "}),
                             common.text, query.text);
    return query;
}

/// A few steps from each start; steps that meet become one, or stay several.
Query QueryGenerator::Recursive(int depth) {
    Feature("recursive cte");
    From from = Item(depth);
    std::string name = "w" + std::to_string(next_alias_++);
    std::string start = Expressions(random_, from.scope).OfType(Type::Integer);
    std::string rest = InOrder({" FROM ", from.text, Where(from.scope), random_.Word({" UNION ", " UNION ALL "}),
                                "SELECT ", name, ".c0 + 1, ", name, ".c1 + 1 FROM ", name, " WHERE ", name, ".c1 < ",
                                std::to_string(random_.Between(1, 3))});
    Query query;
    query.text =
        fmt::format("WITH RECURSIVE {0}(c0, c1) AS (SELECT {1}, 0{2}) SELECT {0}.c0 AS c0, {0}.c1 AS c1 FROM {0}", name,
                    start, rest);
    query.columns = {{"c0", Type::Integer}, {"c1", Type::Integer}};
    query.rows = from.rows * 3;
    return query;
}

} // namespace freshet::selftest
