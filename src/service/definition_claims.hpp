#pragma once

#include "lake/session.hpp"
#include "refresh/dynamic_table.hpp"
#include "service/command_claims.hpp"

#include <string>
#include <vector>

namespace freshet {

/// What to do about a refresh that somebody is just doing.
enum class RunningRefresh { IsAwaited, Loses };

/// Keeps workers from refreshing tables that are about to be altered, dropped or compacted. A running refresh of a live
/// worker is waited for, at most for the longest TIMEOUT of these tables; or it loses: its claims are taken and the
/// generations of its tables raised, so that the lake refuses its commit.
class DefinitionClaims {
public:
    /// Throws TableBusy after the wait: nothing is claimed then.
    DefinitionClaims(Bookkeeping& books, Session& session, const Registry& registry,
                     const std::vector<std::string>& ids, RunningRefresh running);

private:
    CommandClaims claims_;
};

/// The longest TIMEOUT of these tables, in seconds.
int64_t LongestTimeout(const Registry& registry, const std::vector<std::string>& ids);

} // namespace freshet
