#include "selftest/query_generator.hpp"

#include "selftest/marked_text.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

Query QueryGenerator::Windowed(int depth) {
    From from = random_.Chance(25) ? Derived(Make(depth + 1)) : Joined(depth);
    std::vector<Typed> list = SelectList(from.scope, 3);
    std::string rest = " FROM " + from.text + Where(from.scope);
    bool placed = random_.Chance(25);
    if (placed) {
        Feature("qualify");
        std::string place = PlacedFunction(from.scope, Partition(from.scope)).text;
        rest += marked::Optional(fmt::format(" QUALIFY {} <= {}", place, random_.Between(1, 3)));
        if (random_.Chance(60)) {
            return Select("", list, rest, from.rows);
        }
    }
    for (int64_t i = random_.Between(1, 2); i > 0; i--) {
        list.push_back(WindowFunction(from.scope, placed));
    }
    return Select("", list, rest, from.rows);
}

std::string QueryGenerator::Partition(const Scope& scope) {
    if (random_.Chance(35)) {
        Feature("window without partition");
        return "";
    }
    Feature("window");
    Expressions expressions(random_, scope);
    std::string keys = expressions.Key().text;
    return "PARTITION BY " + keys + (random_.Chance(25) ? marked::Optional(", " + expressions.Key().text) : "") + " ";
}

/// Copies of a row get different values from a function that counts places. Which copy gets which doesn't matter as
/// long as there is one such function: of two, the values that meet in one row are not determined.
Typed QueryGenerator::WindowFunction(const Scope& scope, bool& placed) {
    std::string partition = Partition(scope);
    size_t kind = random_.Weighted({4, 4, 3});
    if (kind == 0 || placed) {
        return PeerFunction(scope, partition);
    }
    placed = true;
    return kind == 1 ? PlacedFunction(scope, partition) : FramedFunction(scope, partition);
}

/// Rows that tie in the order get one value.
Typed QueryGenerator::PeerFunction(const Scope& scope, const std::string& partition) {
    Expressions expressions(random_, scope);
    std::string order = "ORDER BY " + expressions.Ordered(expressions.Key().text);
    switch (random_.Between(0, 6)) {
    case 0:
        return {fmt::format("rank() OVER ({}{})", partition, order), Type::Bigint};
    case 1:
        return {fmt::format("dense_rank() OVER ({}{})", partition, order), Type::Bigint};
    case 2:
        return {fmt::format("{}() OVER ({}{})", random_.Word({"cume_dist", "percent_rank"}), partition, order),
                Type::Ratio};
    case 3: {
        Typed aggregate = NumberAggregate(scope);
        return {fmt::format("{} OVER ({})", aggregate.text, partition), aggregate.type};
    }
    default: {
        Typed aggregate = random_.Chance(60) ? NumberAggregate(scope) : OtherAggregate(scope);
        return {fmt::format("{} OVER ({}{})", aggregate.text, partition, order), aggregate.type};
    }
    }
}

/// Ordered by every column: rows that tie are equal, so that it doesn't matter which of them comes first.
Typed QueryGenerator::PlacedFunction(const Scope& scope, const std::string& partition) {
    Expressions expressions(random_, scope);
    std::string over = fmt::format("OVER ({}ORDER BY {})", partition, expressions.TotalOrder());
    Typed column = expressions.AnyColumn();
    switch (random_.Between(0, 7)) {
    case 0:
        return {fmt::format("ntile({}) {}", random_.Between(2, 4), over), Type::Bigint};
    case 1:
    case 2: {
        Typed number = expressions.Number();
        return {fmt::format("{}({}) {}", random_.Word({"lag", "lead"}), number.text, over), number.type};
    }
    case 3: {
        Typed number = expressions.Number();
        return {fmt::format("first_value({}) {}", number.text, over), number.type};
    }
    case 4:
        return {fmt::format("rank() {}", over), Type::Bigint};
    default:
        return {"row_number() " + over, Type::Bigint};
    }
}

Typed QueryGenerator::FramedFunction(const Scope& scope, const std::string& partition) {
    Feature("window frame");
    Expressions expressions(random_, scope);
    Typed aggregate = random_.Chance(60) ? NumberAggregate(scope) : OtherAggregate(scope);
    std::string bounds = random_.Word({"BETWEEN 1 PRECEDING AND 1 FOLLOWING", "BETWEEN 2 PRECEDING AND CURRENT ROW",
                                       "BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING", "UNBOUNDED PRECEDING",
                                       "BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING"});
    std::string exclude =
        random_.Chance(25) ? marked::Optional(random_.Word({" EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES"}))
                           : "";
    auto integer = expressions.ColumnOf(Type::Integer);
    if (integer && random_.Chance(40)) {
        return {fmt::format("{} OVER ({}ORDER BY {} RANGE {}{})", aggregate.text, partition,
                            expressions.Ordered(*integer), bounds, exclude),
                aggregate.type};
    }
    if (random_.Chance(30)) {
        return {fmt::format("{} OVER ({}ORDER BY {} GROUPS {}{})", aggregate.text, partition,
                            expressions.Ordered(expressions.Key().text), bounds, exclude),
                aggregate.type};
    }
    return {fmt::format("{} OVER ({}ORDER BY {} ROWS {}{})", aggregate.text, partition, expressions.TotalOrder(),
                        bounds, exclude),
            aggregate.type};
}

} // namespace freshet::selftest
