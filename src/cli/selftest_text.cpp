#include "cli/selftest_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

using Json = nlohmann::ordered_json;

std::vector<std::pair<std::string, int64_t>> MostFrequentFirst(const std::map<std::string, int64_t>& counts) {
    std::vector<std::pair<std::string, int64_t>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& left, const auto& right) { return left.second > right.second; });
    return sorted;
}

int64_t Sum(const std::map<std::string, int64_t>& counts) {
    int64_t sum = 0;
    for (const auto& [reason, count] : counts) {
        sum += count;
    }
    return sum;
}

/// The part behind the words that all refusals have.
std::string Reason(const std::string& refusal) {
    size_t colon = refusal.find(": ");
    return colon == std::string::npos ? refusal : refusal.substr(colon + 2);
}

Json ToJson(const selftest::Tally& tally) {
    return {{"queries", tally.queries}, {"by_change", tally.by_change}, {"in_full", tally.in_full}};
}

Json ToJson(const selftest::Report& report, const selftest::FailedCase& failed) {
    const auto& failure = *failed.shrunk.outcome.failure;
    std::string repeat = selftest::RepeatCommand(report.seed, failed.number);
    return {{"case", failed.number},  {"kind", failure.kind},
            {"table", failure.table}, {"problem", failure.problem},
            {"repeat", repeat},       {"script", selftest::ScriptText(failed.shrunk, repeat)}};
}

} // namespace

std::vector<std::string> SelftestLines(const selftest::Report& report) {
    return {fmt::format("seed {}: {} cases in {:.0f} s, {} queries of {} shapes, {} comparisons", report.seed,
                        report.cases, report.seconds, report.queries.queries, report.shapes.queries, report.compared),
            fmt::format("refreshed by change: {} queries of {} shapes, {} refreshes", report.queries.by_change,
                        report.shapes.by_change, report.refreshes_by_change),
            fmt::format("only evaluated whole: {} queries of {} shapes, {} refreshes", report.queries.in_full,
                        report.shapes.in_full, report.refreshes_in_full),
            fmt::format("without new data: {} refreshes; repaired: {}; queries that DuckDB can't run: {}",
                        report.refreshes_without_data, Sum(report.repairs), report.skipped)};
}

Table SelftestFeatures(const selftest::Report& report) {
    Table table;
    table.columns = {{"feature", "VARCHAR"}, {"queries", "BIGINT"}, {"by change", "BIGINT"}, {"in full", "BIGINT"}};
    for (const auto& [feature, tally] : report.features) {
        table.rows.push_back({feature, tally.queries, tally.by_change, tally.in_full});
    }
    return table;
}

Table SelftestRefusals(const selftest::Report& report) {
    Table table;
    table.columns = {{"queries", "BIGINT"}, {"why not by change", "VARCHAR"}};
    for (const auto& [refusal, count] : MostFrequentFirst(report.refusals)) {
        table.rows.push_back({count, Reason(refusal)});
    }
    return table;
}

std::string SelftestJson(const selftest::Report& report) {
    Json json = {{"passed", report.Good()},
                 {"complete", report.complete},
                 {"seed", report.seed},
                 {"cases", report.cases},
                 {"seconds", report.seconds},
                 {"queries", ToJson(report.queries)},
                 {"shapes", ToJson(report.shapes)},
                 {"refreshes",
                  {{"by_change", report.refreshes_by_change},
                   {"in_full", report.refreshes_in_full},
                   {"no_data", report.refreshes_without_data},
                   {"repaired", Sum(report.repairs)}}},
                 {"comparisons", report.compared},
                 {"skipped", report.skipped},
                 {"refused", report.refused},
                 {"features", Json::object()},
                 {"reasons", Json::array()},
                 {"repairs", Json::array()},
                 {"failures", Json::array()}};
    for (const auto& [feature, tally] : report.features) {
        json["features"][feature] = ToJson(tally);
    }
    for (const auto& [refusal, count] : MostFrequentFirst(report.refusals)) {
        json["reasons"].push_back({{"reason", Reason(refusal)}, {"queries", count}});
    }
    for (const auto& [reason, count] : MostFrequentFirst(report.repairs)) {
        json["repairs"].push_back({{"reason", reason}, {"refreshes", count}});
    }
    for (const auto& failed : report.failures) {
        json["failures"].push_back(ToJson(report, failed));
    }
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace freshet
