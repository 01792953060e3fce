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

inline constexpr const char* kWarningOfDownstream =
    "TARGET_LAG = DOWNSTREAM: refreshed by hand, until a table with a lag of its own reads it";

/// All checks of CREATE DYNAMIC TABLE, in the session's transaction or without one. Throws Error with the place in
/// `source`: AlreadyExists, NotADynamicTable, Cycle, UnknownTable, UnsupportedType, NotIncremental ...
PlannedDefinition PlanDefinition(Session& session, const Registry& registry, const NewDefinition& definition,
                                 const Source& source, Timestamp now);

/// Throws NotADynamicTable where an ordinary table or view has the name, unless it is a table to adopt.
void CheckNotInTheWay(Session& session, const NewDefinition& definition);

struct CheckedQuery {
    Definition definition;
    Analysis analysis;
};

/// The checks that concern the query of `table` alone, without cycles, in the session's transaction, which may have
/// made what the query reads: nothing is remembered. Sets the table's mode.
CheckedQuery CheckQueryAlone(Session& session, DynamicTable& table, const Excerpt& query, const Source& source);

/// The same for ALTER DYNAMIC TABLE ... AS.
PlannedDefinition PlanNewQuery(Session& session, const Registry& registry, const DynamicTable& table,
                               const Excerpt& query, const std::string& search_path, const Settings& settings,
                               const Source& source);

} // namespace freshet
