#pragma once

#include <string>

namespace freshet {

/// Does a type, as DuckDB prints it, hold a STRUCT whose fields have no names, such as (a, b) gives? No table can have
/// a column of it, and its text doesn't parse.
bool HasUnnamedStruct(const std::string& type);

/// Is it a type of structs, maps, lists or arrays, as DuckDB prints it?
bool IsNested(const std::string& type);

/// The element's type of a list type as DuckDB prints it; empty for other types.
std::string ElementOfList(const std::string& type);

} // namespace freshet
