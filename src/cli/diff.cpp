#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/plan_text.hpp"
#include "cli/sql_text.hpp"

#include <charconv>
#include <fmt/format.h>

namespace freshet {

namespace {

struct DiffOptions : CommandOptions {
    DiffRequest request;
    std::optional<std::string> file;
    std::vector<std::string> variables; ///< --var NAME=VALUE
    std::optional<std::string> from, to;

    void Validate() const {
        if (file.has_value() == (from || to)) {
            throw Error(Code::Usage, "diff compares with a definition, or two snapshots",
                        "give --as FILE, or --from SNAPSHOT [--to SNAPSHOT]");
        }
    }

    int Run(Invocation& invocation) const {
        DiffRequest asked = request;
        if (file) {
            Variables values = invocation.Configure().project.variables;
            SetVariables(variables, values);
            asked.as = ModelText(ReadDefinition(*file), values).Expanded();
        }
        asked.from = Snapshot("--from", from);
        asked.to = Snapshot("--to", to);
        DiffReport report = invocation.While("comparing", [&] { return invocation.OpenService().Diff(asked); });
        if (invocation.Options().json) {
            invocation.Out().Line(DiffJson(report));
        } else {
            Show(invocation, report);
        }
        return 0;
    }

private:
    static std::optional<int64_t> Snapshot(const char* option, const std::optional<std::string>& text) {
        if (!text) {
            return {};
        }
        int64_t number = 0;
        auto [end, problem] = std::from_chars(text->data(), text->data() + text->size(), number);
        if (problem != std::errc() || end != text->data() + text->size()) {
            throw Error(Code::Usage, fmt::format("{} takes the number of a snapshot, not {}", option, *text));
        }
        return number;
    }

    static void Show(Invocation& invocation, const DiffReport& report) {
        Output& out = invocation.Out();
        out.Line(fmt::format("{}: {} rows added, {} removed, {} changed; {} rows before, {} after", report.table.Text(),
                             report.added, report.removed, report.changed, report.rows_before, report.rows_after));
        out.Line("compared: " + report.basis);
        if (!report.columns_added.empty()) {
            out.Line(fmt::format("new columns: {}", fmt::join(report.columns_added, ", ")));
        }
        if (!report.columns_removed.empty()) {
            out.Line(fmt::format("columns that go: {}", fmt::join(report.columns_removed, ", ")));
        }
        out.Line(report.key.empty()
                     ? "key: none found, so that a changed row is one removed and one added (--key names one)"
                     : fmt::format("key: {}", fmt::join(report.key, ", ")));
        if (!report.sample.rows.empty()) {
            invocation.PrintTable(report.sample);
        }
    }
};

} // namespace

void RegisterDiff(CommandTree& tree) {
    tree.Add<DiffOptions>(
        "diff", "rows that another definition would add, remove or change; or between two snapshots",
        [](Arguments& arguments, DiffOptions& options) {
            arguments.Required("NAME", options.request.name, "[schema.]name");
            arguments.Text("--as", options.file, "file with a definition or query; - is standard input");
            arguments.Each("--var", options.variables, "NAME=VALUE: a value of ${NAME} in the file");
            arguments.Text("--from", options.from, "a snapshot of the lake");
            arguments.Text("--to", options.to, "another one (default: the newest)");
            arguments.Each("--key", options.request.key, "a column that tells rows apart; may be repeated");
            arguments.Number("--sample", options.request.sample, "so many rows are shown");
        });
}

} // namespace freshet
