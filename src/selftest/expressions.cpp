#include "selftest/expressions.hpp"

#include "selftest/marked_text.hpp"
#include "selftest/values.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

constexpr int kDeepest = 2; ///< of nested conditions

} // namespace

std::optional<std::string> Expressions::ColumnOf(Type type) {
    std::vector<std::string> found;
    for (const auto& column : scope_) {
        if (column.type == type) {
            found.push_back(column.text);
        }
    }
    return found.empty() ? std::nullopt : std::optional(random_.Pick(found));
}

std::optional<Typed> Expressions::NumberColumn(bool summable) {
    std::vector<Typed> found;
    for (const auto& column : scope_) {
        if (summable ? IsSummable(column.type) : IsNumber(column.type)) {
            found.push_back(column);
        }
    }
    return found.empty() ? std::nullopt : std::optional(random_.Pick(found));
}

Typed Expressions::Any() {
    if (random_.Chance(60)) {
        return AnyColumn();
    }
    if (random_.Chance(40)) {
        if (auto text = ColumnOf(Type::Varchar)) {
            return {TextFunction(*text), Type::Varchar};
        }
    }
    if (random_.Chance(15)) {
        return {Comparison(), Type::Boolean};
    }
    return Number();
}

Typed Expressions::Number() {
    auto column = NumberColumn(false);
    if (!column) {
        return {"length(CAST(" + AnyColumn().text + " AS VARCHAR))", Type::Bigint};
    }
    return random_.Chance(50) ? *column : NumberFunction(*column);
}

Typed Expressions::NumberFunction(const Typed& number) {
    switch (random_.Between(0, 6)) {
    case 0:
        return {fmt::format("{} + {}", number.text, random_.Between(1, 3)), number.type};
    case 1:
        return {fmt::format("coalesce({}, {})", number.text, random_.Between(0, 9)), number.type};
    case 2:
        return {fmt::format("CASE WHEN {} THEN {} ELSE {} END", Predicate(kDeepest), number.text, "NULL"), number.type};
    case 3:
        return {fmt::format("nullif({}, {})", number.text, random_.Between(0, 2)), number.type};
    case 4:
        return {"abs(" + number.text + ")", number.type};
    case 5:
        return {number.text + " * 2", number.type};
    default:
        bool integer = number.type == Type::Integer || number.type == Type::Bigint;
        return {number.text + (integer ? " % 3" : " - 1"), number.type};
    }
}

std::string Expressions::TextFunction(const std::string& text) {
    switch (random_.Between(0, 4)) {
    case 0:
        return "upper(" + text + ")";
    case 1:
        return text + " || '+'";
    case 2:
        return "substr(" + text + ", 1, 1)";
    case 3:
        return "coalesce(" + text + ", 'none')";
    default:
        return fmt::format("concat({}, '-', {})", text, OfType(Type::Integer));
    }
}

std::string Expressions::OfType(Type type) {
    if (auto column = ColumnOf(type)) {
        return random_.Chance(85) ? *column : fmt::format("coalesce({}, {})", *column, Literal(random_, type));
    }
    if (type == Type::Boolean) {
        return "(" + Comparison() + ")";
    }
    auto number = NumberColumn(false);
    if (type == Type::Varchar) {
        return fmt::format("CAST({} AS VARCHAR)", number && IsSummable(number->type) ? number->text : "'v'");
    }
    if (type == Type::Date) {
        auto integer = ColumnOf(Type::Integer);
        return integer ? fmt::format("DATE '2024-01-01' + CAST({} % 100 AS INTEGER)", *integer)
                       : Literal(random_, type);
    }
    return number ? fmt::format("TRY_CAST({} AS {})", number->text, SqlType(type))
                  : fmt::format("CAST({} AS {})", Literal(random_, type), SqlType(type));
}

Typed Expressions::Key() {
    if (auto integer = random_.Chance(50) ? ColumnOf(Type::Integer) : std::nullopt) {
        return random_.Chance(80) ? Typed{*integer, Type::Integer} : Typed{*integer + " % 2", Type::Integer};
    }
    return random_.Chance(85) ? AnyColumn() : Any();
}

std::string Expressions::Comparison() {
    Typed column = AnyColumn();
    switch (random_.Between(0, column.type == Type::Other ? 0 : 6)) {
    case 0:
        return column.text + random_.Word({" IS NULL", " IS NOT NULL"});
    case 1:
        return InOrder({column.text, " IN (", Literal(random_, column.type), ", ", Literal(random_, column.type), ")"});
    case 2:
        return InOrder({column.text, random_.Word({" IS DISTINCT FROM ", " IS NOT DISTINCT FROM "}),
                        Literal(random_, column.type)});
    case 3:
        if (column.type == Type::Varchar) {
            return column.text + random_.Word({" LIKE 'a%'", " LIKE '%b%'", " NOT LIKE '%a'"});
        }
        break;
    case 4:
        if (auto other = NumberColumn(false); other && IsNumber(column.type)) {
            return fmt::format("{} {} {}", column.text, random_.Word({"<", ">=", "<>"}), other->text);
        }
        break;
    default:
        break;
    }
    return InOrder(
        {column.text, random_.Word({" = ", " <> ", " < ", " > ", " <= ", " >= "}), Literal(random_, column.type)});
}

std::string Expressions::Predicate(int depth) {
    if (depth < kDeepest && random_.Chance(30)) {
        std::string word = random_.Word({" AND ", " OR "});
        return InOrder({"(", Predicate(depth + 1), marked::Optional(word + Predicate(depth + 1)), ")"});
    }
    return random_.Chance(10) ? "NOT (" + Comparison() + ")" : Comparison();
}

std::string Expressions::Ordered(const std::string& expression) {
    return expression + random_.Word({"", "", " DESC", " NULLS FIRST", " DESC NULLS LAST"});
}

std::string Expressions::TotalOrder() {
    Scope columns = scope_;
    random_.Shuffle(columns);
    std::string order;
    for (const auto& column : columns) {
        order += (order.empty() ? "" : ", ") + Ordered(column.text);
    }
    return order;
}

} // namespace freshet::selftest
