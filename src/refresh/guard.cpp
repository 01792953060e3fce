#include "refresh/guard.hpp"

#include "refresh/lake_state.hpp"

#include <algorithm>

namespace freshet {

std::optional<Snapshot> OldestNeeded(const Frontier& frontier) {
    if (!frontier.Filled()) {
        return {};
    }
    Snapshot oldest = std::min(frontier.data_snapshot, frontier.committed);
    for (const auto& input : frontier.inputs) {
        oldest = std::min(oldest, input.version);
    }
    return oldest;
}

std::optional<Guard> ReadGuard(Session& session, const Registry& registry) {
    std::optional<Guard> guard;
    for (const auto& table : registry.Tables()) {
        auto oldest = OldestNeeded(ReadFrontier(session, table.id));
        if (oldest && (!guard || *oldest < guard->oldest)) {
            guard = Guard{*oldest, table.name};
        }
    }
    return guard;
}

} // namespace freshet
