#pragma once

#include <string>
#include <vector>

namespace duckdb {
class ClientContext;
}

namespace freshet {

/// Columns of what a query's FROM calls by that name where it is a CTE, subquery or view, as far as they are known
/// without binding: not those behind a star. For hints. `text` is one query that parses. Throws what DuckDB's catalog
/// throws.
std::vector<std::string> DerivedColumns(duckdb::ClientContext& context, const std::string& text,
                                        const std::string& name);

} // namespace freshet
