#pragma once

#include "plan/node.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet::emit {

/// Which state of the inputs a relation shows: before the change (the frontier) or after it (the data snapshot).
enum class Side { Old, New };

/// From one value to another, both included, as SQL literals.
struct ValueRange {
    std::string from;
    std::string to;
};

/// Keys to which a relation is restricted: rows whose `expressions` (over the relation's columns) are among the rows of
/// TEMP table `table`. NULLs match NULLs where `null_safe`; without it no key is NULL and plain equality serves, by
/// which DuckDB prunes files and row groups.
struct Restriction {
    std::string table;
    std::vector<plan::ExprPtr> expressions;
    std::vector<std::string> columns; ///< of `table`, one per expression
    bool null_safe = false;
    /// Per expression, as far as known, ranges in which all its keys lie; none: not known. A scan reads them one by
    /// one: DuckDB prunes by the least and the greatest key alone, which says little where keys lie in several places
    /// far apart.
    std::vector<std::vector<ValueRange>> ranges;
};

/// A relation's rows (SQL behind FROM) whose `key` (over alias t) lies in one of the ranges, which don't overlap.
std::string WithinRanges(const std::string& relation, const std::string& key, const std::vector<ValueRange>& ranges);

/// Where relations come from. Both give SQL that can stand behind FROM.
class Relations {
public:
    virtual ~Relations() = default;
    /// A source with its columns under the source's own names.
    virtual std::string SourceSql(int source, Side side) const = 0;
    /// An operator whose output is kept (columns under the operator's names), or nothing if it has to be computed.
    virtual std::optional<std::string> MaintainedSql(const plan::Node& node, Side side) const = 0;
    /// What now() means: SQL of a TIMESTAMPTZ. Asked only where the plan has filters that move with time.
    virtual std::string MomentSql(Side side) const = 0;
};

/// SELECT that gives a plan node's rows on one side, columns under the node's names. With a restriction it gives
/// exactly the rows with those keys, and the keys are carried down to the scans wherever columns allow it: through
/// projections, group columns, unions, and across equalities of joins.
std::string SelectSql(const plan::NodePtr& node, Side side, const Relations& relations,
                      const std::optional<Restriction>& restriction = std::nullopt);

/// Would a restriction by these expressions get down to a scan or to a maintained operator?
bool RestrictionReachesScan(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions,
                            const Relations& relations);

/// "t"."name" AS "alias", ... for all columns of a node read from alias `from`.
std::string ColumnList(const std::vector<Column>& columns, const std::string& from);
/// Text of columns of one relation under alias `from`, for plan::ToSql.
std::function<std::string(int)> ColumnsFrom(const std::vector<Column>& columns, const std::string& from);

/// The SQL of a join's predicate list (AND), or "true".
std::string Conjunction(const std::vector<plan::ExprPtr>& predicates,
                        const std::function<std::string(int)>& column_sql);

/// Body of a left, semi, anti or mark join between two relations given as SQL behind FROM; columns under the join's
/// names, and `extra` select items (over alias l) behind them. Shared by whole evaluation and delta rules.
std::string TwoSidedJoinSql(const plan::Join& join, const std::string& left_sql, const std::string& right_sql,
                            const std::string& extra = "");

/// SELECT of an aggregate over a relation given as SQL behind FROM.
std::string AggregateSql(const plan::Aggregate& aggregate, const std::string& input_sql);

/// Input columns, then the window functions; ties broken by all columns where they decide.
std::string WindowSql(const plan::Window& window, const std::string& input_sql);

/// Input columns, unnested lists, then `extra` select items (over alias t).
std::string UnnestSql(const plan::Unnest& unnest, const std::string& input_sql, const std::string& extra);

/// Ordered and cut, ties broken by all columns.
std::string TopKSql(const plan::TopK& top, const std::string& input_sql);

/// Equalities of a join that link expressions of one input with expressions of others.
struct EquiPair {
    plan::ExprPtr left; ///< over inputs[0] of a two-sided join, or any side of an inner one
    plan::ExprPtr right;
    bool null_safe = false;
};
/// Equalities whose sides each read exactly one input (positions over the concatenated inputs).
std::vector<EquiPair> EquiPairs(const plan::Join& join);

} // namespace freshet::emit
