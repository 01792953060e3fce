#pragma once

#include "bind/source.hpp"
#include "refresh/compute.hpp"
#include "refresh/run.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// A definition as it was asked for, with its name resolved.
struct NewDefinition {
    TableName name;
    Place name_place;
    std::vector<std::string> column_names;
    TableOptions options;
    Excerpt query;
    std::string search_path;
    Settings settings;
    bool or_replace = false;
    bool if_not_exists = false;
};

/// What CREATE would do, checked but not done.
struct PlannedDefinition {
    bool exists = false; ///< IF NOT EXISTS, and it does
    DefinitionChange change;
    Analysis analysis;
    std::vector<std::string> warnings;
};

/// All checks of CREATE DYNAMIC TABLE, in the session's transaction or without one. Throws Error with the place in
/// `source`: AlreadyExists, NotADynamicTable, Cycle, UnknownTable, UnsupportedType, NotIncremental ...
PlannedDefinition PlanDefinition(Session& session, const Registry& registry, const NewDefinition& definition,
                                 const Source& source, Timestamp now);

/// The same for ALTER DYNAMIC TABLE ... AS.
PlannedDefinition PlanNewQuery(Session& session, const Registry& registry, const DynamicTable& table,
                               const Excerpt& query, const std::string& search_path, const Settings& settings,
                               const Source& source);

} // namespace freshet
