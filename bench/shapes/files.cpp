#include "shape_lake.hpp"
#include "shapes.hpp"

#include "../tables.hpp"
#include "../times.hpp"

#include <fmt/format.h>

namespace freshet::bench {

namespace {

struct FilesPlan {
    int64_t few = 100;
    int64_t many = 100'000;
    int64_t rounds = 5;
    std::string catalog = "sqlite";
};

struct FilesTimes {
    Times insert;   ///< the refresh after an insert of one file
    Times removal;  ///< the refresh after a delete in one file
    Times idle;     ///< the refresh after that
    Times by_hand;  ///< the rows of the insert, read by hand
    Times planning; ///< EXPLAIN of a query by hand
    Times count;    ///< count(*) by hand
};

/// As many links to one file, which has one row: reading it anywhere is right, and by its statistics the dynamic
/// table's filter leaves it out. A file takes only some ten thousand links.
void LinkFiles(const std::filesystem::path& file, int64_t count) {
    constexpr int64_t kLinks = 30'000;
    std::filesystem::path master;
    for (int64_t number = 0; number < count; number++) {
        std::filesystem::path link = file.parent_path() / fmt::format("{}.parquet", number);
        if (number % kLinks == 0) {
            std::filesystem::copy_file(file, link);
            master = link;
        } else {
            std::filesystem::create_hard_link(master, link);
        }
    }
}

/// Gives the table so many files by the catalog's metadata, without commits of their own.
void AddManyFiles(ShapeLake& lake, int64_t count) {
    const std::string metadata = "__ducklake_metadata_lake.";
    const std::string newest_file = fmt::format("(SELECT max(data_file_id) FROM {}ducklake_data_file)", metadata);
    std::string file = AsText(
        lake.Run(fmt::format("SELECT path FROM {}ducklake_data_file WHERE data_file_id = {}", metadata, newest_file))
            .rows.at(0)
            .at(0));
    LinkFiles(lake.FilesOf("facts") / file, count);
    auto copy = [&](const char* table, const char* more) {
        lake.Run(fmt::format("INSERT INTO {0}{1} BY NAME SELECT files.* REPLACE (data_file_id + 1 + i AS data_file_id"
                             "{2}) FROM {0}{1} AS files, range({3}) AS numbers(i) WHERE data_file_id = {4}",
                             metadata, table, more, count, newest_file));
    };
    copy("ducklake_file_column_stats", "");
    copy("ducklake_data_file", ", i || '.parquet' AS path, row_id_start + 1 + i AS row_id_start");
    lake.Run(fmt::format("UPDATE {}ducklake_table_stats SET record_count = record_count + {}, "
                         "next_row_id = next_row_id + {}",
                         metadata, count, count));
    lake.Run(fmt::format("UPDATE {0}ducklake_snapshot SET next_file_id = next_file_id + {1} WHERE snapshot_id = {2}",
                         metadata, count, lake.Newest()));
}

FilesTimes MeasureFiles(const FilesPlan& plan, int64_t files) {
    constexpr int64_t kRows = 1000; // of each file that is not one of the many
    ShapeLake lake(plan.catalog);
    Progress(fmt::format("making {} files", files));
    lake.Run(fmt::format(
        "CREATE TABLE facts AS SELECT i AS id, i % 10 AS g, i::DECIMAL(12, 2) AS v FROM range({}) AS r(i)", kRows));
    lake.Run("INSERT INTO facts VALUES (-1, 0, 0)");
    AddManyFiles(lake, files);
    CreateTable(lake.Freshet(), "sums", "INCREMENTAL",
                "SELECT g, count(*) AS n, sum(v) AS s FROM facts WHERE id >= 0 GROUP BY g");
    FilesTimes times;
    for (int64_t round = 0; round <= plan.rounds; round++) {
        Progress(fmt::format("{} files, round {}", files, round));
        FilesTimes discarded; // the first round warms
        FilesTimes& kept = round == 0 ? discarded : times;
        Snapshot before = lake.Newest();
        lake.Run(fmt::format("INSERT INTO facts SELECT i, i % 10, i FROM range({}, {}) AS r(i)", (round + 1) * kRows,
                             (round + 2) * kRows));
        kept.by_hand.push_back(Timed(
            [&] { lake.Run(fmt::format("SELECT count(g), count(v) FROM facts WHERE snapshot_id > {}", before)); }));
        kept.planning.push_back(Timed([&] { lake.Run("EXPLAIN SELECT sum(v) FROM facts WHERE id >= 0"); }));
        kept.count.push_back(Timed([&] { lake.Run("SELECT count(*) FROM facts"); }));
        kept.insert.push_back(Timed([&] { RefreshTable(lake.Freshet(), "sums"); }));
        lake.Run(fmt::format("DELETE FROM facts WHERE id = {}", round));
        kept.removal.push_back(Timed([&] { RefreshTable(lake.Freshet(), "sums"); }));
        kept.idle.push_back(Timed([&] { RefreshTable(lake.Freshet(), "sums"); }));
    }
    fmt::print("{} files: {}\n", files, IsEqual(lake.Freshet(), "sums") ? "equal" : "THE TABLE DIFFERS");
    return times;
}

void Measure(const FilesPlan& plan) {
    FilesTimes few = MeasureFiles(plan, plan.few);
    FilesTimes many = MeasureFiles(plan, plan.many);
    std::vector<std::vector<Value>> shown;
    auto add = [&](const char* what, Times FilesTimes::*times) {
        shown.push_back({std::string(what), Spread(few.*times), Spread(many.*times), Ratio(many.*times, few.*times)});
    };
    add("refresh after an insert of one file", &FilesTimes::insert);
    add("refresh after a delete in one file", &FilesTimes::removal);
    add("refresh with nothing to do", &FilesTimes::idle);
    add("DuckLake alone: the inserted rows read", &FilesTimes::by_hand);
    add("DuckLake alone: EXPLAIN of one scan", &FilesTimes::planning);
    add("DuckLake alone: count(*)", &FilesTimes::count);
    PrintTable({"", fmt::format("{} files", plan.few), fmt::format("{} files", plan.many), "many/few"}, shown);
}

} // namespace

void AddFiles(CLI::App& program) {
    auto plan = std::make_shared<FilesPlan>();
    auto* command = program.add_subcommand("files", "a change of one file in a table of few and of many files");
    command->add_option("--few", plan->few, "files of the first lake")->capture_default_str();
    command->add_option("--many", plan->many, "files of the second lake")->capture_default_str();
    command->add_option("--rounds", plan->rounds, "rounds")->check(CLI::PositiveNumber)->capture_default_str();
    AddCatalogOption(*command, plan->catalog);
    command->callback([plan] { Measure(*plan); });
}

} // namespace freshet::bench
