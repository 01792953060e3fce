#include "cli/command.hpp"
#include "cli/commands.hpp"

namespace freshet {

namespace {

struct DemoOptions : CommandOptions {
    std::string subject = "tpch";
    double scale = 1;
    int64_t rounds = 3;
    std::string catalog = "sqlite";
    std::optional<std::string> data;

    void Validate() const {
        bool known = catalog == "sqlite" || catalog == "duckdb" || catalog.rfind("postgres:", 0) == 0;
        if (!known) {
            throw Error(Code::Usage, "unknown catalog " + catalog,
                        "sqlite, duckdb or postgres:<libpq connection string>");
        }
        if (subject == "flights" && !data) {
            throw Error(Code::Usage, "demo flights needs --data DIR", "the folder with the OpenFlights files");
        }
    }

    int Run(Invocation&) const { throw Error(Code::NotYetAvailable, "the demo is not part of this build"); }
};

} // namespace

void RegisterDemo(CommandTree& tree) {
    tree.Add<DemoOptions>("demo", "the main job on generated or real data, with a report",
                          [](Arguments& arguments, DemoOptions& options) {
                              arguments.Choice("WHAT", options.subject, {"tpch", "flights"}, "which data");
                              arguments.Real("--scale", options.scale, "TPC-H scale factor");
                              arguments.Number("--rounds", options.rounds, "rounds of changes");
                              arguments.Default("--catalog", options.catalog,
                                                "sqlite, duckdb or postgres:<libpq connection string>");
                              arguments.Text("--data", options.data, "folder with the OpenFlights files");
                          });
}

} // namespace freshet
