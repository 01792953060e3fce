#include "plan/expression.hpp"

#include "base/identifier.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <string_view>

namespace freshet::plan {

namespace {

/// Functions whose name is an operator and that are written between their arguments.
constexpr std::array kInfix = {"+",   "-",   "*",    "/", "//", "%",  "||", "~~",
                               "!~~", "~~*", "!~~*", "&", "|",  "<<", ">>", "^"};

bool IsInfix(const std::string& name) {
    for (const auto* op : kInfix) {
        if (name == op) {
            return true;
        }
    }
    return false;
}

std::string JoinSql(const std::vector<std::string>& parts, const char* separator) {
    return fmt::format("{}", fmt::join(parts, separator));
}

std::string CaseSql(const std::vector<std::string>& args) {
    std::string out = "CASE";
    for (size_t i = 0; i + 1 < args.size(); i += 2) {
        out += fmt::format(" WHEN {} THEN {}", args[i], args[i + 1]);
    }
    return out + fmt::format(" ELSE {} END", args.back());
}

/// "2:", ":-:3"
std::string SliceSql(const std::vector<std::string>& args) {
    bool steps = args.size() > 3;
    return args[1] + ":" + (steps && args[2].empty() ? "-" : args[2]) + (steps ? ":" + args[3] : "");
}

std::string FunctionSql(const std::string& name, const std::vector<std::string>& args) {
    if (args.size() == 2 && IsInfix(name)) {
        return fmt::format("({} {} {})", args[0], name, args[1]);
    }
    if (args.size() == 1 && (name == "-" || name == "+" || name == "~")) {
        return fmt::format("({}{})", name, args[0]);
    }
    if (std::find(args.begin(), args.end(), "") != args.end()) { // a slice with an open end
        return fmt::format("({})[{}]", args[0], SliceSql(args));
    }
    // position(x, y) has a grammar of its own.
    return fmt::format("{}({})", name == "position" ? QuoteIdentifier(name) : QuoteIfNeeded(name), JoinSql(args, ", "));
}

std::string InSql(const std::vector<std::string>& args, const char* op) {
    std::vector<std::string> list(args.begin() + 1, args.end());
    return fmt::format("({} {} ({}))", args[0], op, JoinSql(list, ", "));
}

} // namespace

ExprPtr ColumnRef(int column, std::string type) {
    Expr expr;
    expr.kind = ExprKind::Column;
    expr.column = column;
    expr.type = std::move(type);
    return std::make_shared<const Expr>(std::move(expr));
}

ExprPtr Literal(std::string sql, std::string type) {
    return Call(ExprKind::Constant, std::move(type), {}, std::move(sql));
}

ExprPtr Call(ExprKind kind, std::string type, std::vector<ExprPtr> args, std::string text) {
    Expr expr;
    expr.kind = kind;
    expr.type = std::move(type);
    expr.args = std::move(args);
    expr.text = std::move(text);
    return std::make_shared<const Expr>(std::move(expr));
}

ExprPtr TextOf(const ExprPtr& expr) {
    return Call(ExprKind::Cast, "VARCHAR", {expr});
}

ExprPtr Compare(std::string op, ExprPtr left, ExprPtr right) {
    return Call(ExprKind::Comparison, "BOOLEAN", {std::move(left), std::move(right)}, std::move(op));
}

ExprPtr Substitute(const ExprPtr& expr,
                   const std::function<ExprPtr(int column, const std::string& type)>& replacement) {
    if (expr->kind == ExprKind::Column) {
        return replacement(expr->column, expr->type);
    }
    if (expr->args.empty()) {
        return expr;
    }
    Expr copy = *expr;
    for (auto& arg : copy.args) {
        arg = Substitute(arg, replacement);
    }
    return std::make_shared<const Expr>(std::move(copy));
}

ExprPtr Shift(const ExprPtr& expr, int offset) {
    return Substitute(expr, [offset](int column, const std::string& type) { return ColumnRef(column + offset, type); });
}

void CollectColumns(const ExprPtr& expr, std::set<int>& into) {
    if (expr->kind == ExprKind::Column) {
        into.insert(expr->column);
    }
    for (const auto& arg : expr->args) {
        CollectColumns(arg, into);
    }
}

std::set<int> ColumnsOf(const ExprPtr& expr) {
    std::set<int> columns;
    CollectColumns(expr, columns);
    return columns;
}

bool Same(const ExprPtr& a, const ExprPtr& b) {
    if (a == b) {
        return true;
    }
    if (a->kind != b->kind || a->type != b->type || a->column != b->column || a->text != b->text ||
        a->try_cast != b->try_cast || a->arg_names != b->arg_names || a->args.size() != b->args.size()) {
        return false;
    }
    for (size_t i = 0; i < a->args.size(); i++) {
        if (!Same(a->args[i], b->args[i])) {
            return false;
        }
    }
    return true;
}

bool IsTimely(const ExprPtr& expr) {
    return expr->kind == ExprKind::Moment || std::any_of(expr->args.begin(), expr->args.end(), IsTimely);
}

ExprPtr AtMoment(const ExprPtr& expr, const std::string& timestamp_sql) {
    if (expr->kind == ExprKind::Moment) { // dates and local times of it are those of the session's zone
        return Literal(fmt::format("CAST({} AS {})", timestamp_sql, expr->type), expr->type);
    }
    if (!IsTimely(expr)) {
        return expr;
    }
    Expr copy = *expr;
    for (auto& arg : copy.args) {
        arg = AtMoment(arg, timestamp_sql);
    }
    return std::make_shared<const Expr>(std::move(copy));
}

void SplitConjuncts(const ExprPtr& expr, std::vector<ExprPtr>& into) {
    if (expr->kind != ExprKind::And) {
        into.push_back(expr);
        return;
    }
    for (const auto& arg : expr->args) {
        SplitConjuncts(arg, into);
    }
}

std::string ToSql(const ExprPtr& expr, const std::function<std::string(int column)>& column_sql) {
    std::vector<std::string> args;
    args.reserve(expr->args.size());
    for (const auto& arg : expr->args) {
        args.push_back(ToSql(arg, column_sql));
    }
    switch (expr->kind) {
    case ExprKind::Column:
        return column_sql(expr->column);
    case ExprKind::Constant:
        return expr->text;
    case ExprKind::Function:
        for (size_t i = 0; i < expr->arg_names.size(); i++) {
            args[i] = expr->arg_names[i].empty() ? args[i] : QuoteIdentifier(expr->arg_names[i]) + " := " + args[i];
        }
        return FunctionSql(expr->text, args);
    case ExprKind::Cast:
        return fmt::format("{}({} AS {})", expr->try_cast ? "TRY_CAST" : "CAST", args[0], expr->type);
    case ExprKind::Comparison:
        return fmt::format("({} {} {})", args[0], expr->text, args[1]);
    case ExprKind::And:
        return "(" + JoinSql(args, " AND ") + ")";
    case ExprKind::Or:
        return "(" + JoinSql(args, " OR ") + ")";
    case ExprKind::Not:
        return "(NOT " + args[0] + ")";
    case ExprKind::IsNull:
        return "(" + args[0] + " IS NULL)";
    case ExprKind::IsNotNull:
        return "(" + args[0] + " IS NOT NULL)";
    case ExprKind::In:
        return InSql(args, "IN");
    case ExprKind::NotIn:
        return InSql(args, "NOT IN");
    case ExprKind::Between:
        return fmt::format("({} BETWEEN {} AND {})", args[0], args[1], args[2]);
    case ExprKind::Case:
        return CaseSql(args);
    case ExprKind::Coalesce:
        return "COALESCE(" + JoinSql(args, ", ") + ")";
    case ExprKind::Lambda:
        return fmt::format("lambda {}: {}", expr->text, args[0]);
    case ExprKind::Parameter:
        return expr->text;
    case ExprKind::Moment:
        return expr->text + "()";
    }
    return "";
}

std::string ToText(const ExprPtr& expr) {
    std::string text = ToSql(expr, [](int column) { return fmt::format("#{}", column); });
    for (size_t at = text.find(kMomentPrefix); IsTimely(expr) && at != std::string::npos;
         at = text.find(kMomentPrefix, at)) {
        text.erase(at, std::string_view(kMomentPrefix).size());
    }
    return text;
}

} // namespace freshet::plan
