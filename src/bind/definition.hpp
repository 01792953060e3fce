#pragma once

#include "base/clock.hpp"
#include "base/identifier.hpp"
#include "bind/source.hpp"
#include "lake/catalog.hpp"
#include "lake/session.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <variant>
#include <vector>

namespace freshet {

/// A view or macro that a definition goes through. Its text belongs to the fingerprint: a changed view changes the
/// content without touching a table.
struct Inlined {
    enum class Kind { View, ScalarMacro, TableMacro };
    Kind kind = Kind::View;
    std::string name; ///< qualified
    std::string sql;

    auto operator<=>(const Inlined&) const = default;
};

/// A function call, or another thing that matters, with its place in the user's text (none inside views and macros).
struct Mention {
    std::string name;
    std::optional<Place> place;
};

/// A part of the result that the input bag does not determine (product.md "Acceptance").
struct Undetermined {
    std::string what; ///< "row_number() over an order that may have ties"
    std::optional<Place> place;
    std::vector<std::string> columns; ///< output columns it reaches; empty: all, or the choice of the rows
    /// Where that column stands in the result, for names may repeat; negative: counted from the end, where a * stands
    /// before it.
    int position = 0;
};

/// What stands for a lake table in the printed SQL.
struct LakeRelation {
    TableName table;
    std::optional<Snapshot> version; ///< none: the newest
};
struct OtherRelation {
    std::string catalog; ///< empty: found as a session's TEMP table
    std::string schema;
    std::string name;
};
using Relation = std::variant<LakeRelation, OtherRelation>;
using RelationFor = std::function<Relation(const TableName&)>;

/// What the definition's own evaluation settles: a parse tree in which views and macros are inlined and every table is
/// resolved. Immutable; cheap to copy.
class Definition {
public:
    const std::string& Text() const;       ///< the query as written
    const std::string& SearchPath() const; ///< that it was resolved with

    /// Lake tables (not views) that it reads at the version of a refresh, in stored case.
    const std::set<TableName>& Tables() const;
    /// Lake tables that it reads only AT a version or timestamp that the user wrote; kept as they are.
    const std::set<TableName>& PinnedTables() const;
    /// Views and macros it goes through, each once, sorted.
    const std::vector<Inlined>& InlinedParts() const;
    /// Things without a change feed: tables of other databases, files, table functions.
    const std::vector<Mention>& WithoutFeed() const;
    /// random(), uuid(), nextval() ..., SAMPLE, rowid
    const std::vector<Mention>& VolatileFunctions() const;
    /// Is one of these a column that a table has and a subquery over it hasn't: rowid, filename, snapshot_id?
    bool ReadsPhysicalColumns() const;
    /// now, current_date ...: the data timestamp.
    const std::vector<Mention>& TimeFunctions() const;
    const std::vector<Undetermined>& UndeterminedParts() const;
    /// LIMIT, OFFSET or DISTINCT ON stands inside: evaluate it under Session::AvoidJoinFilters().
    bool CutsRowsInside() const;

    /// The query with every lake table replaced by what `relation_for` gives, under its old alias, and time functions
    /// replaced by constants. Readable SQL that runs whatever the session's search path is. Without `now` those that a
    /// plan knows are replaced by functions that have no value (kMomentPrefix), to be bound only: the engine evaluates
    /// some arguments while it binds, and the plan would be that of one moment.
    std::string VersionedSql(const RelationFor& relation_for, std::optional<Timestamp> now) const;
    /// Every table AT one version.
    std::string VersionedSql(Snapshot version, std::optional<Timestamp> now) const;

    struct Tree;
    /// For bind/ only.
    const Tree& Parsed() const { return *tree_; }
    explicit Definition(std::shared_ptr<const Tree> tree);
    ~Definition();
    Definition(const Definition&);
    Definition& operator=(const Definition&);

private:
    std::shared_ptr<const Tree> tree_;
};

/// Parses the query and resolves its names along `search_path` (CurrentSearchPath()), in the session's transaction or
/// one of its own. Throws Error: NotAQuery, Syntax, UnknownTable, UnknownSchema, Binding, with the place in `source`.
/// Columns and types are not looked at: bind VersionedSql() for that.
Definition ParseDefinition(Session& session, const Excerpt& query, const std::string& search_path,
                           const Source& source);

/// The columns under the names that a table has whose first columns are named `given`: a name that repeats gets _1, _2
/// ... behind it, as CREATE TABLE AS has it.
std::vector<Column> WithTableNames(std::vector<Column> columns, const std::vector<std::string>& given);

/// Result columns of a query, by binding it; nothing runs. Throws EngineError.
std::vector<Column> ResultColumns(Session& session, const std::string& sql);

/// A bound query: its result columns, and of each lake table the columns that it reads.
struct BoundQuery {
    std::vector<Column> columns;
    std::map<TableName, std::set<std::string>> reads;
};
/// ResultColumns() with what is read. Throws EngineError.
BoundQuery BindQuery(Session& session, const std::string& sql);

/// Binds the definition as the user wrote it, along its search path, and gives its result columns. Errors point into
/// the user's text: UnknownTable, UnknownColumn, UnknownSchema with the nearest name, Binding otherwise.
std::vector<Column> BindDefinition(Session& session, const Definition& definition, const Excerpt& query,
                                   const Source& source);

/// An engine's error about `query` as one about the user's text: code, hint and place. `query` must be what the engine
/// was given.
Error TranslateBindError(const EngineError& error, const Excerpt& query, const Source& source);
/// The same with the nearest name where only the session knows it: of a schema, or of a column of an altered table.
Error TranslateBindError(Session& session, const EngineError& error, const Excerpt& query, const Source& source);

} // namespace freshet
