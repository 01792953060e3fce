#include "bind/translate_constant_function.hpp"

#include "bind/translate_lateral.hpp"

#include <fmt/format.h>

namespace freshet {

std::optional<plan::NodePtr> TranslateConstantFunction(duckdb::LogicalGet& get, duckdb::ClientContext& context) {
    constexpr duckdb::idx_t kMostValues = 1000000;
    const std::string& function = get.function.name;
    bool series = function == "range" || function == "generate_series";
    bool is_known = function == "unnest" || (series && get.EstimateCardinality(context) <= kMostValues);
    if (!is_known || !get.children.empty() || get.parameters.empty()) {
        return {};
    }
    std::vector<plan::ExprPtr> arguments;
    std::vector<Column> columns;
    for (const auto& parameter : get.parameters) {
        std::string type = parameter.type().ToString();
        arguments.push_back(plan::Literal(fmt::format("CAST({} AS {})", parameter.ToSQLString(), type), type));
        columns.push_back({fmt::format("argument_{}", columns.size() + 1), type});
    }
    return TranslateLateral(get, plan::MakeConstants({arguments}, columns));
}

} // namespace freshet
