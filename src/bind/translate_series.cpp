#include "bind/translate_series.hpp"

#include <fmt/format.h>

namespace freshet {

std::optional<plan::NodePtr> TranslateSeries(duckdb::LogicalGet& get, duckdb::ClientContext& context) {
    constexpr duckdb::idx_t kMostValues = 1000000;
    const std::string& function = get.function.name;
    bool series = function == "range" || function == "generate_series";
    if (!series || !get.children.empty() || get.returned_types.size() != 1 ||
        get.EstimateCardinality(context) > kMostValues) {
        return {};
    }
    std::vector<plan::ExprPtr> arguments;
    for (const auto& parameter : get.parameters) {
        std::string type = parameter.type().ToString();
        arguments.push_back(plan::Literal(fmt::format("CAST({} AS {})", parameter.ToSQLString(), type), type));
    }
    std::string type = get.returned_types[0].ToString();
    auto row = plan::MakeConstants({{plan::Literal("1", "INTEGER")}}, {{"one", "INTEGER"}});
    auto list = plan::Call(plan::ExprKind::Function, type + "[]", arguments, function);
    auto values = plan::MakeUnnest(row, {list}, {{function, type}});
    return plan::MakeProject(values, {plan::ColumnRef(1, type)}, {function});
}

} // namespace freshet
