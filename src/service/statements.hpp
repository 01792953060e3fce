#pragma once

#include "bind/statement.hpp"
#include "service/operations.hpp"

namespace freshet {

/// Runs one of our statements for a user's session, whose search path gives names their meaning.
StatementResult RunStatement(Operations& operations, Session& session, const Statement& statement,
                             const Source& source);

/// A CREATE statement with its names resolved in the session.
NewDefinition ResolveDefinition(Session& session, const CreateStatement& statement, const Source& source);

} // namespace freshet
