#include "refresh/key_ranges.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

constexpr size_t kMostRanges = 4;          ///< each is a scan of its own, which takes some milliseconds to begin
constexpr double kWidestPart = 0.5;        ///< of the whole that ranges may cover together
constexpr double kNarrowestGap = 1.0 / 16; ///< of the whole
constexpr int kGroups = 64;

/// How far apart values of a type are; empty if the type has no such measure.
std::string AsNumber(const std::string& value, const std::string& type) {
    static const std::set<std::string> integers = {"TINYINT",  "SMALLINT",  "INTEGER",  "BIGINT",
                                                   "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"};
    if (integers.count(type) > 0) {
        return fmt::format("CAST({} AS DOUBLE)", value);
    }
    return type == "DATE" ? fmt::format("CAST(date_diff('day', DATE '1970-01-01', {}) AS DOUBLE)", value) : "";
}

/// Values that lie in the same part of the whole, of kGroups parts of one width.
std::vector<ValueGroup> ReadGroups(Session& session, const std::string& table, const std::string& column,
                                   const std::string& number) {
    std::string sql = fmt::format("WITH ends AS (SELECT min({0}) AS lo, max({0}) AS hi FROM {1} AS t) "
                                  "SELECT min({2})::VARCHAR, max({2})::VARCHAR, min({0}), max({0}) FROM {1} AS t, ends "
                                  "WHERE {2} IS NOT NULL GROUP BY floor(({0} - lo) / (hi - lo + 1) * {3}) ORDER BY 3",
                                  number, table, column, kGroups);
    std::vector<ValueGroup> groups;
    for (const auto& row : session.Query(sql).rows) {
        if (IsNull(row[2])) { // an infinite date has no distance from others
            return {};
        }
        groups.push_back({AsText(row[0]), AsText(row[1]), std::get<double>(row[2]), std::get<double>(row[3])});
    }
    return groups;
}

} // namespace

std::vector<ValueGroup> FewRanges(const std::vector<ValueGroup>& groups) {
    if (groups.empty()) {
        return {};
    }
    double whole = groups.back().to - groups.front().from;
    std::vector<double> gaps;
    for (size_t i = 1; i < groups.size(); i++) {
        gaps.push_back(groups[i].from - groups[i - 1].to);
    }
    std::sort(gaps.rbegin(), gaps.rend());
    gaps.resize(std::min(gaps.size(), kMostRanges - 1));
    double narrowest = std::max(gaps.empty() ? 0 : gaps.back(), kNarrowestGap * whole);
    std::vector<ValueGroup> ranges;
    double covered = 0;
    for (const auto& group : groups) {
        bool apart = ranges.empty() || (ranges.size() < kMostRanges && group.from - ranges.back().to >= narrowest);
        if (apart) {
            ranges.push_back(group);
        } else {
            covered -= ranges.back().to - ranges.back().from;
            ranges.back().greatest = group.greatest;
            ranges.back().to = group.to;
        }
        covered += ranges.back().to - ranges.back().from;
    }
    bool prunes = ranges.size() > 1 && covered <= kWidestPart * whole;
    return prunes ? ranges : std::vector<ValueGroup>{};
}

std::vector<emit::ValueRange> FindKeyRanges(Session& session, const std::string& table, const std::string& column,
                                            const std::string& type) {
    std::string number = AsNumber(column, type);
    std::vector<emit::ValueRange> ranges;
    if (number.empty()) {
        return ranges;
    }
    for (const auto& group : FewRanges(ReadGroups(session, table, column, number))) {
        ranges.push_back({fmt::format("CAST('{}' AS {})", group.least, type),
                          fmt::format("CAST('{}' AS {})", group.greatest, type)});
    }
    return ranges;
}

} // namespace freshet
