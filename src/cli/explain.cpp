#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/error_pages.hpp"
#include "cli/json_text.hpp"

#include <fmt/format.h>
#include <regex>

namespace freshet {

namespace {

struct ExplainOptions : CommandOptions {
    std::string name;
    bool sql = false;

    int Run(Invocation& invocation) const {
        static const std::regex error_number("FRS-[0-9]{4}", std::regex::icase);
        return std::regex_match(name, error_number) ? ExplainError(invocation) : ExplainTable(invocation);
    }

private:
    int ExplainError(Invocation& invocation) const {
        auto page = FindErrorPage(std::stoi(name.substr(4)));
        if (!page) {
            throw Error(Code::NothingMatches, fmt::format("there is no error {}", name));
        }
        if (invocation.Options().json) {
            invocation.Out().Line(TextsJson({{"code", CodeText(page->code)},
                                             {"title", page->title},
                                             {"cause", page->cause},
                                             {"remedy", page->remedy}}));
        } else {
            invocation.Out().Line(
                fmt::format("{}: {}\n\n{}\n\n{}", CodeText(page->code), page->title, page->cause, page->remedy));
        }
        return 0;
    }

    int ExplainTable(Invocation& invocation) const {
        ExplainReport report = invocation.OpenService().Explain(name);
        if (invocation.Options().json) {
            invocation.Out().Line(ExplainJson(report));
        } else if (sql) {
            ShowSql(invocation, report);
        } else {
            ShowPlan(invocation, report);
        }
        return 0;
    }

    static void ShowSql(Invocation& invocation, const ExplainReport& report) {
        for (const auto& statement : report.sql) {
            invocation.Out().Line(statement + ";\n");
        }
    }

    static void ShowPlan(Invocation& invocation, const ExplainReport& report) {
        Output& out = invocation.Out();
        out.Line(fmt::format("{}: {}", report.table.Text(), report.mode));
        out.Line("reason: " + report.reason);
        Table steps{{{"operator", "VARCHAR"}, {"strategy", "VARCHAR"}, {"reason", "VARCHAR"}}, {}};
        for (const auto& step : report.operators) {
            std::string indent(2 * static_cast<size_t>(step.depth), ' ');
            steps.rows.push_back({indent + step.name, step.strategy, step.reason});
        }
        if (!steps.rows.empty()) {
            invocation.PrintTable(steps);
        }
        for (const auto& [way, milliseconds] : report.costs) {
            out.Line(fmt::format("estimated {}: {:.1f} ms", way, milliseconds));
        }
        if (report.last_choice) {
            const auto& last = *report.last_choice;
            out.Line(fmt::format("last choice: {}, estimated {:.1f} ms, took {:.1f} ms ({:+.0f} %)", last.action,
                                 last.estimated_ms, last.measured_ms, 100 * last.Error()));
        }
    }
};

} // namespace

void RegisterExplain(CommandTree& tree) {
    tree.Add<ExplainOptions>("explain", "how a dynamic table is refreshed and why; or what an error means",
                             [](Arguments& arguments, ExplainOptions& options) {
                                 arguments.Required("NAME", options.name,
                                                    "[schema.]name, or an error such as FRS-2003");
                                 arguments.Flag("--sql", options.sql, "the SQL of a refresh");
                             });
}

} // namespace freshet
