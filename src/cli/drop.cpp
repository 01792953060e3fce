#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

struct DropOptions : CommandOptions {
    std::vector<std::string> names;
    bool cascade = false;
    bool force = false;

    void Validate() const {
        if (names.empty()) {
            throw Error(Code::Usage, "no table named", "name tables (globs are allowed)");
        }
    }

    int Run(Invocation& invocation) const {
        Service& service = invocation.OpenService();
        if (!invocation.Confirm(Question())) {
            invocation.Note("nothing was dropped");
            return 1;
        }
        if (force) {
            service.Force();
        }
        auto dropped = service.Drop(names, cascade);
        if (invocation.Options().json) {
            invocation.Out().Line(NamesJson("dropped", dropped));
            return 0;
        }
        for (const auto& table : dropped) {
            invocation.Out().Line("dropped  " + table.Text());
        }
        return 0;
    }

private:
    std::string Question() const {
        return fmt::format("Drop {}{}?", fmt::join(names, ", "),
                           cascade ? " and the dynamic tables that read them" : "");
    }
};

} // namespace

void RegisterDrop(CommandTree& tree) {
    tree.Add<DropOptions>("drop", "drop dynamic tables with their content",
                          [](Arguments& arguments, DropOptions& options) {
                              arguments.List("NAME", options.names, "[schema.]name; globs are allowed");
                              arguments.Flag("--cascade", options.cascade, "also the dynamic tables that read them");
                              arguments.Flag("--force", options.force, kForceHelp);
                          });
}

} // namespace freshet
