#pragma once

#include "bind/source.hpp"
#include "lake/session.hpp"
#include "service/operations.hpp"

namespace freshet {

/// Throws WriteRefused, with the statement to use, if the statement writes to a dynamic table or to Freshet's own.
void RefuseWrites(Operations& operations, Session& session, const Excerpt& statement, const Source& source);

} // namespace freshet
