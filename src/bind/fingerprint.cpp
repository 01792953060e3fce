#include "bind/fingerprint.hpp"

#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/planner/operator/list.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

std::string Fingerprint(duckdb::LogicalOperator& op, int depth = 0) {
    std::string out =
        fmt::format("{}{}", std::string(static_cast<size_t>(depth), ' '), duckdb::LogicalOperatorToString(op.type));
    if (op.type == duckdb::LogicalOperatorType::LOGICAL_GET) {
        auto& get = op.Cast<duckdb::LogicalGet>();
        if (auto table = get.GetTable()) {
            out += " " + table->ParentCatalog().GetName() + "." + table->ParentSchema().name + "." + table->name;
        } else {
            out += " " + get.function.name;
        }
        for (const auto& column : get.GetColumnIds()) {
            out += " " + get.GetColumnName(column);
        }
    }
    if (op.type == duckdb::LogicalOperatorType::LOGICAL_COMPARISON_JOIN ||
        op.type == duckdb::LogicalOperatorType::LOGICAL_DELIM_JOIN) {
        auto& join = op.Cast<duckdb::LogicalComparisonJoin>();
        out += " " + duckdb::EnumUtil::ToString(join.join_type);
        for (const auto& condition : join.conditions) {
            out += " " + condition.left->ToString() + duckdb::ExpressionTypeToString(condition.comparison) +
                   condition.right->ToString();
        }
    }
    for (const auto& [name, value] : op.ParamsToString()) {
        out += " " + name + ":" + value;
    }
    for (const auto& expression : op.expressions) {
        out += " {" + expression->ToString() + ":" + expression->return_type.ToString() + "}";
    }
    out += "\n";
    for (auto& child : op.children) {
        out += Fingerprint(*child, depth + 1);
    }
    return out;
}

/// FNV-1a, 64 bit: a fingerprint has to be stable between processes, not secret.
std::string HashText(const std::string& text) {
    uint64_t hash = 1469598103934665603ULL;
    for (unsigned char c : text) {
        hash = (hash ^ c) * 1099511628211ULL;
    }
    return fmt::format("{:016x}", hash);
}

} // namespace

std::string FingerprintOf(duckdb::LogicalOperator& plan) {
    return HashText(Fingerprint(plan));
}

} // namespace freshet
