#pragma once

#include "lake/session.hpp"
#include "plan/node.hpp"

#include <optional>
#include <string>

namespace freshet {

/// A definition in our algebra, or the reason why it has none (it is then refreshed by difference).
struct Translation {
    std::optional<plan::Query> query;
    std::string refusal;        ///< names the clause, fit for a refresh's reason; empty when `query` is set
    std::vector<Column> result; ///< names as the user gave them (they may repeat), and types
};

/// Binds `sql` in the session's schema with DuckDB's own parser and binder (raw plan, no optimizer rules) and
/// translates the bound plan. `sql` is the definition with qualified names; versions are not part of it.
/// Throws EngineError where the binder refuses.
Translation Translate(Session& session, const std::string& sql);

/// A hash of what `sql` (as for Translate) binds to: the same text may mean something else when columns are added
/// (NATURAL JOIN, COLUMNS(*), a row as a value, a name that an inner table now has). Throws EngineError.
std::string BoundFingerprint(Session& session, const std::string& sql);

} // namespace freshet
