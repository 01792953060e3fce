#include "lake/engine_functions.hpp"

#include <duckdb.hpp>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/common/types/hugeint.hpp>
#include <duckdb/main/database.hpp>
#include <duckdb/parser/parsed_data/create_scalar_function_info.hpp>
#include <duckdb/planner/expression/bound_function_expression.hpp>

namespace freshet {

namespace {

/// Scale of the bound DECIMAL argument as a power of ten.
struct ScaleData : duckdb::FunctionData {
    explicit ScaleData(double scale) : scale(scale) {}
    duckdb::unique_ptr<duckdb::FunctionData> Copy() const override { return duckdb::make_uniq<ScaleData>(scale); }
    bool Equals(const duckdb::FunctionData& other) const override { return other.Cast<ScaleData>().scale == scale; }
    double scale;
};

duckdb::unique_ptr<duckdb::FunctionData> BindScale(duckdb::ClientContext&, duckdb::ScalarFunction& function,
                                                   duckdb::vector<duckdb::unique_ptr<duckdb::Expression>>& arguments) {
    const auto& type = arguments[0]->return_type;
    uint8_t scale = type.id() == duckdb::LogicalTypeId::DECIMAL ? duckdb::DecimalType::GetScale(type) : 0;
    function.arguments[0] = duckdb::LogicalType::DECIMAL(38, scale);
    return duckdb::make_uniq<ScaleData>(std::pow(10.0, scale));
}

/// Divides as DuckDB's avg does: in `Float`, by count * 10^scale.
template <class Float>
void Average(duckdb::DataChunk& arguments, duckdb::ExpressionState& state, duckdb::Vector& result) {
    double scale = state.expr.Cast<duckdb::BoundFunctionExpression>().bind_info->Cast<ScaleData>().scale;
    duckdb::BinaryExecutor::ExecuteWithNulls<duckdb::hugeint_t, int64_t, double>(
        arguments.data[0], arguments.data[1], result, arguments.size(),
        [scale](duckdb::hugeint_t sum, int64_t count, duckdb::ValidityMask& mask, duckdb::idx_t row) {
            if (count == 0) {
                mask.SetInvalid(row);
                return 0.0;
            }
            Float divisor = static_cast<Float>(static_cast<uint64_t>(count)) * static_cast<Float>(scale);
            return static_cast<double>(duckdb::Hugeint::Cast<Float>(sum) / divisor);
        });
}

template <class Float>
void Register(duckdb::DatabaseInstance& database, const char* name) {
    duckdb::ScalarFunction function(name, {duckdb::LogicalTypeId::DECIMAL, duckdb::LogicalType::BIGINT},
                                    duckdb::LogicalType::DOUBLE, Average<Float>, BindScale);
    duckdb::CreateScalarFunctionInfo info(std::move(function));
    auto& catalog = duckdb::Catalog::GetSystemCatalog(database);
    auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
    catalog.CreateFunction(transaction, info);
}

} // namespace

void RegisterEngineFunctions(duckdb::DatabaseInstance& database) {
    Register<long double>(database, "freshet_avg");
    Register<double>(database, "freshet_avg_double");
}

} // namespace freshet
