#include "selftest/query_generator.hpp"

#include "selftest/marked_text.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

Query QueryGenerator::WithSubqueries(int depth) {
    From from = Joined(depth);
    std::vector<Typed> list = SelectList(from.scope, 3);
    bool value = random_.Chance(45);
    if (value) {
        list.push_back(SubqueryValue(from.scope));
    }
    std::string where;
    if (!value || random_.Chance(40)) {
        std::string condition = SubqueryCondition(from.scope);
        if (random_.Chance(25)) {
            std::string more =
                InOrder({random_.Word({" OR ", " AND "}), Expressions(random_, from.scope).Predicate(1)});
            condition = fmt::format("({}{})", condition, marked::Optional(more));
        }
        where = marked::Optional(" WHERE " + condition);
    }
    return Select("", list, " FROM " + from.text + where, from.rows);
}

std::string QueryGenerator::SubqueryCondition(const Scope& outer) {
    switch (random_.Weighted({4, 4, 3})) {
    case 0:
        return Membership(outer);
    case 1:
        return Existence(outer);
    default: {
        Typed value = ScalarSubquery(outer);
        Expressions expressions(random_, outer);
        auto number = expressions.NumberColumn(false);
        if (!number || !IsNumber(value.type)) {
            return value.text + random_.Word({" IS NULL", " IS NOT NULL"});
        }
        return fmt::format("{} {} {}", number->text, random_.Word({">", "<=", "=", "<>"}), value.text);
    }
    }
}

/// A subquery where a value stands: its truth may be NULL, and no row leaves.
Typed QueryGenerator::SubqueryValue(const Scope& outer) {
    if (random_.Chance(60)) {
        return ScalarSubquery(outer);
    }
    Feature("subquery as a value");
    return {random_.Chance(50) ? Membership(outer) : Existence(outer), Type::Boolean};
}

std::string QueryGenerator::Membership(const Scope& outer) {
    if (random_.Chance(15)) {
        return RowMembership(outer);
    }
    From inner = Table();
    Typed member = random_.Pick(inner.scope);
    Scope alike;
    for (const auto& column : outer) {
        if (AreComparable(column.type, member.type)) {
            alike.push_back(column);
        }
    }
    std::string left = alike.empty() ? Expressions(random_, outer).OfType(Type::Varchar) : random_.Pick(alike).text;
    std::string right = alike.empty() ? Expressions(random_, inner.scope).OfType(Type::Varchar) : member.text;
    std::string correlation =
        random_.Chance(25) ? marked::Optional(" WHERE " + Equality(inner.scope, outer)) : Where(inner.scope);
    std::string words = random_.Word({"IN", "IN", "NOT IN", "NOT IN", "= ANY", "> ANY", "<> ALL", ">= ALL"});
    bool nested = member.type == Type::List || member.type == Type::Struct || member.type == Type::Other;
    if (nested && !alike.empty() && words.starts_with(">")) { // DuckDB's answer depends on the order of rows
        words = "IN";
    }
    Feature(words.find("ALL") != std::string::npos || words.find("ANY") != std::string::npos ? "any, all"
            : words == "IN"                                                                  ? "in"
                                                                                             : "not in");
    return fmt::format("{} {} (SELECT {} FROM {}{})", left, words, right, inner.text, correlation);
}

/// Two values at once. DuckDB has no correlated ones.
std::string QueryGenerator::RowMembership(const Scope& outer) {
    Feature("rows in");
    From inner = Table();
    Expressions left(random_, outer), right(random_, inner.scope);
    std::string word = random_.Word({"IN", "NOT IN"});
    return InOrder({"(", left.OfType(Type::Integer), ", ", left.OfType(Type::Varchar), ") ", word, " (SELECT ",
                    right.OfType(Type::Integer), ", ", right.OfType(Type::Varchar), " FROM ", inner.text,
                    Where(inner.scope), ")"});
}

std::string QueryGenerator::Existence(const Scope& outer) {
    From inner = Table();
    bool negated = random_.Chance(50);
    Feature(negated ? "not exists" : "exists");
    Scope both = inner.scope;
    both.insert(both.end(), outer.begin(), outer.end());
    std::string more =
        random_.Chance(40) ? marked::Optional(" AND " + Expressions(random_, both).Predicate(1)) : std::string();
    std::string condition = random_.Chance(85) ? Equality(inner.scope, outer)
                                               : InOrder({Expressions(random_, inner.scope).OfType(Type::Integer),
                                                          " > ", Expressions(random_, outer).OfType(Type::Integer)});
    return fmt::format("{}EXISTS (SELECT 1 FROM {} WHERE {}{})", negated ? "NOT " : "", inner.text, condition, more);
}

Typed QueryGenerator::ScalarSubquery(const Scope& outer) {
    From inner = Table();
    Typed aggregate = random_.Chance(50) ? NumberAggregate(inner.scope) : OtherAggregate(inner.scope);
    bool correlated = random_.Chance(60);
    Feature(correlated ? "correlated scalar subquery" : "scalar subquery");
    std::string where = Where(inner.scope);
    if (correlated) {
        where = " WHERE " + Equality(inner.scope, outer);
        if (random_.Chance(30)) {
            where += marked::Optional(" AND " + Expressions(random_, inner.scope).Predicate(1));
        }
    }
    return {fmt::format("(SELECT {} FROM {}{})", aggregate.text, inner.text, where), aggregate.type};
}

Query QueryGenerator::Lateral(int depth) {
    Feature("lateral");
    From from = Item(depth);
    From inner = Table();
    Typed aggregate = Aggregate(inner.scope);
    std::string alias = Alias();
    std::vector<Typed> list = SelectList(from.scope, 3);
    list.push_back({alias + ".m", aggregate.type});
    std::string rest = InOrder({" FROM ", from.text, ", LATERAL (SELECT ", aggregate.text, " AS m FROM ", inner.text,
                                " WHERE ", Equality(inner.scope, from.scope), ") AS ", alias, Where(from.scope)});
    return Select("", list, rest, from.rows);
}

} // namespace freshet::selftest
