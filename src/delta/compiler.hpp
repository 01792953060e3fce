#pragma once

#include "delta/analysis.hpp"
#include "delta/change.hpp"
#include "delta/runtime.hpp"

#include <map>
#include <string>
#include <vector>

namespace freshet::delta {

/// One source over the interval of a refresh. Relations stand behind FROM and before AS (a version of a table has to be
/// "(FROM t AT (VERSION => n))": AT comes after an alias) and have the columns of plan::Source under its names; `delta`
/// has those and the weight column (base/identifier.hpp kWeight), netted by value.
struct SourceInterval {
    std::string old_relation;
    std::string new_relation;
    std::string delta;    ///< TEMP table; empty where nothing changed
    int64_t inserted = 0; ///< rows of `delta` by sign
    int64_t deleted = 0;
    int64_t rows = -1; ///< of the source, about; -1: not known
    /// Per column of the source, an upper bound of how many different values it holds; 0: not known. Empty: none is.
    std::vector<double> distinct;
};

/// Rows of the sources below an operator, about; those of unknown size count as many.
int64_t SourceRows(const plan::NodePtr& node, const std::vector<SourceInterval>& sources);
/// How many different values these expressions over a scan have together at most; 0: not known.
double MostValues(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions,
                  const std::vector<SourceInterval>& sources);

/// What a refresh by change starts from.
struct Interval {
    std::vector<SourceInterval> sources;     ///< parallel to Analysis::query.sources
    std::map<int, std::string> companions;   ///< operator id -> relation of its companion table as stored
    std::map<int, int64_t> companion_rows;   ///< operator id -> rows of that table, where they are known
    std::vector<std::string> result_columns; ///< names of the stored table's columns, in order
    std::string prefix;                      ///< of TEMP tables, unique in the session
    std::string old_moment;                  ///< what now() meant: SQL of a TIMESTAMPTZ, where the plan asks
    std::string new_moment;                  ///< what it means
};

/// Companion tables that the definition may keep, inner operators first; those in Analysis::required must exist.
std::vector<Companion> PlanCompanions(const Analysis& analysis);

/// The sources at one version, and companions that were filled from that version already: what reads a companion need
/// not read its operator's sources again.
struct Contents {
    std::vector<SourceInterval> sources;   ///< only `new_relation`, `rows` and `distinct` count
    std::map<int, std::string> companions; ///< operator id -> relation with its whole content
    std::string moment;                    ///< as Interval::new_moment
};
/// A stored table of so few rows is read whole: by plain equality its keys would prune what is read, and DuckLake asks
/// for the files and their statistics once more to do that. NULL-safe equality doesn't prune.
inline bool IsReadWhole(int64_t rows) {
    return rows <= 20'000;
}

/// SELECT of a companion's whole content.
std::string CompanionSql(const Analysis& analysis, int operator_id, const Contents& contents);
/// What tells how large a companion will be before it is filled.
struct CompanionSize {
    int64_t source_rows = 0; ///< below its operator, about
    double most_rows = 0;    ///< as SourceInterval::distinct tells; 0: not known
    std::string rows_sql;    ///< SELECT of its rows, over a scan of the groups' columns alone; empty where more is read
};
CompanionSize SizeOf(const Analysis& analysis, int operator_id, const Contents& contents);
/// SELECT of the definition's whole result, with the plan's column names.
std::string ResultSql(const Analysis& analysis, const Contents& contents);

/// Computes the whole effect of the interval into TEMP tables, writing nothing. Requires analysis.incremental.
/// Errors: whatever the engine raises while the change is computed (EngineError), InvariantBroken where the stored
/// state contradicts the change (a group would have fewer than no rows).
Change ComputeChange(const Analysis& analysis, const Interval& interval, Runtime& runtime);

} // namespace freshet::delta
