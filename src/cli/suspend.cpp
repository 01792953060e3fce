#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct SuspendOptions : CommandOptions {
    std::vector<std::string> names;

    void Validate() const {
        if (names.empty()) {
            throw Error(Code::Usage, "no table named", "name tables (globs are allowed)");
        }
    }

    int Run(Invocation& invocation) const {
        auto changed = invocation.OpenService().Suspend(names);
        if (invocation.Options().json) {
            invocation.Out().Line(NamesJson("suspended", changed));
            return 0;
        }
        for (const auto& table : changed) {
            invocation.Out().Line("suspended  " + table.Text());
        }
        if (changed.empty()) {
            invocation.Note("nothing changed");
        }
        return 0;
    }
};

} // namespace

void RegisterSuspend(CommandTree& tree) {
    tree.Add<SuspendOptions>("suspend", "stop refreshing tables and, by cascade, their consumers",
                             [](Arguments& arguments, SuspendOptions& options) {
                                 arguments.List("NAME", options.names, "[schema.]name; globs are allowed");
                             });
}

} // namespace freshet
