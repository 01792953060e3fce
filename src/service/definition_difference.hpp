#pragma once

#include "refresh/new_definition.hpp"

#include <string>
#include <vector>

namespace freshet {

/// In what a definition that is asked for differs from the one that there is.
struct DefinitionDifference {
    bool query = false;          ///< its text, or the names that it gives to columns
    bool surroundings = false;   ///< search path or settings under which the query is read
    std::vector<Option> options; ///< in the order in which they are shown
    bool Content() const { return query || surroundings; }
    bool Any() const { return Content() || !options.empty(); }
};

DefinitionDifference Compare(const DynamicTable& existing, const NewDefinition& wanted);

/// The options of `wanted` as they are kept: ADOPT is of the CREATE only.
TableOptions KeptOptions(const NewDefinition& wanted);

} // namespace freshet
