#include "selftest/query_generator.hpp"

#include "selftest/marked_text.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

Type SumType(Type type) {
    switch (type) {
    case Type::Integer:
    case Type::Bigint:
        return Type::Huge;
    default:
        return type;
    }
}

} // namespace

Query QueryGenerator::Aggregated(int depth) {
    From from = random_.Chance(15) ? Derived(Make(depth + 1)) : Joined(depth);
    Expressions expressions(random_, from.scope);
    std::vector<Typed> keys;
    for (size_t i = random_.Weighted({20, 45, 25, 10}); i > 0; i--) {
        keys.push_back(expressions.Key());
    }
    Feature(keys.empty() ? "aggregate of all rows" : "group by");
    std::vector<Typed> list = keys;
    for (int64_t i = random_.Between(keys.empty() ? 1 : 0, 3); i > 0; i--) {
        list.push_back(Aggregate(from.scope));
    }
    std::string rest = InOrder({" FROM ", from.text, Where(from.scope), Grouping(keys)});
    if (random_.Chance(20)) {
        Feature("having");
        rest +=
            marked::Optional(random_.Chance(50) ? " HAVING count(*) > 1"
                                                : fmt::format(" HAVING {} IS NOT NULL", Aggregate(from.scope).text));
    }
    return Select("", list, rest, keys.empty() ? 1 : from.rows / 2);
}

std::string QueryGenerator::Grouping(const std::vector<Typed>& keys) {
    if (keys.empty()) {
        return "";
    }
    std::string list;
    for (const auto& key : keys) {
        list += (list.empty() ? "" : ", ") + key.text;
    }
    switch (random_.Between(0, 9)) {
    case 0:
        Feature("rollup");
        return fmt::format(" GROUP BY ROLLUP ({})", list);
    case 1:
        Feature("cube");
        return fmt::format(" GROUP BY CUBE ({})", list);
    case 2:
        Feature("grouping sets");
        return fmt::format(" GROUP BY GROUPING SETS (({}), ({}){})", list, keys[0].text,
                           marked::Optional(random_.Chance(50) ? ", ()" : ""));
    default:
        return " GROUP BY " + list;
    }
}

Typed QueryGenerator::Aggregate(const Scope& scope) {
    Typed aggregate = OtherAggregate(scope);
    if (random_.Chance(50)) {
        aggregate = NumberAggregate(scope);
    } else if (random_.Chance(15)) {
        Feature("ordered aggregate");
        aggregate = OrderedAggregate(scope);
    }
    if (random_.Chance(15)) {
        Feature("aggregate with filter");
        aggregate.text += marked::Optional(fmt::format(" FILTER (WHERE {})", Expressions(random_, scope).Predicate(1)));
    }
    return aggregate;
}

Typed QueryGenerator::NumberAggregate(const Scope& scope) {
    auto number = Expressions(random_, scope).NumberColumn(true);
    if (!number) {
        return {"count(*)", Type::Bigint};
    }
    const std::string& column = number->text;
    switch (random_.Between(0, 7)) {
    case 0:
        return {fmt::format("avg({})", column), Type::Ratio};
    case 1:
        Feature("distinct aggregate");
        return {fmt::format("sum(DISTINCT {})", column), SumType(number->type)};
    case 2:
        return {fmt::format("min({})", column), number->type};
    case 3:
        return {fmt::format("max({})", column), number->type};
    case 4:
        return {fmt::format("median({})", column), Type::Ratio};
    default:
        return {fmt::format("sum({})", column), SumType(number->type)};
    }
}

Typed QueryGenerator::OtherAggregate(const Scope& scope) {
    Expressions expressions(random_, scope);
    Typed column = expressions.AnyColumn();
    switch (random_.Between(0, 7)) {
    case 0:
        return {fmt::format("count({})", column.text), Type::Bigint};
    case 1:
        Feature("distinct aggregate");
        return {fmt::format("count(DISTINCT {})", column.text), Type::Bigint};
    case 2:
        return {fmt::format("min({})", column.text), column.type};
    case 3:
        return {fmt::format("max({})", column.text), column.type};
    case 4:
        return {fmt::format("bool_or({})", expressions.Predicate(2)), Type::Boolean};
    case 5:
        return {fmt::format("bool_and({})", expressions.Predicate(2)), Type::Boolean};
    default:
        return {"count(*)", Type::Bigint};
    }
}

/// What decides the order is what is taken, so that ties are equal values.
Typed QueryGenerator::OrderedAggregate(const Scope& scope) {
    Expressions expressions(random_, scope);
    Typed column = expressions.AnyColumn();
    std::string order = random_.Word({"", " DESC", " NULLS FIRST"});
    switch (random_.Between(0, 3)) {
    case 0:
        return {fmt::format("list({0} ORDER BY {0}{1})", column.text, order), Type::Other};
    case 1:
        return {fmt::format("first({0} ORDER BY {0}{1})", column.text, order), column.type};
    default: {
        std::string text = expressions.OfType(Type::Varchar);
        return {fmt::format("string_agg({0}{1}, ',' ORDER BY {1})", random_.Word({"", "", "DISTINCT "}), text),
                Type::Varchar};
    }
    }
}

} // namespace freshet::selftest
