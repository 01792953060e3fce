#pragma once

#include "delta/change.hpp"
#include "refresh/difference.hpp"
#include "refresh/dynamic_table.hpp"
#include "refresh/extent.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What becomes of the result table itself.
enum class TargetChange {
    Keep,
    Create,   ///< there is none
    Recreate, ///< its columns no longer fit: a new table of that name
    Widen,    ///< ALTER ... SET DATA TYPE
};

/// A companion table's part in a commit.
struct CompanionWrite {
    delta::Companion companion;
    bool create = false;  ///< the table is made anew: `rows` is its whole content
    bool replace = false; ///< all rows of the table leave: `rows` is its whole content
    std::string rows;     ///< TEMP table of the rows that come
    std::string out;      ///< TEMP table with filename and file_row_number of the rows that leave
    int64_t out_count = 0;
    int64_t in_count = 0;
};

/// A refresh as a value: everything that a commit needs, computed and not yet written.
struct Edit {
    DynamicTable table;
    std::string action; ///< NO_DATA, INCREMENTAL, FULL, REINITIALIZE
    std::string strategy;
    std::string reason;
    std::string candidates = "[]"; ///< JSON: the ways considered, for the history
    std::vector<delta::OperatorReport> operators;

    std::vector<Column> columns; ///< of the result table after the commit
    TargetChange target = TargetChange::Keep;
    bool delete_all = false; ///< every stored row leaves (`rows.out` is empty, `rows.out_count` their number)
    RowEdit rows;
    std::string insert_sql; ///< where no TEMP table was filled: the query whose rows come; they are counted as they do
    std::vector<CompanionWrite> companions;

    bool new_state = false;      ///< the state table is made by this commit
    bool frontier_moves = false; ///< commit the frontier even if no row changes
    Frontier before;
    Frontier after;                 ///< generation and row count are set by the commit
    Snapshot read_at = kNoSnapshot; ///< snapshot of the transaction that computed this
    int64_t target_id = -1;         ///< table id of the result table at read_at; -1: none
    std::string stored;             ///< SQL of a relation with all of its rows then, their filename and file_row_number

    std::vector<std::string> temporary_tables; ///< made by delta rules; dropped after the commit
    std::vector<std::string> statements;       ///< of the delta rules, for explain
    RefreshExtent extent;
    double estimated_ms = -1;
    double compute_ms = 0;

    bool Writes() const {
        return target != TargetChange::Keep || delete_all || rows.out_count > 0 || rows.in_count > 0 ||
               !insert_sql.empty() || !companions.empty() || new_state || frontier_moves;
    }
};

} // namespace freshet
