#include "cli/definition_text.hpp"

#include "cli/json_text.hpp"
#include "cli/refresh_text.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

std::string Outcome(const CreateReport& report) {
    if (report.table.name.empty()) {
        return "valid";
    }
    return fmt::format("{} {}", report.created ? "created" : "valid, not created:", report.table.Text());
}

std::string Remark(const ColumnReport& column) {
    return column.undetermined ? "undetermined" : column.inexact ? "inexact" : "";
}

} // namespace

void ShowDefinition(Invocation& invocation, const CreateReport& report) {
    for (const auto& warning : report.warnings) {
        invocation.Warn(warning);
    }
    if (invocation.Options().json) {
        invocation.Out().Line(CreateJson(report));
        return;
    }
    invocation.Out().Line(Outcome(report));
    std::string reason = report.mode_reason.empty() ? "" : ": " + report.mode_reason;
    invocation.Out().Line(fmt::format("mode {}{}", report.mode, reason));
    if (!report.created) {
        Table columns{{{"column", "VARCHAR"}, {"type", "VARCHAR"}, {"remark", "VARCHAR"}}, {}};
        for (const auto& column : report.columns) {
            columns.rows.push_back({column.column.name, column.column.type, Remark(column)});
        }
        invocation.PrintTable(columns);
    }
    if (!report.refreshes.empty()) {
        ShowRefreshes(invocation, report.refreshes);
    }
}

} // namespace freshet
