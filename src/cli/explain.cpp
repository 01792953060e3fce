#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/error_pages.hpp"
#include "cli/json_text.hpp"
#include "cli/tree_text.hpp"

#include <fmt/format.h>
#include <regex>

namespace freshet {

namespace {

struct ExplainOptions : CommandOptions {
    std::string name;
    bool sql = false;
    std::string stage = "delta";

    void Complete(Invocation&) {
        if (sql) {
            stage = "sql";
        }
    }

    int Run(Invocation& invocation) const {
        static const std::regex error_number("FRS-[0-9]{4}", std::regex::icase);
        return std::regex_match(name, error_number) ? ExplainError(invocation) : ExplainTable(invocation);
    }

private:
    int ExplainError(Invocation& invocation) const {
        auto page = FindErrorPage(std::stoi(name.substr(4)));
        if (!page) {
            const auto& pages = ErrorPages();
            throw Error(
                Code::NothingMatches, fmt::format("there is no error {}", name),
                fmt::format("numbers are from {} to {}", CodeText(pages.front().code), CodeText(pages.back().code)));
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
        } else if (stage == "sql") {
            ShowSql(invocation, report);
        } else if (stage == "plan") {
            invocation.Out().Write(report.plan.empty() ? "no plan: " + report.reason + "\n" : report.plan);
        } else {
            ShowDelta(invocation, report);
        }
        return 0;
    }

    static void ShowSql(Invocation& invocation, const ExplainReport& report) {
        if (report.sql.empty()) {
            invocation.Out().Line(
                fmt::format("-- no statements compute a change of {}: its query is evaluated whole, and the "
                            "difference from what is stored is written ({})",
                            report.table.Text(), report.reason));
        }
        for (const auto& statement : report.sql) {
            invocation.Out().Line(statement + ";\n");
        }
    }

    static void ShowDelta(Invocation& invocation, const ExplainReport& report) {
        Output& out = invocation.Out();
        out.Line(fmt::format("{}: {}", report.table.Text(), report.mode));
        out.Line("reason: " + report.reason);
        if (!report.advice.empty()) {
            out.Line("to make it incremental: " + report.advice);
        }
        if (!report.operators.empty()) {
            invocation.PrintTable(OperatorTree(report));
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

    static Table OperatorTree(const ExplainReport& report) {
        Table tree{{{"operator", "VARCHAR"},
                    {"rule", "VARCHAR"},
                    {"strategy", "VARCHAR"},
                    {"rows", "BIGINT"},
                    {"reason", "VARCHAR"}},
                   {}};
        std::vector<int> depths;
        for (const auto& step : report.operators) {
            depths.push_back(step.depth);
        }
        std::vector<std::string> lines = TreeLines(depths);
        for (size_t i = 0; i < lines.size(); i++) {
            const auto& step = report.operators[i];
            tree.rows.push_back({lines[i] + step.name, step.rule, step.strategy,
                                 step.rows < 0 ? "" : fmt::format("{}", step.rows), step.reason});
        }
        return tree;
    }
};

} // namespace

void RegisterExplain(CommandTree& tree) {
    tree.Add<ExplainOptions>("explain", "how a dynamic table is refreshed and why; or what an error means",
                             [](Arguments& arguments, ExplainOptions& options) {
                                 arguments.Required("NAME", options.name,
                                                    "[schema.]name, or an error such as FRS-2003");
                                 arguments.Choice("--stage", options.stage, {"plan", "delta", "sql"},
                                                  "the bound plan, the rule of each operator, or the SQL of a refresh");
                                 arguments.Flag("--sql", options.sql, "the same as --stage sql");
                             });
}

} // namespace freshet
