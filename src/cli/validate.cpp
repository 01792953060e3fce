#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/definition_text.hpp"
#include "cli/sql_text.hpp"

namespace freshet {

namespace {

struct ValidateOptions : CommandOptions {
    std::string file;

    int Run(Invocation& invocation) const {
        Source source = ReadDefinition(file);
        ShowDefinition(invocation, invocation.OpenService().Validate(source));
        return 0;
    }
};

} // namespace

void RegisterValidate(CommandTree& tree) {
    tree.Add<ValidateOptions>(
        "validate", "check a definition without creating anything", [](Arguments& arguments, ValidateOptions& options) {
            arguments.Required("-f,--file", options.file,
                               "file with one CREATE DYNAMIC TABLE or query; - is standard input");
        });
}

} // namespace freshet
