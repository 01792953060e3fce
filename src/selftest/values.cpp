#include "selftest/values.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

constexpr int kNullPercent = 20;
constexpr int kHotPercent = 60; ///< of the values are among the few that occur most

int64_t SkewedNumber(Random& random) {
    return random.Chance(kHotPercent) ? random.Between(0, 2) : random.Between(-1, 7);
}

} // namespace

std::string Literal(Random& random, Type type) {
    int64_t number = SkewedNumber(random);
    switch (type) {
    case Type::Bigint:
        return random.Chance(5) ? "3000000000" : std::to_string(number);
    case Type::Decimal:
        return fmt::format("{}.{}", number, random.Word({"00", "50", "25", "10"}));
    case Type::Double:
    case Type::Ratio:
        if (random.Chance(3)) {
            return fmt::format("'{}'::DOUBLE", random.Word({"NaN", "infinity", "-infinity"}));
        }
        return fmt::format("{}.{}::DOUBLE", number, random.Word({"0", "25", "5", "75"}));
    case Type::Varchar:
        return fmt::format("'{}'", random.Word({"a", "a", "b", "B", "", "a b", "b c a", "it''s", "é"}));
    case Type::Date:
        return fmt::format("DATE '2024-0{}-01'", random.Chance(kHotPercent) ? 1 : random.Between(1, 4));
    case Type::Timestamp:
        return fmt::format("TIMESTAMP '2024-01-0{} 00:00:00{}'", random.Chance(kHotPercent) ? 1 : random.Between(1, 4),
                           random.Word({"", ".000001"}));
    case Type::Boolean:
        return random.Word({"true", "false"});
    case Type::List:
        return random.Word({"[]::INTEGER[]", "[0]", "[1, 2]", "[2, 1]", "[1, NULL]", "[NULL]::INTEGER[]"});
    case Type::Struct:
        return fmt::format("{{'a': {}, 'b': {}}}::STRUCT(a INTEGER, b VARCHAR)", random.Word({"0", "1", "NULL"}),
                           random.Word({"'x'", "''", "NULL"}));
    default:
        return std::to_string(number);
    }
}

std::string LiteralOrNull(Random& random, Type type) {
    return random.Chance(kNullPercent) ? "NULL" : Literal(random, type);
}

} // namespace freshet::selftest
