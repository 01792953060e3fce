#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/lineage_text.hpp"

namespace freshet {

namespace {

struct LineageOptions : CommandOptions {
    std::string name;

    int Run(Invocation& invocation) const {
        LineageReport report = invocation.OpenService().Lineage(name);
        if (invocation.Options().json) {
            invocation.Out().Line(LineageJson(report));
        } else {
            invocation.Out().Write(LineageAsText(report));
        }
        return 0;
    }
};

} // namespace

void RegisterLineage(CommandTree& tree) {
    tree.Add<LineageOptions>("lineage", "the columns that a column is computed from, down to source tables",
                             [](Arguments& arguments, LineageOptions& options) {
                                 arguments.Required("NAME", options.name, "[schema.]table or [schema.]table.column");
                             });
}

} // namespace freshet
