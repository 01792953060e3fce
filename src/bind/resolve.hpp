#pragma once

#include "base/identifier.hpp"
#include "bind/statement.hpp"
#include "lake/session.hpp"

#include <optional>
#include <string>

namespace freshet {

/// The session's current schema search path as text: stored with a definition and given back to ParseDefinition.
std::string CurrentSearchPath(Session& session);

/// The lake schema in which the session would create a table of this name, in the schema's stored case, and the name as
/// given, or in the stored case of the table or view that has it. Throws UnknownSchema, or BadName if the current
/// database is not the lake.
TableName ResolveNew(Session& session, const GivenName& name, const Source& source);

/// The table or view of the lake that the name means, looked up along the search path, in its stored case; nothing if
/// there is none.
std::optional<TableName> ResolveExisting(Session& session, const GivenName& name);

} // namespace freshet
