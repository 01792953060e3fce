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

bool IsPartitionable(Type type) {
    return type != Type::List && type != Type::Struct && type != Type::Other;
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
    case Type::Timestamp:
        return "TIMESTAMP";
    case Type::Boolean:
        return "BOOLEAN";
    case Type::List:
        return "INTEGER[]";
    case Type::Struct:
        return "STRUCT(a INTEGER, b VARCHAR)";
    default:
        return "VARCHAR";
    }
}

} // namespace freshet::selftest
