#pragma once

#include "bind/definition.hpp"
#include "bind/name_resolver.hpp"

namespace freshet {

/// Parts of a resolved query whose result the input bag does not determine. Conservative: what might be tied is taken
/// for tied, since the lake has no keys.
std::vector<Undetermined> FindUndetermined(duckdb::SelectStatement& statement, const QueryPlaces& places);

} // namespace freshet
