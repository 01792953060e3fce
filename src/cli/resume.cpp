#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct ResumeOptions : CommandOptions {
    std::vector<std::string> names;

    void Validate() const {
        if (names.empty()) {
            throw Error(Code::Usage, "no table named", "name tables (globs are allowed)");
        }
    }

    int Run(Invocation& invocation) const {
        auto changed = invocation.OpenService().Resume(names);
        if (invocation.Options().json) {
            invocation.Out().Line(NamesJson("resumed", changed));
            return 0;
        }
        for (const auto& table : changed) {
            invocation.Out().Line("resumed  " + table.Text());
        }
        if (changed.empty()) {
            invocation.Note("nothing changed");
        }
        return 0;
    }
};

} // namespace

void RegisterResume(CommandTree& tree) {
    tree.Add<ResumeOptions>("resume", "refresh tables again, and those that their suspension stopped",
                            [](Arguments& arguments, ResumeOptions& options) {
                                arguments.List("NAME", options.names, "[schema.]name; globs are allowed");
                            });
}

} // namespace freshet
