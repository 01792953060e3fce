#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/refresh_text.hpp"

#include <algorithm>

namespace freshet {

namespace {

struct RefreshOptions : CommandOptions {
    RefreshRequest request;

    void Validate() const {
        if (request.all == !request.names.empty()) {
            throw Error(Code::Usage, request.all ? "both --all and names are given" : "no table named",
                        "name tables (globs are allowed) or give --all");
        }
    }

    int Run(Invocation& invocation) const {
        auto entries = invocation.While("refreshing", [&] { return invocation.OpenService().Refresh(request); });
        if (invocation.Options().json) {
            invocation.Out().Line(RefreshJson(entries));
            ReportErrors(invocation, entries);
        } else if (entries.empty()) {
            invocation.Note("there is nothing to refresh");
        } else {
            ShowRefreshes(invocation, entries);
        }
        bool failed = std::any_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.error; });
        return failed ? 1 : 0;
    }

private:
    static void ReportErrors(Invocation& invocation, const std::vector<RefreshEntry>& entries) {
        for (const auto& entry : entries) {
            if (entry.error) {
                invocation.Report(*entry.error);
            }
        }
    }
};

} // namespace

void RegisterRefresh(CommandTree& tree) {
    tree.Add<RefreshOptions>("refresh", "bring dynamic tables to the lake's newest snapshot",
                             [](Arguments& arguments, RefreshOptions& options) {
                                 RefreshRequest& request = options.request;
                                 arguments.List("NAME", request.names, "[schema.]name; globs are allowed");
                                 arguments.Flag("--all", request.all, "all but suspended ones");
                                 arguments.Flag("--full", request.full,
                                                "evaluate the named tables' whole definitions anew");
                                 arguments.Flag("--atomic", request.atomic, "one commit for all, or none");
                                 arguments.Flag("--dry-run", request.dry_run, "say what would be done, write nothing");
                             });
}

} // namespace freshet
