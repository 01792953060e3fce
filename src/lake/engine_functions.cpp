#include "lake/engine_functions.hpp"

#include "base/identifier.hpp"

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

void Register(duckdb::DatabaseInstance& database, duckdb::ScalarFunction function) {
    duckdb::CreateScalarFunctionInfo info(std::move(function));
    auto& catalog = duckdb::Catalog::GetSystemCatalog(database);
    auto transaction = duckdb::CatalogTransaction::GetSystemTransaction(database);
    catalog.CreateFunction(transaction, info);
}

template <class Float>
void RegisterAverage(duckdb::DatabaseInstance& database, const char* name) {
    Register(database, {name,
                        {duckdb::LogicalTypeId::DECIMAL, duckdb::LogicalType::BIGINT},
                        duckdb::LogicalType::DOUBLE,
                        Average<Float>,
                        BindScale});
}

/// As the binder's, which leaves the transaction as it was.
void RefuseMoment(duckdb::DataChunk&, duckdb::ExpressionState& state, duckdb::Vector&) {
    throw duckdb::BinderException("%s() has no value while a query is bound", state.expr.GetName());
}

/// Volatile, so that binding doesn't evaluate it where it could do without.
void RegisterMoment(duckdb::DatabaseInstance& database, const std::string& of, const duckdb::LogicalType& type) {
    duckdb::ScalarFunction function(kMomentPrefix + of, {}, type, RefuseMoment);
    function.SetStability(duckdb::FunctionStability::VOLATILE);
    Register(database, std::move(function));
}

} // namespace

void RegisterEngineFunctions(duckdb::DatabaseInstance& database) {
    RegisterAverage<long double>(database, "freshet_avg");
    RegisterAverage<double>(database, "freshet_avg_double");
    for (const char* name : {"now", "get_current_timestamp", "transaction_timestamp"}) {
        RegisterMoment(database, name, duckdb::LogicalType::TIMESTAMP_TZ);
    }
    for (const char* name : {"current_date", "today"}) {
        RegisterMoment(database, name, duckdb::LogicalType::DATE);
    }
    RegisterMoment(database, "current_localtimestamp", duckdb::LogicalType::TIMESTAMP);
}

} // namespace freshet
