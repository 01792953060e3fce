#include "selftest/relation.hpp"

namespace freshet::selftest {

bool IsNumber(Type type) {
    return type <= Type::Ratio;
}

bool IsSummable(Type type) {
    return type <= Type::Double;
}

bool AreComparable(Type left, Type right) {
    return left == right || (IsNumber(left) && IsNumber(right));
}

const char* SqlType(Type type) {
    switch (type) {
    case Type::Integer:
        return "INTEGER";
    case Type::Bigint:
        return "BIGINT";
    case Type::Decimal:
        return "DECIMAL(9, 2)";
    case Type::Double:
        return "DOUBLE";
    case Type::Date:
        return "DATE";
    case Type::Boolean:
        return "BOOLEAN";
    default:
        return "VARCHAR";
    }
}

} // namespace freshet::selftest
