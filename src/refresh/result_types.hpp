#pragma once

#include "base/identifier.hpp"
#include "bind/source.hpp"
#include "lake/session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// Throws UnsupportedType for a result column whose type the lake can't store (with the cast to use).
void CheckResultColumns(const std::vector<Column>& columns);

/// Throws InexactValue if a value in `content` (SQL of a relation) does not survive storage: Parquet keeps HUGEINT and
/// UHUGEINT as DOUBLE, INTERVAL in milliseconds and without negative parts, TIMETZ without its offset (measured).
void CheckStorableValues(Session& session, const TableName& table, const std::vector<Column>& columns,
                         const std::string& content);

/// Has any column a type of which some values don't survive storage?
bool NeedValueCheck(const std::vector<Column>& columns);

/// Can a stored column of type `from` become `to` by ALTER ... SET DATA TYPE?
bool Widens(const std::string& from, const std::string& to);

} // namespace freshet
