#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace freshet {

/// One value of a result as it leaves the engine: integers up to 64 bits, finite doubles, booleans and NULL keep their
/// kind; everything else (DECIMAL, HUGEINT, dates, lists, structs, nan, inf) is the text that DuckDB casts it to.
using Value = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string>;

struct Column {
    std::string name;
    std::string type; ///< as DuckDB prints it, e.g. DECIMAL(15,2)

    bool operator==(const Column&) const = default;
};

/// A small result, held whole: bulk data never leaves the engine.
struct Table {
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;
};

inline bool IsNull(const Value& value) {
    return std::holds_alternative<std::monostate>(value);
}
/// Integer content of a value; 0 for NULL. Precondition: the column is of an integer type.
int64_t AsInt(const Value& value);
/// Text of a value; "" for NULL.
std::string AsText(const Value& value);

} // namespace freshet
