#pragma once

#include "cli/table_text.hpp"

#include <string>
#include <vector>

namespace freshet {

/// Forms of a result, for people and for programs.
enum class ResultForm { Table, Wide, Json, JsonLines, Csv, Markdown };

/// "table", "wide", "json", "jsonl", "csv", "markdown".
const std::vector<std::string>& ResultFormNames();
/// Precondition: one of the names.
ResultForm ResultFormOf(const std::string& name);

/// A result in a form; "" where the statement gave none. `style` is for tables: wide ones are never cut.
std::string RenderResult(const Table& result, ResultForm form, TableStyle style);

} // namespace freshet
