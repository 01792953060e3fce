#pragma once

#include "bind/tree_walker.hpp"

namespace duckdb {
class MacroCatalogEntry;
class ScalarMacroCatalogEntry;
class TableMacroCatalogEntry;
} // namespace duckdb

namespace freshet {

/// The macro's body with the call's arguments in place of its parameters. Parts of the body have no location, arguments
/// keep theirs. Throws duckdb::BinderException if no overload takes the arguments.
ExpressionPtr ExpandScalarMacro(duckdb::ClientContext& context, duckdb::ScalarMacroCatalogEntry& macro,
                                const duckdb::FunctionExpression& call);
duckdb::unique_ptr<duckdb::QueryNode> ExpandTableMacro(duckdb::ClientContext& context,
                                                       duckdb::TableMacroCatalogEntry& macro,
                                                       const duckdb::FunctionExpression& call);

/// All overloads as SQL text, for the fingerprint.
std::string MacroText(const duckdb::MacroCatalogEntry& macro);

} // namespace freshet
