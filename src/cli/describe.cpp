#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct DescribeOptions : CommandOptions {
    std::string name;

    int Run(Invocation& invocation) const {
        TableReport report = invocation.OpenService().Describe(name);
        if (invocation.Options().json) {
            invocation.Out().Line(DescribeJson(report, ListTable({report.entry})));
        } else {
            invocation.PrintTable(DescribeTable(report), {"property", "value"});
        }
        return 0;
    }
};

} // namespace

void RegisterDescribe(CommandTree& tree) {
    tree.Add<DescribeOptions>("describe", "definition, options, columns and state of one dynamic table",
                              [](Arguments& arguments, DescribeOptions& options) {
                                  arguments.Required("NAME", options.name, "[schema.]name");
                              });
}

} // namespace freshet
