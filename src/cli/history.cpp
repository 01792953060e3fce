#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct HistoryOptions : CommandOptions {
    std::optional<std::string> name;
    int64_t limit = 100;

    int Run(Invocation& invocation) const {
        Table table = HistoryTable(invocation.OpenService().History(name, limit));
        if (invocation.Options().json) {
            invocation.Out().Line(RowsJson(table));
        } else {
            invocation.PrintTable(table);
        }
        return 0;
    }
};

} // namespace

void RegisterHistory(CommandTree& tree) {
    tree.Add<HistoryOptions>("history", "refreshes, newest first", [](Arguments& arguments, HistoryOptions& options) {
        arguments.Text("NAME", options.name, "[schema.]name; without it, of all tables");
        arguments.Number("--limit", options.limit, "at most so many; 0 for all");
    });
}

} // namespace freshet
