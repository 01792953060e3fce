#include "service/definition_claims.hpp"

#include "base/duration.hpp"
#include "refresh/definition_changes.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

CommandClaims::Patience PatienceOf(const Registry& registry, const std::vector<std::string>& ids,
                                   RunningRefresh running) {
    return running == RunningRefresh::Loses ? CommandClaims::Patience{} : LongestTimeout(registry, ids);
}

} // namespace

int64_t LongestTimeout(const Registry& registry, const std::vector<std::string>& ids) {
    int64_t longest = 0;
    for (const auto& id : ids) {
        const DynamicTable* table = registry.FindById(id);
        longest = std::max(longest, table == nullptr ? 0 : table->options.TimeoutSeconds());
    }
    return longest;
}

DefinitionClaims::DefinitionClaims(Bookkeeping& books, Session& session, const Registry& registry,
                                   const std::vector<std::string>& ids, RunningRefresh running)
    : claims_(books, ids, CommandClaims::Scope::Named, PatienceOf(registry, ids, running)) {
    if (claims_.InTheWay()) {
        const DynamicTable* table = registry.FindById(claims_.InTheWay()->table_id);
        throw Error(Code::TableBusy,
                    fmt::format("{} is still being refreshed by {} after {}",
                                table == nullptr ? "a table" : table->name.Text(), claims_.InTheWay()->worker_id,
                                DurationText(LongestTimeout(registry, ids))),
                    "try again later, or use --force: then that refresh is given up");
    }
    if (claims_.Seized()) {
        OvertakeRefreshes(session, ids);
    }
}

} // namespace freshet
