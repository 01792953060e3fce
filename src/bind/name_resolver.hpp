#pragma once

#include "base/identifier.hpp"
#include "bind/aliasing_walker.hpp"
#include "bind/definition.hpp"

#include <duckdb/catalog/catalog_entry_retriever.hpp>
#include <map>
#include <set>

namespace duckdb {
class ViewCatalogEntry;
class TableFunctionCatalogEntry;
} // namespace duckdb

namespace freshet {

/// catalog.schema.name of an entry, quoted where needed.
std::string Qualified(duckdb::CatalogEntry& entry);

/// Turns offsets in the query into places in the user's text.
class QueryPlaces {
public:
    QueryPlaces(const Excerpt& query, const Source& source) : query_(query), source_(source) {}

    /// The dotted name or the token that stands at the offset.
    Place At(size_t offset) const;
    std::optional<Place> At(duckdb::optional_idx location) const;
    /// Where the word stands first.
    std::optional<Place> FindIfThere(const std::string& word) const;
    /// The same, or the query's first token.
    Place Find(const std::string& word) const;

private:
    const Excerpt& query_;
    const Source& source_;
};

/// What resolving a definition's names finds out.
struct Findings {
    std::set<TableName> tables;
    std::set<TableName> pinned;
    std::set<Inlined> inlined;
    std::vector<Mention> without_feed;
    std::vector<Mention> volatile_functions;
    std::vector<Mention> time_functions;
    bool reads_physical_columns = false;
};

/// Resolves every name of a query in the parse tree: tables get their stored, qualified name, views and macros are
/// inlined, functions that matter are noted. Names are looked up along the session's search path, those of a view in
/// the view's own schema first, as DuckDB does.
class NameResolver : public AliasingWalker {
public:
    NameResolver(duckdb::ClientContext& context, const QueryPlaces& places, Findings& findings);

    void Ref(TableRefPtr& ref) override;
    void Expression(ExpressionPtr& expression) override;

protected:
    void Select(duckdb::SelectNode& node) override;
    void From(TableRefPtr& from) override;
    bool IsHidden(size_t depth, const std::string& alias) const override;

private:
    using Entry = duckdb::optional_ptr<duckdb::CatalogEntry>;

    void BaseTable(TableRefPtr& ref);
    Entry FindTable(duckdb::BaseTableRef& table);
    void KeepTable(duckdb::BaseTableRef& table, duckdb::CatalogEntry& entry);
    void InlineView(TableRefPtr& ref, duckdb::ViewCatalogEntry& view);
    void RefuseVersionOfView(const duckdb::BaseTableRef& table) const;
    /// A table of that name doesn't exist: a file, else an error.
    void FileOrNothing(duckdb::BaseTableRef& table);

    void TableFunction(TableRefPtr& ref);
    /// query('...') and query_table('...') stand for a subquery.
    bool InlineQueryFunction(TableRefPtr& ref, duckdb::TableFunctionCatalogEntry& entry);
    bool InlineNumbered(TableRefPtr& ref);
    /// Puts a subquery in the place of `ref`, under its alias.
    void Inline(TableRefPtr& ref, duckdb::unique_ptr<duckdb::QueryNode> body);

    void Function(ExpressionPtr& expression);
    Entry FindFunction(duckdb::FunctionExpression& function, duckdb::CatalogType type);
    bool InlineScalarMacro(ExpressionPtr& expression, duckdb::CatalogEntry& entry);
    /// Before anything but FROM was walked.
    void QualifyMacroArguments(duckdb::SelectNode& node);
    struct ArgumentScope {
        duckdb::TableRef& from;
        const duckdb::case_insensitive_set_t& groups;
        duckdb::case_insensitive_set_t lambda_parameters;
        bool in_argument = false; ///< of a macro whose body has names of its own
    };
    void QualifyIn(ExpressionPtr& expression, ArgumentScope scope);
    void QualifyColumn(ExpressionPtr& expression, const ArgumentScope& scope);
    static const duckdb::TableRef* RelationNamed(const duckdb::TableRef& from, const std::string& name);
    /// Relations of FROM that a column's plain name may mean.
    struct Holders {
        std::vector<duckdb::TableRef*> relations;
        std::vector<duckdb::TableRef*> opaque; ///< whose columns aren't known here
        bool merged = false;                   ///< the column is the first of theirs that isn't NULL
    };
    Holders HoldersOf(duckdb::TableRef& from, const std::string& column);
    void NoteFunction(const duckdb::FunctionExpression& function, const Entry& entry);
    void Word(ExpressionPtr& expression);
    void InMacro(const std::function<void()>& walk);
    void NoteSample(const void* sample, duckdb::optional_idx location);

    /// Might a column of that name be meant here, rather than the function behind a word like current_date?
    bool MayBeColumn(const std::string& name);
    bool Exposes(duckdb::TableRef& ref, const std::string& name);
    bool Exposes(duckdb::QueryNode& node, const duckdb::vector<std::string>& aliases, const std::string& name);

    Mention Mentioned(const std::string& name, duckdb::optional_idx location) const;

    duckdb::ClientContext& context_;
    duckdb::CatalogEntryRetriever retriever_;
    const QueryPlaces& places_;
    Findings& findings_;
    std::vector<std::string> views_; ///< on the way to here: a view may not contain itself
    size_t macro_depth_ = 0;

    struct SelectScope {
        duckdb::SelectNode* node;
        duckdb::case_insensitive_set_t aliases; ///< as the user gave them
        bool in_from = false;                   ///< the walk is inside its FROM clause
    };
    std::vector<SelectScope> selects_;
};

} // namespace freshet
