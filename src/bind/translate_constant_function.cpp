#include "bind/translate_constant_function.hpp"

#include "base/identifier.hpp"
#include "bind/translate_lateral.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <string_view>

namespace freshet {

using plan::ExprPtr;
using plan::NodePtr;

namespace {

ExprPtr LiteralOf(const duckdb::Value& value, const duckdb::LogicalType& type) {
    std::string name = type.ToString();
    return plan::Literal(fmt::format("CAST({} AS {})", value.ToSQLString(), name), name);
}

std::string CallOf(const duckdb::LogicalGet& get) {
    std::string arguments;
    for (const auto& value : get.parameters) {
        arguments += (arguments.empty() ? "" : ", ") + value.ToSQLString();
    }
    for (const auto& [name, value] : get.named_parameters) {
        arguments +=
            fmt::format("{}{} := {}", arguments.empty() ? "" : ", ", QuoteIdentifier(name), value.ToSQLString());
    }
    return fmt::format("{}({})", get.function.name, arguments);
}

/// The rows that the function gives now, which it gives for ever; nothing if they are too many to be written down.
std::optional<NodePtr> Evaluated(const duckdb::LogicalGet& get, duckdb::Connection& connection) {
    constexpr duckdb::idx_t kMostRows = 1000;
    auto result = connection.Query(fmt::format("FROM {} LIMIT {}", CallOf(get), kMostRows + 1));
    if (result->HasError() || result->RowCount() > kMostRows || result->RowCount() == 0) {
        return {};
    }
    std::vector<Column> columns;
    for (size_t i = 0; i < get.names.size(); i++) {
        columns.push_back({get.names[i], get.returned_types[i].ToString()});
    }
    std::vector<std::vector<ExprPtr>> rows;
    for (duckdb::idx_t row = 0; row < result->RowCount(); row++) {
        rows.emplace_back();
        for (size_t i = 0; i < columns.size(); i++) {
            rows.back().push_back(LiteralOf(result->GetValue(i, row), get.returned_types[i]));
        }
    }
    auto constants = plan::MakeConstants(rows, columns);
    std::vector<ExprPtr> outputs;
    std::vector<std::string> names;
    for (const auto& id : get.GetColumnIds()) {
        size_t column = id.IsVirtualColumn() ? 0 : id.GetPrimaryIndex(); // of count(*): any serves
        outputs.push_back(plan::ColumnRef(static_cast<int>(column), columns[column].type));
        names.push_back(columns[column].name);
    }
    return plan::MakeProject(constants, outputs, names);
}

/// The arguments become a row of constants, from which the list is made that is unnested.
NodePtr AsList(const duckdb::LogicalGet& get) {
    std::vector<ExprPtr> arguments;
    std::vector<Column> columns;
    for (const auto& parameter : get.parameters) {
        arguments.push_back(LiteralOf(parameter, parameter.type()));
        columns.push_back({fmt::format("argument_{}", columns.size() + 1), parameter.type().ToString()});
    }
    return TranslateLateral(get, plan::MakeConstants({arguments}, columns));
}

} // namespace

std::optional<NodePtr> TranslateConstantFunction(duckdb::LogicalGet& get, duckdb::Connection& connection) {
    constexpr duckdb::idx_t kMostValues = 1000000;
    constexpr std::array<std::string_view, 4> kEvaluated = {"repeat", "repeat_row", "json_each", "json_tree"};
    const std::string& function = get.function.name;
    if (!get.children.empty() || get.parameters.empty()) {
        return {};
    }
    if (std::find(kEvaluated.begin(), kEvaluated.end(), function) != kEvaluated.end()) {
        return Evaluated(get, connection);
    }
    bool series = function == "range" || function == "generate_series";
    bool is_list = function == "unnest" || (series && get.EstimateCardinality(*connection.context) <= kMostValues);
    return is_list ? std::optional(AsList(get)) : std::nullopt;
}

} // namespace freshet
