#pragma once

#include <string>
#include <vector>

namespace freshet::selftest {

/// Types as the grammar tells them apart. What is compared, grouped and joined must be exact, so that two ways to
/// compute it agree to the last bit.
enum class Type {
    Integer,
    Bigint,
    Huge,    ///< sums of integers
    Decimal, ///< of any width, scale 2
    Double,  ///< multiples of 0.25, NaN and infinity only: sums of them don't depend on the order
    Ratio,   ///< DOUBLE, the exactly rounded result of one division; never summed
    Varchar,
    Date,
    Timestamp,
    Boolean,
    List,   ///< of integers
    Struct, ///< of an integer and a text
    Other,  ///< lists of anything: stored, compared and grouped, no more
};

bool IsNumber(Type type);
/// Sums of it are exact.
bool IsSummable(Type type);
/// Values of both may be compared with each other.
bool AreComparable(Type left, Type right);
/// Its values can name a partition.
bool IsPartitionable(Type type);
/// As CREATE TABLE writes it. Precondition: one of the types that source columns have.
const char* SqlType(Type type);

struct ColumnInfo {
    std::string name;
    Type type = Type::Integer;
};

/// Something that FROM may name.
struct Relation {
    std::string text; ///< marked; without an alias
    std::vector<ColumnInfo> columns;
    double rows = 0;       ///< a guess, which keeps joins from exploding
    int depth = 0;         ///< 0: a source table; n: a dynamic table over tables of depth n - 1 and less
    bool dynamic = false;  ///< a dynamic table
    std::string kind = {}; ///< "view" or "table macro"; empty: a table
};

} // namespace freshet::selftest
