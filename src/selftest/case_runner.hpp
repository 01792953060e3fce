#pragma once

#include "selftest/script.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace freshet::selftest {

/// What one dynamic table of a case went through.
struct TableOutcome {
    std::set<std::string> features;
    bool created = false;
    std::string skipped;              ///< why DuckDB can't run the query either, where it wasn't created
    std::string refusal;              ///< why INCREMENTAL was refused; empty if it wasn't or nobody asked
    int64_t by_change = 0;            ///< refreshes
    int64_t in_full = 0;              ///< refreshes
    int64_t unchanged = 0;            ///< refreshes without data
    std::vector<std::string> repairs; ///< their reasons
    int64_t compared = 0;             ///< times that its content was compared with its query
    std::string last_refresh;         ///< action, strategy and reason, for people
};

/// What Freshet did wrong.
struct Failure {
    std::string kind; ///< the same for the same kind of failure: "difference", an error's code, ...
    std::string table;
    std::string problem; ///< for people
    size_t step = 0;     ///< of the script
};

struct CaseOutcome {
    std::map<std::string, TableOutcome> tables; ///< by name
    int64_t refused = 0;                        ///< statements on sources that DuckDB refused
    std::optional<Failure> failure;             ///< the first one; nothing ran after it
};

/// Runs a script in a new temporary lake. After each refresh every table that it concerned is compared, as a bag, with
/// its query: over sources at the table's data snapshot, at its data timestamp, and over the content of the dynamic
/// tables that it reads, which have been compared before it. Stops where `go_on` says so, without failure. Throws Error
/// only if there can be no lake.
CaseOutcome RunScript(const Script& script, const std::function<bool()>& go_on);

/// `query` (marked text) with every source at a version; what is no source is left as it is.
std::string AtVersion(const std::string& query, const std::set<std::string>& dynamic_tables, int64_t snapshot);

} // namespace freshet::selftest
