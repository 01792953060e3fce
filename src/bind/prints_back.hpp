#pragma once

#include <duckdb/main/client_context.hpp>
#include <duckdb/parser/statement/select_statement.hpp>

namespace freshet {

/// DuckDB prints parse trees but doesn't promise that they read back: throws Error (Binding) where the text would be
/// bound to something else, which would be computed wrongly. The same text is no proof, for types of literals aren't
/// printed. What can't be bound at all passes.
void CheckPrintsBack(duckdb::ClientContext& context, const duckdb::SelectStatement& statement);

} // namespace freshet
