#include "base/duration.hpp"
#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <sstream>

namespace freshet {

namespace {

/// A duration as TARGET_LAG has it, or none: "0 days".
std::optional<int64_t> ParseRetention(const std::string& text) {
    std::istringstream words(text);
    std::string number, unit;
    bool none = (words >> number >> unit) && number == "0" && ParseDuration("1 " + unit);
    return none ? std::optional<int64_t>(0) : ParseDuration(text);
}

struct MaintainOptions : CommandOptions {
    MaintainRequest request;
    std::string retention = "7 days";
    bool force = false;

    void Complete(Invocation&) {
        auto seconds = ParseRetention(retention);
        if (!seconds) {
            throw Error(Code::Usage, fmt::format("--retention \"{}\" is not a duration", retention),
                        "a whole number and a unit: '7 days', '12 hours', '0 days'");
        }
        request.retention_seconds = *seconds;
    }

    int Run(Invocation& invocation) const {
        Service& service = invocation.OpenService();
        if (force) {
            service.Force();
        }
        auto entries = invocation.While("compacting", [&] { return service.Maintain(request); });
        if (invocation.Options().json) {
            invocation.Out().Line(MaintainJson(entries));
        } else {
            invocation.PrintTable(Shown(entries));
        }
        for (const auto& entry : entries) {
            if (entry.error) {
                invocation.Report(*entry.error);
            }
        }
        bool failed = std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.error; });
        return failed ? 1 : 0;
    }

private:
    static Table Shown(const std::vector<MaintainEntry>& entries) {
        Table table = MaintainTable(entries);
        for (size_t row = 0; row < entries.size(); row++) {
            if (const auto& error = entries[row].error) {
                table.rows[row].back() = "failed: " + error->CodeText() + ": " + error->Message();
            }
        }
        return table;
    }
};

} // namespace

void RegisterMaintain(CommandTree& tree) {
    tree.Add<MaintainOptions>(
        "maintain", "compact files, expire snapshots that no table needs, remove files that no snapshot needs",
        [](Arguments& arguments, MaintainOptions& options) {
            arguments.Flag("--dry-run", options.request.dry_run, "say what would be done, change nothing");
            arguments.Default("--retention", options.retention, "keep snapshots younger than that");
            arguments.Flag("--all-tables", options.request.all_tables, "compact source tables too");
            arguments.Flag("--force", options.force, kForceHelp);
        });
}

} // namespace freshet
