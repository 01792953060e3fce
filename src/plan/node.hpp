#pragma once

#include "base/identifier.hpp"
#include "base/value.hpp"
#include "plan/expression.hpp"

#include <memory>
#include <string>
#include <vector>

namespace freshet::plan {

/// The algebra works on bags (multisets) of rows. A plan is a directed acyclic graph: a part that the query names
/// twice (a CTE) is one shared node, and whatever is derived from it is derived once.
enum class NodeKind { Scan, Constants, Domain, Filter, Project, Join, Aggregate, Window, UnionAll, Unnest, TopK };

struct Node;
using NodePtr = std::shared_ptr<const Node>;

/// One operator. `columns` are its output; names are unique within the node, so that generated SQL can use them.
/// Expressions see the columns of all inputs, concatenated in order.
struct Node {
    NodeKind kind;
    std::vector<Column> columns;
    std::vector<NodePtr> inputs;

    virtual ~Node() = default;

    template <class T>
    const T& As() const {
        return static_cast<const T&>(*this);
    }

protected:
    explicit Node(NodeKind kind) : kind(kind) {}
};

/// Rows of one source table: `source` is its position in Query::sources, `source_columns[i]` the position of output
/// column i among that source's columns.
struct Scan : Node {
    Scan() : Node(NodeKind::Scan) {}
    int source = -1;
    std::vector<int> source_columns;
    std::vector<std::string> source_names; ///< names of those columns in the source
};

/// Literal rows: VALUES, and SELECT without FROM (one row, no columns).
struct Constants : Node {
    Constants() : Node(NodeKind::Constants) {}
    std::vector<std::vector<ExprPtr>> rows;
};

/// Rows for which every predicate is true.
struct Filter : Node {
    Filter() : Node(NodeKind::Filter) {}
    std::vector<ExprPtr> predicates;
};

/// The distinct values of a correlated subquery's outer columns: a leaf that stands for "the outer query's side" until
/// plan/decorrelate removes it. No finished plan holds one.
struct Domain : Node {
    Domain() : Node(NodeKind::Domain) {}
    int domain = -1;
};

struct Project : Node {
    Project() : Node(NodeKind::Project) {}
    std::vector<ExprPtr> expressions;
};

enum class JoinKind {
    Inner,  ///< any number of inputs; no predicate means cross join
    Left,   ///< inputs[0] rows without a match are padded with NULLs
    Semi,   ///< inputs[0] rows with a match; output is inputs[0]'s columns
    Anti,   ///< inputs[0] rows without a match
    Mark,   ///< inputs[0] columns plus one BOOLEAN: x IN (...) with SQL's three values
    Single, ///< like Left, but a second match is an error: a scalar subquery
};

/// A row of the other inputs matches where all predicates are true. With `null_aware` the last predicate is the
/// comparison of IN / ANY, and the ones before it select the rows of the (correlated) subquery: Mark is then true where
/// some selected row compares true, else NULL where some compares NULL, else false; Anti keeps the rows for which no
/// selected row compares true or NULL (NOT IN). Without it Mark is EXISTS: true or false.
struct Join : Node {
    Join() : Node(NodeKind::Join) {}
    JoinKind join_kind = JoinKind::Inner;
    std::vector<ExprPtr> predicates;
    bool null_aware = false;
};

struct SortKey {
    ExprPtr expression;
    bool descending = false;
    bool nulls_first = false;
};

/// One aggregate function over columns of the input.
struct AggregateCall {
    std::string function;      ///< "sum", "count" (with no argument: count(*)) ...
    std::vector<ExprPtr> args; ///< over the input's columns
    bool distinct = false;
    ExprPtr filter;                            ///< may be null
    std::vector<std::string> order_sql_suffix; ///< per order key: " DESC NULLS LAST" ...
    std::vector<ExprPtr> order_by;
    std::string type;
    std::string argument_type; ///< type of the first argument as bound; empty for count(*)
    bool settled = false;      ///< order_by holds all that the call reads: its value is a function of the bag
};

/// Every expression that the call evaluates.
std::vector<ExprPtr> ReadsOf(const AggregateCall& call);
/// "sum(DISTINCT x ORDER BY y) FILTER (WHERE p)"
std::string CallToSql(const AggregateCall& call, const std::function<std::string(int column)>& column_sql);

/// Groups by expressions; output is the group columns, then the aggregates. No group columns: always one row.
/// No aggregates: DISTINCT.
struct Aggregate : Node {
    Aggregate() : Node(NodeKind::Aggregate) {}
    std::vector<ExprPtr> groups;
    std::vector<AggregateCall> calls;
    bool IsGlobal() const { return groups.empty(); }
};

struct UnionAll : Node {
    UnionAll() : Node(NodeKind::UnionAll) {}
};

/// Input columns, then one column per unnested list expression (lists of one row are padded to the longest).
struct Unnest : Node {
    Unnest() : Node(NodeKind::Unnest) {}
    std::vector<ExprPtr> lists;
};

/// One end of a window frame: "UNBOUNDED PRECEDING", "CURRENT ROW", or "PRECEDING" / "FOLLOWING" with an offset.
struct FrameBound {
    std::string text;
    ExprPtr offset; ///< may be null
};

/// One window function over columns of the input.
struct WindowCall {
    std::string function;
    std::vector<ExprPtr> args;
    bool is_aggregate = false;
    bool distinct = false;
    bool ignore_nulls = false;
    ExprPtr filter; ///< may be null
    std::vector<ExprPtr> partitions;
    std::vector<SortKey> order_by;
    std::vector<SortKey> arg_orders; ///< ORDER BY among the arguments: the order of a frame's rows
    bool settled = false;            ///< arg_orders holds all that the call reads of a row
    std::string frame_unit;          ///< ROWS, RANGE, GROUPS
    FrameBound start;
    FrameBound end;
    std::string exclude; ///< " EXCLUDE TIES" ...
    /// The value depends on which of the rows that order_by leaves equal comes first: all columns behind the keys then
    /// make the choice the same every time.
    bool breaks_ties = false;
    std::string type;
};

std::vector<ExprPtr> ReadsOf(const WindowCall& call);
/// "a DESC NULLS LAST, b ASC NULLS LAST"
std::string SortKeysToSql(const std::vector<SortKey>& keys, const std::function<std::string(int column)>& column_sql);
/// "rank() OVER (PARTITION BY a ORDER BY b ...)". `ties` is appended to the sort keys where the call breaks ties.
std::string WindowToSql(const WindowCall& call, const std::function<std::string(int column)>& column_sql,
                        const std::string& ties = "");

/// Input columns, then one column per call. `partitions` are those that all calls have: rows that differ in them never
/// meet.
struct Window : Node {
    Window() : Node(NodeKind::Window) {}
    std::vector<ExprPtr> partitions;
    std::vector<WindowCall> calls;
};

/// The first `limit` rows after `offset` in order; all columns decide among equal ones.
struct TopK : Node {
    TopK() : Node(NodeKind::TopK) {}
    std::vector<SortKey> keys;
    int64_t limit = -1; ///< -1: no limit
    int64_t offset = 0;
};

/// A lake table that the query reads, with the columns that it references, once however often it is scanned.
struct Source {
    TableName table;
    std::vector<Column> columns;
};

/// A definition as the delta compiler sees it.
struct Query {
    std::vector<Source> sources;
    NodePtr root; ///< its columns are the result's, in order, under names unique within the node
};

/// Number of columns of all inputs together.
int InputWidth(const Node& node);
/// The type of each input column, concatenated.
std::vector<Column> InputColumns(const Node& node);
/// Position in the concatenated columns at which input i begins.
int InputOffset(const Node& node, size_t input);

// Constructors that fill `columns`.
NodePtr MakeScan(int source, const Source& table, std::vector<int> source_columns);
NodePtr MakeFilter(NodePtr input, std::vector<ExprPtr> predicates);
NodePtr MakeProject(NodePtr input, std::vector<ExprPtr> expressions, const std::vector<std::string>& names);
/// A projection onto some of the node's columns.
NodePtr PickColumns(const NodePtr& node, const std::vector<int>& positions);
NodePtr MakeJoin(JoinKind kind, std::vector<NodePtr> inputs, std::vector<ExprPtr> predicates, bool null_aware = false,
                 const std::string& mark_name = "mark");
NodePtr MakeAggregate(NodePtr input, std::vector<ExprPtr> groups, std::vector<AggregateCall> calls,
                      const std::vector<std::string>& names);
NodePtr MakeUnionAll(std::vector<NodePtr> inputs, std::vector<Column> columns);
NodePtr MakeUnnest(NodePtr input, std::vector<ExprPtr> lists, const std::vector<Column>& list_columns);
NodePtr MakeWindow(NodePtr input, std::vector<ExprPtr> partitions, std::vector<WindowCall> calls,
                   const std::vector<std::string>& names);
NodePtr MakeTopK(NodePtr input, std::vector<SortKey> keys, int64_t limit, int64_t offset);
NodePtr MakeDomain(int domain, std::vector<Column> columns);
NodePtr MakeConstants(std::vector<std::vector<ExprPtr>> rows, std::vector<Column> columns);
/// VALUES over columns of the outer query or of scalar subqueries: as many rows for each row of the input.
NodePtr MakeRowsOfEach(const NodePtr& input, const std::vector<std::vector<ExprPtr>>& rows,
                       const std::vector<Column>& columns);

/// Every expression that the operator itself evaluates.
std::vector<ExprPtr> ExpressionsOf(const Node& node);

/// The same operator over other inputs with the same columns.
NodePtr WithInputs(const Node& node, std::vector<NodePtr> inputs);

/// Column refs to all columns of a node, from position `offset` on.
std::vector<ExprPtr> AllColumns(const Node& node, int offset = 0);
std::vector<std::string> NamesOf(const std::vector<Column>& columns);
bool ContainsDomain(const NodePtr& node, int domain);
/// Does the node give one row, whatever its inputs hold?
bool HasOneRow(const NodePtr& node);

/// Makes names unique by suffixes _2, _3 ... (case-insensitively); empty names become "column".
std::vector<Column> UniqueNames(std::vector<Column> columns);

/// An indented tree for people and golden tests; a shared node is printed once and referred to afterwards.
std::string Print(const Query& query);

} // namespace freshet::plan
