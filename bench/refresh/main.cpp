// bench_refresh: how long Freshet's refresh of TPC-H queries takes beside recomputing them, and beside the least that
// any program must do. Prints a table, or JSON; asserts nothing but that every table is equal. See
// docs/explanation/cost.md.
#include "measurement.hpp"

#include "base/error.hpp"
#include "cli/table_text.hpp"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <numeric>

namespace freshet::bench {

namespace {

std::string Milliseconds(const std::vector<double>& times) {
    return times.empty() ? "-" : fmt::format("{:.1f}", Median(times));
}

std::string QueryTable(const Measurement& measurement) {
    Table table;
    for (const char* name :
         {"query", "rows", "written", "evaluate", "recompute", "refresh", "floor", "recompute/refresh", "refresh/floor",
          "nothing to do", "create as", "first fill", "fill/create as"}) {
        table.columns.push_back({name, "DOUBLE"});
    }
    for (const char* name : {"action", "strategy", "equal"}) {
        table.columns.push_back({name, "VARCHAR"});
    }
    for (const auto& query : measurement.queries) {
        std::vector<Value> row = {query.name,
                                  fmt::format("{:.0f}", Median(query.stored_rows)),
                                  fmt::format("{:.0f}", Median(query.written_rows)),
                                  Milliseconds(query.evaluate),
                                  Milliseconds(query.recompute),
                                  Milliseconds(query.refresh),
                                  Milliseconds(query.floor),
                                  Ratio(query.recompute, query.refresh),
                                  Ratio(query.refresh, query.floor),
                                  Milliseconds(query.idle),
                                  Milliseconds(query.create_as),
                                  Milliseconds(query.first_fill),
                                  Ratio(query.first_fill, query.create_as)};
        row.insert(row.end(), {query.action, query.strategy, std::string(query.equal ? "yes" : "NO")});
        table.rows.push_back(std::move(row));
    }
    return RenderTable(table, {});
}

/// Geometric mean of the ratios of medians, over the tables whose content changed.
double MeanRatio(const std::vector<const QueryTimes*>& changed, std::vector<double> QueryTimes::*over,
                 std::vector<double> QueryTimes::*under) {
    double logarithms = 0;
    for (const QueryTimes* query : changed) {
        logarithms += std::log(Median(query->*over) / Median(query->*under));
    }
    return changed.empty() ? 0 : std::exp(logarithms / static_cast<double>(changed.size()));
}

/// What refreshing gains, and what the floor would: no program can gain more. The least is that of all tables.
std::string Summary(const Measurement& measurement) {
    std::vector<const QueryTimes*> changed;
    const QueryTimes* least = nullptr;
    auto gain = [](const QueryTimes& query) { return Median(query.recompute) / Median(query.refresh); };
    for (const auto& query : measurement.queries) {
        if (least == nullptr || gain(query) < gain(*least)) {
            least = &query;
        }
        if (Median(query.written_rows) > 0) {
            changed.push_back(&query);
        }
    }
    return fmt::format("recompute/refresh: geometric mean {:.2f} over the {} tables that changed; least {:.2f} ({})\n"
                       "recompute/floor: geometric mean {:.2f} over the same",
                       MeanRatio(changed, &QueryTimes::recompute, &QueryTimes::refresh), changed.size(),
                       least == nullptr ? 0 : gain(*least), least == nullptr ? "" : least->name,
                       MeanRatio(changed, &QueryTimes::recompute, &QueryTimes::floor));
}

std::string IdleTable(const Measurement& measurement) {
    Table table;
    table.columns = {{"catalog", "VARCHAR"}, {"nothing committed", "DOUBLE"}, {"others committed", "DOUBLE"}};
    for (const auto& idle : measurement.idle) {
        table.rows.push_back({idle.catalog, Milliseconds(idle.untouched), Milliseconds(idle.others_committed)});
    }
    return RenderTable(table, {});
}

void PrintText(const Plan& plan, const Measurement& measurement) {
    fmt::print("TPC-H at scale factor {}, {} % of the orders {} each round{}; medians of {} rounds in ms\n\n",
               plan.scale, plan.share * 100, plan.mixed ? "come and as many leave" : "come",
               plan.all_tables ? ", and as many rows to the other tables" : "", plan.rounds);
    fmt::print("{}{}\n\nnothing to do, warm process:\n{}\npeak memory:", QueryTable(measurement), Summary(measurement),
               IdleTable(measurement));
    for (const auto& phase : measurement.memory) {
        fmt::print("  {} {:.0f} MB", phase.phase, phase.peak_mb);
    }
    fmt::print("\n");
}

nlohmann::ordered_json ToJson(const QueryTimes& query) {
    return {{"query", query.name},
            {"recompute_ms", query.recompute},
            {"refresh_ms", query.refresh},
            {"floor_ms", query.floor},
            {"nothing_to_do_ms", query.idle},
            {"create_as_ms", query.create_as},
            {"first_fill_ms", query.first_fill},
            {"evaluate_ms", query.evaluate},
            {"rows", query.stored_rows},
            {"rows_written", query.written_rows},
            {"action", query.action},
            {"strategy", query.strategy},
            {"reason", query.reason},
            {"equal", query.equal}};
}

void PrintJson(const Plan& plan, const Measurement& measurement) {
    nlohmann::ordered_json queries = nlohmann::ordered_json::array();
    for (const auto& query : measurement.queries) {
        queries.push_back(ToJson(query));
    }
    nlohmann::ordered_json idle = nlohmann::ordered_json::array();
    for (const auto& times : measurement.idle) {
        idle.push_back({{"catalog", times.catalog},
                        {"nothing_committed_ms", times.untouched},
                        {"others_committed_ms", times.others_committed}});
    }
    nlohmann::ordered_json memory;
    for (const auto& phase : measurement.memory) {
        memory[phase.phase] = phase.peak_mb;
    }
    nlohmann::ordered_json all = {{"scale", plan.scale},     {"share", plan.share}, {"mixed", plan.mixed},
                                  {"rounds", plan.rounds},   {"queries", queries},  {"nothing_to_do", idle},
                                  {"peak_memory_mb", memory}};
    fmt::print("{}\n", all.dump());
}

int Main(int argc, char** argv) {
    Plan plan;
    plan.queries.resize(22);
    std::iota(plan.queries.begin(), plan.queries.end(), 1);
    bool json = false;
    CLI::App program("Times of refreshes on TPC-H, in one run on one engine");
    program.add_option("--scale", plan.scale, "TPC-H scale factor")
        ->check(CLI::Range(0.001, 100.0))
        ->capture_default_str();
    program.add_option("--share", plan.share, "share of the orders that changes in a round")
        ->check(CLI::Range(1e-6, 0.04))
        ->capture_default_str();
    program.add_flag("--mixed", plan.mixed, "orders leave, too: a range of keys");
    program.add_flag("--scattered", plan.scattered, "with --mixed: those that leave lie anywhere");
    program.add_flag("!--orders-only", plan.all_tables, "customer, part, partsupp and supplier stay as they are");
    program.add_option("--queries", plan.queries, "numbers of queries")->delimiter(',')->check(CLI::Range(1, 22));
    program.add_option("--rounds", plan.rounds, "rounds")->check(CLI::Range(1, 20))->capture_default_str();
    program.add_option("--fills", plan.fills, "fills of each table")->check(CLI::Range(1, 20))->capture_default_str();
    program.add_option("--catalog", plan.catalog, "sqlite, duckdb or postgres:<libpq connection string>")
        ->capture_default_str();
    program.add_option("--idle-catalog", plan.idle_catalogs,
                       "where refreshes with nothing to do are timed; repeatable");
    program.add_option("--mode", plan.refresh_mode, "REFRESH_MODE of the tables")->capture_default_str();
    program.add_option("--memory", plan.memory_limit, "memory limit of the engine")->capture_default_str();
    program.add_flag("--json", json, "every time as JSON");
    CLI11_PARSE(program, argc, argv);
    if (plan.idle_catalogs.empty()) {
        plan.idle_catalogs = {"sqlite", "duckdb"};
    }
    Measurement measurement = Measure(plan, [](const std::string& what) { fmt::print(stderr, "{}\n", what); });
    json ? PrintJson(plan, measurement) : PrintText(plan, measurement);
    if (!measurement.AllEqual()) {
        fmt::print(stderr, "SOME TABLES DIFFER\n");
    }
    return measurement.AllEqual() ? 0 : 1;
}

} // namespace

} // namespace freshet::bench

int main(int argc, char** argv) {
    try {
        return freshet::bench::Main(argc, argv);
    } catch (const freshet::Error& error) {
        fmt::print(stderr, "{}: {}\n{}\n", error.CodeText(), error.Message(), error.Hint());
        return 1;
    }
}
