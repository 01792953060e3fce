#include "selftest/bulk_insert.hpp"

#include "selftest/values.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

/// A value of its own for each number i. DOUBLE has multiples of 0.25 only, so that sums don't depend on the order.
std::string Numbered(Type type) {
    switch (type) {
    case Type::Decimal:
        return "i * 0.25";
    case Type::Double:
        return "i::DOUBLE / 4";
    case Type::Varchar:
        return "'r' || i";
    case Type::Date:
        return "DATE '2024-01-01' + (i % 4000)::INTEGER";
    case Type::Timestamp:
        return "TIMESTAMP '2024-01-01' + to_minutes(i)";
    case Type::List:
        return "[i, i % 7]";
    case Type::Struct:
        return "{'a': i, 'b': 'r' || i % 50}";
    case Type::Boolean:
        return "i % 3 = 0";
    default:
        return "i";
    }
}

std::string Value(Random& random, Type type, bool key) {
    size_t kind = random.Weighted({70, key ? 0 : 20, key ? 0 : 10});
    if (kind == 2) {
        return "NULL";
    }
    std::string often = LiteralOrNull(random, type);
    if (kind == 1) {
        return fmt::format("CASE i % 10 WHEN 0 THEN {} WHEN 1 THEN {} ELSE {} END", Literal(random, type),
                           LiteralOrNull(random, type), often);
    }
    int64_t rarely = random.Between(150, 600);
    return fmt::format("CASE WHEN i % {} = 1 THEN {} ELSE {} END", rarely, often, Numbered(type));
}

} // namespace

std::string BulkInsert(Random& random, const Relation& table, int64_t first, int64_t rows) {
    std::string columns, values;
    for (size_t i = 0; i < table.columns.size(); i++) {
        bool key = i < 2; // by which tables are joined
        columns += (i ? ", " : "") + table.columns[i].name;
        values += (i ? ", " : "") + Value(random, table.columns[i].type, key);
    }
    return fmt::format("INSERT INTO {} ({}) SELECT {} FROM range({}, {}) AS numbers(i)", table.text, columns, values,
                       first, first + rows);
}

} // namespace freshet::selftest
