#pragma once

#include "delta/compiler.hpp"
#include "refresh/inputs.hpp"

#include <string>
#include <vector>

namespace freshet {

/// An input as it is after the refresh, as a relation: behind FROM and before AS.
std::string NewRelation(const Inputs& inputs, const InputVersion& input);

/// What now() means at a frontier: SQL of a TIMESTAMPTZ, empty where the definition doesn't ask.
std::string MomentSql(const Frontier& frontier);

/// Notes how many different values the sources' columns can have, as the lake's statistics tell.
/// @param intervals  parallel to the query's sources, with their row counts
void TakeBounds(Session& session, const plan::Query& query, const std::vector<InputVersion>& inputs,
                std::vector<delta::SourceInterval>& intervals);

} // namespace freshet
