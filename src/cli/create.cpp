#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/definition_text.hpp"
#include "cli/json_text.hpp"
#include "cli/sql_text.hpp"

namespace freshet {

namespace {

struct CreateOptions : CommandOptions {
    std::string file;
    bool force = false;

    int Run(Invocation& invocation) const {
        Source source = ReadDefinition(file);
        Service& service = invocation.OpenService(MissingLake::IsCreated);
        if (force) {
            service.Force();
        }
        CreateReport report = invocation.While("creating", [&] { return service.Create(source); });
        ShowDefinition(invocation, report);
        return 0;
    }
};

} // namespace

void RegisterCreate(CommandTree& tree) {
    tree.Add<CreateOptions>(
        "create", "create the dynamic table that a file defines", [](Arguments& arguments, CreateOptions& options) {
            arguments.Required("-f,--file", options.file, "file with one CREATE DYNAMIC TABLE; - is standard input");
            arguments.Flag("--force", options.force, kForceHelp);
        });
}

} // namespace freshet
