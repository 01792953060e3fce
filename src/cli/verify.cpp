#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

struct VerifyOptions : CommandOptions {
    VerifyRequest request;

    void Validate() const {
        if (request.all == !request.names.empty()) {
            throw Error(Code::Usage, request.all ? "both --all and names are given" : "no table named",
                        "name tables (globs are allowed) or give --all");
        }
    }

    int Run(Invocation& invocation) const {
        auto entries = invocation.While("verifying", [&] { return invocation.OpenService().Verify(request); });
        if (invocation.Options().json) {
            invocation.Out().Line(VerifyJson(entries));
        } else {
            Show(invocation, entries);
        }
        bool good = std::all_of(entries.begin(), entries.end(), [](const auto& entry) { return entry.Good(); });
        for (const auto& entry : entries) {
            if (entry.error) {
                invocation.Report(*entry.error);
            } else if (!entry.Good()) {
                invocation.Report(Difference(entry));
            }
        }
        return good ? 0 : 1;
    }

private:
    static Error Difference(const VerifyEntry& entry) {
        return {Code::Differs,
                fmt::format("{} differs from its definition: {} rows are missing, {} extra", entry.table.Text(),
                            entry.missing, entry.extra),
                "freshet refresh repairs what others wrote, refresh --full whatever differs"};
    }

    static void Show(Invocation& invocation, const std::vector<VerifyEntry>& entries) {
        Table table{{{"table", "VARCHAR"},
                     {"result", "VARCHAR"},
                     {"missing", "BIGINT"},
                     {"extra", "BIGINT"},
                     {"snapshot", "BIGINT"}},
                    {}};
        for (const auto& entry : entries) {
            std::string result = entry.error ? "not verifiable" : entry.Good() ? "equal" : "DIFFERS";
            Value missing = entry.error ? Value{} : Value(entry.missing);
            Value extra = entry.error ? Value{} : Value(entry.extra);
            Value snapshot = entry.snapshot == kNoSnapshot ? Value{} : Value(entry.snapshot);
            table.rows.push_back({entry.table.Text(), result, missing, extra, snapshot});
        }
        invocation.PrintTable(table, {"table", "result"});
    }
};

} // namespace

void RegisterVerify(CommandTree& tree) {
    tree.Add<VerifyOptions>("verify", "recompute at the frontier and compare as bags",
                            [](Arguments& arguments, VerifyOptions& options) {
                                VerifyRequest& request = options.request;
                                arguments.List("NAME", request.names, "[schema.]name; globs are allowed");
                                arguments.Flag("--all", request.all, "all dynamic tables");
                                arguments.Flag("--current", request.current, "refresh first");
                            });
}

} // namespace freshet
