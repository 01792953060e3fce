#include "base/aggregate_sensitivity.hpp"

#include "base/caseless.hpp"

#include <map>
#include <string_view>

namespace freshet {

Sensitivity SensitivityOf(const std::string& function) {
    std::string lower = Lower(function);
    static const std::map<std::string_view, Sensitivity> kSensitive = {
        {"list", Sensitivity::Order},
        {"array_agg", Sensitivity::Order},
        {"string_agg", Sensitivity::Order},
        {"group_concat", Sensitivity::Order},
        {"listagg", Sensitivity::Order},
        {"json_group_array", Sensitivity::Order},
        {"json_group_object", Sensitivity::Order},
        {"first", Sensitivity::Choice},
        {"last", Sensitivity::Choice},
        {"any_value", Sensitivity::Choice},
        {"arbitrary", Sensitivity::Choice},
        {"arg_max", Sensitivity::Ties},
        {"arg_min", Sensitivity::Ties},
        {"argmax", Sensitivity::Ties},
        {"argmin", Sensitivity::Ties},
        {"max_by", Sensitivity::Ties},
        {"min_by", Sensitivity::Ties},
        {"arg_max_null", Sensitivity::Ties},
        {"arg_min_null", Sensitivity::Ties},
        {"mode", Sensitivity::Mode},
        {"approx_count_distinct", Sensitivity::Approximation},
        {"approx_quantile", Sensitivity::Approximation},
        {"approx_top_k", Sensitivity::Approximation},
        {"reservoir_quantile", Sensitivity::Approximation}};
    auto found = kSensitive.find(lower);
    return found == kSensitive.end() ? Sensitivity::None : found->second;
}

} // namespace freshet
