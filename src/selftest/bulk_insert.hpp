#pragma once

#include "selftest/random.hpp"
#include "selftest/relation.hpp"

#include <cstdint>
#include <string>

namespace freshet::selftest {

/// More rows than DuckDB handles at once (a vector of 2,048): some of its operators go other ways then, and files have
/// statistics that let it skip them.
inline constexpr int64_t kManyRows = 2500;

/// A relation whose content is of that order of magnitude.
inline bool HasManyRows(double rows) {
    return rows >= kManyRows / 5.0;
}

/// One statement that inserts `rows` rows, numbered from `first`, in one file. Values of a column are nearly all
/// different from each other, or few and skewed, or NULL throughout. Two such columns have few values in common but for
/// rows of the same number, so that joins by equality stay small.
std::string BulkInsert(Random& random, const Relation& table, int64_t first, int64_t rows);

} // namespace freshet::selftest
