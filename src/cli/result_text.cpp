#include "cli/result_text.hpp"

#include "bind/definition.hpp"
#include "cli/json_text.hpp"

#include <algorithm>
#include <functional>

namespace freshet {

namespace {

/// A line of cells.
std::string Line(size_t count, const char* begin, const char* between, const char* end,
                 const std::function<std::string(size_t)>& cell) {
    std::string line = begin;
    for (size_t i = 0; i < count; i++) {
        line += (i == 0 ? "" : between) + cell(i);
    }
    return line + end;
}

std::string JsonLines(const Table& result) {
    std::string text;
    for (size_t row = 0; row < result.rows.size(); row++) {
        text += RowJson(result, row) + "\n";
    }
    return text;
}

/// NULL is nothing, an empty text is "".
std::string CsvCell(const std::string& text, bool is_null) {
    if (is_null || (!text.empty() && text.find_first_of(",\"\r\n") == std::string::npos)) {
        return text;
    }
    std::string quoted = "\"";
    for (char c : text) {
        quoted += c == '"' ? "\"\"" : std::string(1, c);
    }
    return quoted + "\"";
}

std::string Csv(const Table& result) {
    size_t count = result.columns.size();
    std::string text = Line(count, "", ",", "\n", [&](size_t i) { return CsvCell(result.columns[i].name, false); });
    for (const auto& row : result.rows) {
        text += Line(count, "", ",", "\n", [&](size_t i) { return CsvCell(AsText(row[i]), IsNull(row[i])); });
    }
    return text;
}

std::string MarkdownCell(const std::string& text) {
    std::string cell;
    for (char c : text) {
        cell += c == '|' ? "\\|" : c == '\n' ? "<br>" : c == '\r' ? "" : std::string(1, c);
    }
    return cell;
}

std::string Markdown(const Table& result) {
    size_t count = result.columns.size();
    auto line = [&](const std::function<std::string(size_t)>& cell) { return Line(count, "| ", " | ", " |\n", cell); };
    std::string text = line([&](size_t i) { return MarkdownCell(result.columns[i].name); });
    text += line([&](size_t i) { return IsNumericType(result.columns[i].type) ? "---:" : "---"; });
    for (const auto& row : result.rows) {
        text += line([&](size_t i) { return IsNull(row[i]) ? "NULL" : MarkdownCell(AsText(row[i])); });
    }
    return text;
}

/// EXPLAIN gives pictures of several lines.
bool IsExplained(const Table& result) {
    return result.columns.size() == 2 && result.columns[0].name == "explain_key" &&
           result.columns[1].name == "explain_value";
}

std::string Pictures(const Table& result) {
    std::string text;
    for (const auto& row : result.rows) {
        text += result.rows.size() > 1 ? AsText(row[0]) + "\n" : "";
        text += AsText(row[1]);
        text += text.ends_with('\n') ? "" : "\n";
    }
    return text;
}

std::string AsTable(const Table& result, const TableStyle& style) {
    return IsExplained(result) ? Pictures(result) : RenderTable(result, style);
}

} // namespace

const std::vector<std::string>& ResultFormNames() {
    static const std::vector<std::string> names = {"table", "wide", "json", "jsonl", "csv", "markdown"};
    return names;
}

ResultForm ResultFormOf(const std::string& name) {
    const auto& names = ResultFormNames();
    return static_cast<ResultForm>(std::find(names.begin(), names.end(), name) - names.begin());
}

std::string RenderResult(const Table& result, ResultForm form, TableStyle style) {
    if (result.columns.empty()) {
        return "";
    }
    switch (form) {
    case ResultForm::Table:
        return AsTable(result, style);
    case ResultForm::Wide:
        style.width = 0;
        return AsTable(result, style);
    case ResultForm::Json: // keys of an object are told apart as columns of a table are
        return RowsJson({WithTableNames(result.columns, {}), result.rows}) + "\n";
    case ResultForm::JsonLines:
        return JsonLines({WithTableNames(result.columns, {}), result.rows});
    case ResultForm::Csv:
        return Csv(result);
    case ResultForm::Markdown:
        return Markdown(result);
    }
    return "";
}

} // namespace freshet
