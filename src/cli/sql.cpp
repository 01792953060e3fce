#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/prompt.hpp"
#include "cli/sql_text.hpp"
#include "cli/statements.hpp"

#include <iostream>
#include <unistd.h>

namespace freshet {

namespace {

constexpr const char* kHistoryFile = ".freshet/history";

struct SqlOptions : CommandOptions {
    std::optional<std::string> sql;
    std::optional<std::string> file;
    bool keep_going = false;
    bool force = false;
    std::string form = "table";

    void Validate() const {
        if (sql && file) {
            throw Error(Code::Usage, "both -f and an argument with SQL are given", "use one of them");
        }
    }

    int Run(Invocation& invocation) const {
        bool from_input = !sql && file.value_or("-") == "-";
        bool prompt = from_input && !file && isatty(STDIN_FILENO) != 0;
        Source source = from_input ? Source{} : ReadText(); // a file that can't be read creates no lake
        Service& service = invocation.OpenService(MissingLake::IsCreated);
        if (force) {
            service.Force();
        }
        auto session = service.NewSession();
        StatementRunner runner(invocation, *session, keep_going || prompt);
        runner.SetForm(ResultFormOf(form));
        bool done = prompt       ? RunPrompt(runner, *session, invocation, kHistoryFile)
                    : from_input ? runner.RunAsTheyCome(std::cin)
                                 : runner.Run(source);
        return done ? 0 : 1;
    }

private:
    Source ReadText() const { return sql ? Source{"", *sql} : ReadSource(*file); }
};

} // namespace

void RegisterSql(CommandTree& tree) {
    tree.Add<SqlOptions>("sql", "run statements from an argument, a file, standard input or a prompt",
                         [](Arguments& arguments, SqlOptions& options) {
                             arguments.Text("SQL", options.sql, "statements");
                             arguments.Text("-f,--file", options.file, "file with statements; - is standard input");
                             arguments.Choice("-o,--output", options.form, ResultFormNames(),
                                              "form of results; --json is the machine interface");
                             arguments.Flag("--keep-going", options.keep_going, "go on after a statement that failed");
                             arguments.Flag("--force", options.force, kForceHelp);
                         });
}

} // namespace freshet
