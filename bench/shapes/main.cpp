// bench_shapes: figures of single shapes of change, each measured in one run. Prints tables of times and ratios;
// asserts nothing but that tables are equal. See docs/explanation/speed.md.
#include "shapes.hpp"

#include "base/error.hpp"
#include "cli/table_text.hpp"

#include <cstdio>
#include <fmt/format.h>

namespace freshet::bench {

void PrintTable(const std::vector<std::string>& columns, const std::vector<std::vector<Value>>& rows) {
    Table table;
    for (const std::string& name : columns) {
        table.columns.push_back({name, "VARCHAR"});
    }
    table.rows = rows;
    fmt::print("{}\n", RenderTable(table, {}));
    std::fflush(stdout);
}

void AddCatalogOption(CLI::App& command, std::string& catalog) {
    command.add_option("--catalog", catalog, "sqlite or postgres:<libpq connection string>")->capture_default_str();
}

void Progress(const std::string& text) {
    fmt::print(stderr, "{}\n", text);
}

} // namespace freshet::bench

int main(int argc, char** argv) {
    using namespace freshet::bench;
    CLI::App program("Times of refreshes by the shape of the change, in ms: median (least to greatest)");
    program.require_subcommand(1);
    for (auto add : {AddDeletes, AddAutomatic, AddCommits, AddFiles, AddOneRow, AddAtomicList}) {
        add(program);
    }
    try {
        CLI11_PARSE(program, argc, argv);
    } catch (const freshet::Error& error) {
        fmt::print(stderr, "{}: {}\n{}\n", error.CodeText(), error.Message(), error.Hint());
        return 1;
    }
    return 0;
}
