#include "refresh/advice.hpp"

#include <array>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Words of a reason for which something better is known than to split the query.
struct Remedy {
    const char* words;
    const char* advice;
};
constexpr std::array<Remedy, 7> kRemedies = {{
    {"order of rows", "cast the floating-point values to DECIMAL before they are aggregated, or order lists and texts "
                      "(list(x ORDER BY x))"},
    {"does not give the same result every time", "use the exact function (count(DISTINCT x), quantile_cont ...)"},
    {"rows that ORDER BY leaves equal", "add columns to ORDER BY until no two rows are equal in it"},
    {"whose fields have no names", "give the fields names: {a: x, b: y} instead of row(x, y)"},
    {"use the name of column", "give the column another name"},
    {"virtual column", "store what it tells in a column of the source"},
    {"correlated subquery", "write the subquery as a join with a grouped query"},
}};

/// A part without a rule reads a table; what stands below it may have rules.
constexpr const char* kSplit = "put what stands below that part into a dynamic table of its own: that one is refreshed "
                               "by change, and this one reads its result";

} // namespace

std::string HowToBeIncremental(const Definition& definition, const Analysis& analysis) {
    if (analysis.mode == "INCREMENTAL") {
        return "";
    }
    if (HidesPhysicalPlace(analysis.columns)) {
        return "give the column another name";
    }
    if (!definition.VolatileFunctions().empty()) {
        return fmt::format("keep the value of {} in a column of a source table when its rows are written",
                           definition.VolatileFunctions()[0].name);
    }
    if (!definition.WithoutFeed().empty()) {
        return fmt::format("load {} into a table of the lake and read that", definition.WithoutFeed()[0].name);
    }
    if (!definition.PinnedTables().empty()) {
        return fmt::format("leave out AT, or copy that version of {} into a table of its own",
                           definition.PinnedTables().begin()->Text());
    }
    if (!definition.TimeFunctions().empty()) {
        return fmt::format("compare {} with columns of one source table, in WHERE alone, and compute with it in the "
                           "queries that read this table",
                           definition.TimeFunctions()[0].name);
    }
    for (const auto& remedy : kRemedies) {
        if (analysis.mode_reason.find(remedy.words) != std::string::npos) {
            return remedy.advice;
        }
    }
    return kSplit;
}

} // namespace freshet
