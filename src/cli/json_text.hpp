#pragma once

#include "base/error.hpp"
#include "base/value.hpp"
#include "service/demo_run.hpp"
#include "service/diff.hpp"
#include "service/project_plan.hpp"
#include "service/reports.hpp"

#include <string>
#include <utility>
#include <vector>

namespace freshet {

/// JSON as the machine interface has it. Every function returns one line without its end; texts that aren't valid UTF-8
/// stay JSON strings, with U+FFFD in place of what is wrong.

/// {"statement":k,"ok":true,"columns":[..],"rows":[[..]]}
std::string StatementJson(size_t number, const StatementResult& result);
/// {"statement":k,"ok":false,"error":{..}}
std::string StatementJson(size_t number, const Error& error);

/// {"error":{"code","message","file","line","column","hint"}}; a configuration with several errors adds "errors".
std::string ErrorJson(const Error& error);

std::string RefreshJson(const std::vector<RefreshEntry>& entries);
std::string VerifyJson(const std::vector<VerifyEntry>& entries);
std::string ExplainJson(const ExplainReport& report);
std::string CreateJson(const CreateReport& report);
/// `listed` is its one row of `list`, whose columns come first.
std::string DescribeJson(const TableReport& report, const Table& listed);
std::string GraphJson(const GraphReport& graph);
std::string LineageJson(const LineageReport& report);
/// {"steps":[{"action","kind","table","status","rows","duration_ms","error"}, ..]}
std::string ApplyJson(const ProjectPlan& plan, const std::vector<StepOutcome>& outcomes);
std::string DiffJson(const DiffReport& report);
std::string DemoJson(const DemoReport& report);
std::string MaintainJson(const std::vector<MaintainEntry>& entries);
std::string DoctorJson(const std::vector<DoctorCheck>& checks);
/// An array of objects, keys are the column names: `list`, `history`.
std::string RowsJson(const Table& table);
/// One row as an object.
std::string RowJson(const Table& table, size_t row);
/// {"<key>":["schema.name", ..]}
std::string NamesJson(const std::string& key, const std::vector<TableName>& names);
/// {"key":"text", ..} in the order given.
std::string TextsJson(const std::vector<std::pair<std::string, std::string>>& texts);
/// {"key":["text", ..], ..}
std::string ListsJson(const std::vector<std::pair<std::string, std::vector<std::string>>>& lists);

} // namespace freshet
