#pragma once

#include "lake/session.hpp"
#include "refresh/compute.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/extent.hpp"
#include "refresh/unchanged_until.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// A table that is created or whose definition changes: its row of the registry is written in the commit of its
/// refresh, so that a definition that can't be filled leaves nothing behind.
struct DefinitionChange {
    DynamicTable table;
    bool is_new = false;
    int64_t expected_version = 0; ///< of the row that is replaced
    bool leave_empty = false;
    bool adopt = false;
};

struct RunRequest {
    std::vector<std::string> ids; ///< dynamic tables that were named
    bool full = false;            ///< of the named ones only
    bool atomic = false;
    bool dry_run = false;
    /// Nothing is refreshed: named tables whose content is what the newest snapshot asks for get a frontier there. The
    /// others' outcomes carry an error, which says that they have to be refreshed.
    bool only_move_frontiers = false;
    std::optional<DefinitionChange> change; ///< its table is the only one named
    /// Refresh to this snapshot, which was the newest at that moment, instead of the newest: another run has brought
    /// tables there that these read. Where that can't be done any more, the newest is taken after all.
    struct At {
        Snapshot snapshot = kNoSnapshot;
        Timestamp known_newest_at = 0;
    };
    std::optional<At> at;
    /// Tables that are known to fail: they aren't tried, and what reads them is skipped.
    std::map<std::string, Error> failed;
    /// Set if the session is in a read transaction that was begun after this moment, and that read the registry: the
    /// run goes on in it. Its end is the run's.
    std::optional<Timestamp> reads_since;
};

/// What became of one table in a run.
struct TableOutcome {
    DynamicTable table;
    std::string action; ///< empty with `error`
    std::string strategy;
    std::string reason;
    std::string candidates = "[]";
    std::vector<delta::OperatorReport> operators;
    int64_t rows_inserted = 0;
    int64_t rows_deleted = 0;
    RefreshExtent extent;
    Snapshot data_snapshot = kNoSnapshot;
    Timestamp data_timestamp = 0;
    Snapshot commit_snapshot = kNoSnapshot; ///< none: nothing was committed
    Timestamp started_at = 0;
    Timestamp finished_at = 0;
    double duration_ms = 0;
    std::optional<double> estimated_ms;
    std::optional<double> measured_ms;
    bool frontier_moved = false; ///< a commit, or in a dry run the wish for one, though no row changes
    bool filled = true;          ///< false: created and left empty
    bool skipped = false;        ///< not tried, a parent failed
    std::optional<Error> error;
};

/// What a run is at with a table.
enum class RunStep { Computing, Writing };

/// What a run needs from outside: the clock of the state store and its hints.
struct RunSurroundings {
    std::function<Timestamp()> clock;
    std::function<UnchangedUntil(const std::string& id)> unchanged_until;
    std::function<Experience(const std::string& id)> experience;
    std::string run_id;
    /// Told what is about to be done with a table, each time it is tried; what it throws fails that table. May be
    /// empty.
    std::function<void(const std::string& id, RunStep step)> on_step;
};

/// Refreshes tables with all that they read, parents before children, to one data snapshot. A failing table stops only
/// those that read it. Safe beside other processes: what collides is computed anew.
std::vector<TableOutcome> RunRefresh(Session& session, const Registry& registry, const RunRequest& request,
                                     const RunSurroundings& surroundings);

} // namespace freshet
