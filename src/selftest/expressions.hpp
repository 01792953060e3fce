#pragma once

#include "selftest/random.hpp"
#include "selftest/relation.hpp"

#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet::selftest {

/// An expression with what it gives. `text` is marked.
struct Typed {
    std::string text;
    Type type = Type::Integer;
};

/// The columns that an expression may use, as it writes them: a3.i1.
using Scope = std::vector<Typed>;

/// Makes expressions that bind, over one scope, without subqueries. Every scope has a column.
class Expressions {
public:
    Expressions(Random& random, const Scope& scope) : random_(random), scope_(scope) {}

    /// Mostly a column.
    Typed Any();
    Typed Number();
    /// Of exactly this type; a cast where there is no better way. Not Huge, Ratio or Other.
    std::string OfType(Type type);
    /// One whose values are worth grouping and joining by.
    Typed Key();
    /// A condition. Nested ones may be left out one by one.
    std::string Predicate(int depth = 0);

    std::optional<std::string> ColumnOf(Type type);
    std::optional<Typed> NumberColumn(bool summable);
    Typed AnyColumn() { return random_.Pick(scope_); }
    /// Every column, in any order and direction: what ties in it is the same row.
    std::string TotalOrder();
    /// One ORDER BY item.
    std::string Ordered(const std::string& expression);

private:
    std::string Comparison();
    std::string TextFunction(const std::string& text);
    Typed NumberFunction(const Typed& number);

    Random& random_;
    const Scope& scope_;
};

} // namespace freshet::selftest
