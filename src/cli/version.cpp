#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "service/versions.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

struct VersionOptions : CommandOptions {
    int Run(Invocation& invocation) const {
        Versions versions = ReadVersions();
        if (invocation.Options().json) {
            invocation.Out().Line(TextsJson(
                {{"freshet", versions.program}, {"duckdb", versions.duckdb}, {"ducklake", versions.ducklake}}));
        } else {
            invocation.Out().Line(fmt::format("freshet {} (DuckDB {}, DuckLake {})", versions.program, versions.duckdb,
                                              versions.ducklake));
        }
        return 0;
    }
};

} // namespace

void RegisterVersion(CommandTree& tree) {
    tree.Add<VersionOptions>("version", "versions of the program, DuckDB and DuckLake",
                             [](Arguments&, VersionOptions&) {});
}

} // namespace freshet
