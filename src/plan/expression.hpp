#pragma once

#include "base/value.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace freshet::plan {

enum class ExprKind {
    Column,     ///< `column`: position among the columns of the node's inputs, concatenated
    Constant,   ///< `text`: an SQL literal of exactly `type`
    Function,   ///< `text`: name of a deterministic scalar function; `args`
    Cast,       ///< to `type`; TRY_CAST if `try_cast`
    Comparison, ///< `text`: =, <>, <, <=, >, >=, IS DISTINCT FROM, IS NOT DISTINCT FROM
    And,
    Or,
    Not,
    IsNull,
    IsNotNull,
    In, ///< args[0] IN (args[1..])
    NotIn,
    Between, ///< args[0] BETWEEN args[1] AND args[2]
    Case,    ///< when, then, when, then, ..., else
    Coalesce,
    Lambda,    ///< args[0] with the parameters named in `text` ("x, y"), an argument of a list function
    Parameter, ///< `text`: name of a parameter of a lambda around
    Moment,    ///< `text`: function without arguments that stands for the data timestamp (kMomentPrefix)
};

struct Expr;
using ExprPtr = std::shared_ptr<const Expr>;

/// An immutable scalar expression over the columns of a node's inputs. Types are explicit: every cast that DuckDB's
/// binder inserted is there, so that printing and binding again gives the same expression.
struct Expr {
    ExprKind kind = ExprKind::Constant;
    std::string type;
    int column = -1;
    std::string text;
    bool try_cast = false;
    std::vector<ExprPtr> args;
    std::vector<std::string> arg_names; ///< of struct_pack(a := x) and the like; empty: no argument has a name
};

ExprPtr ColumnRef(int column, std::string type);
ExprPtr Literal(std::string sql, std::string type);
ExprPtr Call(ExprKind kind, std::string type, std::vector<ExprPtr> args, std::string text = "");
/// The value cast to VARCHAR, which tells apart what is merely equal.
ExprPtr TextOf(const ExprPtr& expr);
/// left = right (or another comparison), BOOLEAN.
ExprPtr Compare(std::string op, ExprPtr left, ExprPtr right);

/// The expression with column i replaced by replacement(i).
ExprPtr Substitute(const ExprPtr& expr, const std::function<ExprPtr(int column, const std::string& type)>& replacement);
/// The expression with every column shifted by `offset`.
ExprPtr Shift(const ExprPtr& expr, int offset);
/// Columns that the expression reads.
std::set<int> ColumnsOf(const ExprPtr& expr);
void CollectColumns(const ExprPtr& expr, std::set<int>& into);
bool Same(const ExprPtr& a, const ExprPtr& b);
/// Does the value depend on the data timestamp?
bool IsTimely(const ExprPtr& expr);
/// The expression with the data timestamp, given as SQL of a TIMESTAMPTZ, in place of now() and its synonyms.
ExprPtr AtMoment(const ExprPtr& expr, const std::string& timestamp_sql);
/// Splits nested ANDs into conjuncts.
void SplitConjuncts(const ExprPtr& expr, std::vector<ExprPtr>& into);

/// SQL text; column_sql gives the text of a column.
std::string ToSql(const ExprPtr& expr, const std::function<std::string(int column)>& column_sql);
/// For people: columns as #i.
std::string ToText(const ExprPtr& expr);

} // namespace freshet::plan
