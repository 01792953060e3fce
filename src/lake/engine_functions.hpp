#pragma once

namespace duckdb {
class DatabaseInstance;
}

namespace freshet {

/// Registers the scalar functions that generated SQL uses:
/// freshet_avg(sum DECIMAL(38,s), count BIGINT) -> DOUBLE finishes avg as DuckDB does, in long double:
/// (long double) unscaled sum / (count * 10^s); NULL where count is 0. Sum divided by count in SQL differs in the last
/// bit for a quarter of the groups. freshet_avg_double does the same in double, as DuckDB does for 16-bit arguments.
/// freshet_moment_now() and the like (kMomentPrefix) stand for the data timestamp in what is only bound: an error where
/// they are evaluated.
void RegisterEngineFunctions(duckdb::DatabaseInstance& database);

} // namespace freshet
