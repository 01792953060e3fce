#include "shape_lake.hpp"
#include "shapes.hpp"

#include "../times.hpp"
#include "lake/change_feed.hpp"

#include <fmt/format.h>

namespace freshet::bench {

namespace {

struct DeletesPlan {
    std::vector<int64_t> rows = {1'000'000, 4'000'000, 16'000'000};
    int64_t deleted = 10'000;
    int64_t rounds = 5;
};

const TableName kFacts{"main", "facts"};

/// The request that a refresh would make which needs two of the table's columns.
FeedRequest RequestFor(ShapeLake& lake, Snapshot from, Snapshot to, int64_t rows_at_from) {
    FeedRequest request;
    request.table = request.table_at_from = kFacts;
    request.table_id = FindTable(lake.ByHand(), kFacts, to).value().id;
    request.from = from;
    request.to = to;
    request.columns = request.columns_at_from = {"g", "v"};
    request.changes = ChangeLog::Read(lake.ByHand(), from, to).Of(request.table_id);
    request.rows_at_from = rows_at_from;
    return request;
}

/// Reads the window once; the file's counts are part of it.
void Read(ShapeLake& lake, const FeedRequest& request, int64_t deleted) {
    Transaction transaction(lake.ByHand());
    CurrentSnapshot(lake.ByHand());
    FeedResult result = ReadChanges(lake.ByHand(), request, "change");
    if (!result.usable || result.deleted - result.inserted != deleted) {
        throw Error(Code::Defect,
                    fmt::format("{} gave {} deleted rows, not {}", FeedMethodName(request.force.value()),
                                result.deleted, deleted),
                    result.problem);
    }
}

/// Deletes, and reads the deletes in the three ways, which take turns.
std::vector<Value> MeasureDelete(ShapeLake& lake, const DeletesPlan& plan, int64_t rows, const std::string& kind,
                                 const std::string& condition) {
    Progress(fmt::format("{} rows, {}", rows, kind));
    Snapshot from = lake.Newest();
    int64_t before = lake.Number("SELECT count(*) FROM facts");
    lake.Run("DELETE FROM facts WHERE " + condition);
    int64_t deleted = before - lake.Number("SELECT count(*) FROM facts");
    FeedRequest request = RequestFor(lake, from, lake.Newest(), before);
    const FeedMethod methods[] = {FeedMethod::ByPosition, FeedMethod::Feed, FeedMethod::VersionDifference};
    Times times[3];
    for (int64_t round = 0; round <= plan.rounds; round++) {
        for (size_t way = 0; way < 3; way++) {
            request.force = methods[way];
            double time = Timed([&] { Read(lake, request, deleted); });
            if (round > 0) { // the first one warms
                times[way].push_back(time);
            }
        }
    }
    return {rows,
            kind,
            deleted,
            Spread(times[0]),
            Spread(times[1]),
            Spread(times[2]),
            Ratio(times[1], times[0]),
            Ratio(times[2], times[0])};
}

void Measure(const DeletesPlan& plan) {
    std::vector<std::vector<Value>> shown;
    for (int64_t rows : plan.rows) {
        ShapeLake lake;
        lake.Run("CALL lake.set_option('target_file_size', '10GB')"); // one file
        lake.Run(
            fmt::format("CREATE TABLE facts AS SELECT i AS id, i % 1000 AS g, (hash(i) % 100000)::DECIMAL(12, 2) AS v, "
                        "md5(i::VARCHAR) AS text FROM range({}) AS r(i)",
                        rows));
        shown.push_back(MeasureDelete(lake, plan, rows, "clustered",
                                      fmt::format("id >= {} AND id < {}", rows / 2, rows / 2 + plan.deleted)));
        shown.push_back(MeasureDelete(lake, plan, rows, "scattered",
                                      fmt::format("id % {} = 1", std::max<int64_t>(rows / plan.deleted, 1))));
    }
    PrintTable({"rows of the file", "deletes", "deleted", "by position", "feed", "version difference", "feed/position",
                "difference/position"},
               shown);
}

} // namespace

void AddDeletes(CLI::App& program) {
    auto plan = std::make_shared<DeletesPlan>();
    auto* command = program.add_subcommand("deletes", "deleted rows, read by position, by the feed, by versions");
    command->add_option("--rows", plan->rows, "rows of the file that they are deleted from")
        ->delimiter(',')
        ->capture_default_str();
    command->add_option("--deleted", plan->deleted, "rows deleted")->check(CLI::PositiveNumber)->capture_default_str();
    command->add_option("--rounds", plan->rounds, "rounds")->check(CLI::PositiveNumber)->capture_default_str();
    command->callback([plan] { Measure(*plan); });
}

} // namespace freshet::bench
