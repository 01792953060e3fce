#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct ListOptions : CommandOptions {
    int Run(Invocation& invocation) const {
        Table table = ListTable(invocation.OpenService().List());
        if (invocation.Options().json) {
            invocation.Out().Line(RowsJson(table));
        } else {
            invocation.PrintTable(table, {"name", "lag", "state", "data_timestamp", "target_lag"});
        }
        return 0;
    }
};

} // namespace

void RegisterList(CommandTree& tree) {
    tree.Add<ListOptions>("list", "all dynamic tables, how fresh they are and how they are refreshed",
                          [](Arguments&, ListOptions&) {});
}

} // namespace freshet
