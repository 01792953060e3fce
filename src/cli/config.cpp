#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct ConfigOptions : CommandOptions {
    std::string action;
    bool origin = false;

    void Validate() const {
        if (action != "show") {
            throw Error(Code::Usage, "what of the configuration?", "freshet config show --origin");
        }
    }

    int Run(Invocation& invocation) const {
        bool json = invocation.Options().json;
        bool with_origin = origin || json;
        Table table{{{"key", "VARCHAR"}, {"value", "VARCHAR"}}, {}};
        if (with_origin) {
            table.columns.push_back({"origin", "VARCHAR"});
        }
        for (const auto& setting : invocation.Configure().settings) {
            auto& row = table.rows.emplace_back(std::vector<Value>{setting.key, setting.value});
            if (with_origin) {
                row.emplace_back(setting.origin);
            }
        }
        if (json) {
            invocation.Out().Line(RowsJson(table));
        } else {
            invocation.PrintTable(table, {"key", "value"});
        }
        return 0;
    }
};

} // namespace

void RegisterConfig(CommandTree& tree) {
    tree.Add<ConfigOptions>("config", "the settings that hold, and where each comes from",
                            [](Arguments& arguments, ConfigOptions& options) {
                                arguments.Choice("ACTION", options.action, {"show"}, "show");
                                arguments.Flag("--origin", options.origin,
                                               "also where each comes from: default, file, environment, option");
                            });
}

} // namespace freshet
