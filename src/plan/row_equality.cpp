#include "plan/row_equality.hpp"

#include <fmt/format.h>

namespace freshet::plan {

namespace {

constexpr const char* kPack = "struct_pack";

/// NULL if a value is NULL, else the row as a struct.
ExprPtr RowOf(const std::vector<ExprPtr>& values) {
    std::string fields;
    Expr row;
    std::vector<ExprPtr> nulls;
    for (size_t i = 0; i < values.size(); i++) {
        row.arg_names.push_back(fmt::format("v{}", i));
        fields += fmt::format("{}v{} {}", i ? ", " : "", i, values[i]->type);
        nulls.push_back(Call(ExprKind::IsNull, "BOOLEAN", {values[i]}));
    }
    row.kind = ExprKind::Function;
    row.text = kPack;
    row.type = "STRUCT(" + fields + ")";
    row.args = values;
    auto null = Literal(fmt::format("CAST(NULL AS {})", row.type), row.type);
    auto packed = std::make_shared<const Expr>(row);
    return Call(ExprKind::Case, row.type, {Call(ExprKind::Or, "BOOLEAN", nulls), null, packed});
}

/// row(a, b) = row(x, y) compares fields of which NULLs are equal.
std::vector<ExprPtr> FieldEqualities(const ExprPtr& equality) {
    const auto &left = equality->args[0], &right = equality->args[1];
    auto is_row = [](const ExprPtr& side) { return side->kind == ExprKind::Function && side->text == "row"; };
    if (!is_row(left) || !is_row(right) || left->type != right->type) {
        return {equality};
    }
    std::vector<ExprPtr> fields;
    for (size_t i = 0; i < left->args.size(); i++) {
        fields.push_back(Compare("IS NOT DISTINCT FROM", left->args[i], right->args[i]));
    }
    return fields;
}

const Expr* PackedIn(const ExprPtr& expr) {
    bool packed = expr->kind == ExprKind::Case && expr->args.size() == 3 && expr->args[2]->text == kPack &&
                  expr->args[2]->kind == ExprKind::Function;
    return packed ? expr->args[2].get() : nullptr;
}

} // namespace

ExprPtr RowEquality(const std::vector<ExprPtr>& equalities) {
    std::vector<ExprPtr> left, right;
    for (const auto& equality : equalities) {
        left.push_back(equality->args[0]);
        right.push_back(equality->args[1]);
    }
    return Compare("=", RowOf(left), RowOf(right));
}

std::vector<ExprPtr> ColumnEqualities(const ExprPtr& predicate) {
    if (predicate->kind != ExprKind::Comparison || predicate->text != "=") {
        return {predicate};
    }
    const Expr *left = PackedIn(predicate->args[0]), *right = PackedIn(predicate->args[1]);
    if (!left || !right || left->arg_names != right->arg_names) {
        return FieldEqualities(predicate);
    }
    std::vector<ExprPtr> equalities;
    for (size_t i = 0; i < left->args.size(); i++) {
        equalities.push_back(Compare("=", left->args[i], right->args[i]));
    }
    return equalities;
}

} // namespace freshet::plan
