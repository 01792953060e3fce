#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet::selftest {

/// A dynamic table of a case. `query` is marked text.
struct Definition {
    std::string name;
    std::string query;
    std::string mode;    ///< INCREMENTAL: or AUTO, where the definition can't be kept that way
    std::string options; ///< others than TARGET_LAG and REFRESH_MODE, as they stand in CREATE
    std::set<std::string> features;
};

enum class StepKind {
    Source,      ///< a table is made or filled for the first time
    Define,      ///< CREATE DYNAMIC TABLE
    Change,      ///< of sources; several statements are one transaction
    Maintenance, ///< of the lake
    Refresh,     ///< of `definition`-less named tables; then every table that it concerned is compared
    Reopen,      ///< the lake is opened anew, as by another process: nothing is remembered of it
};

struct Step {
    StepKind kind = StepKind::Source;
    std::vector<std::string> statements;     ///< marked text
    std::optional<Definition> definition;    ///< of Define, which has no statements
    std::vector<std::string> refreshed = {}; ///< of Refresh, which has no statements: several are one commit
    bool full = false;                       ///< of Refresh
};

/// One case: what a user of a new lake does, in order.
struct Script {
    std::vector<Step> steps;
};

/// The statement of a Define step. `mode` takes the place of the definition's own.
std::string CreateStatement(const Definition& definition, const std::string& mode);
/// The statement of a Refresh step.
std::string RefreshStatement(const Step& step);

/// What DuckDB does otherwise than SQL says while a query is compared (docs/explanation/ducklake.md): ASOF joins are
/// done row by row, since its other way joins a NULL time with the last row; scans give all rows to the filters, since
/// those that are pushed into them lose rows of files that hold NULLs only, or another type than the column's.
inline constexpr std::array kAsDefined = {
    "SET GLOBAL asof_loop_join_threshold = 1000000000",
    "SET GLOBAL disabled_optimizers = 'statistics_propagation,deliminator,filter_pushdown,join_filter_pushdown'"};

} // namespace freshet::selftest
