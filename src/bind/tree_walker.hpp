#pragma once

#include <duckdb.hpp>
#include <duckdb/parser/common_table_expression_info.hpp>
#include <duckdb/parser/expression/list.hpp>
#include <duckdb/parser/query_node/list.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/parser/tableref/list.hpp>
#include <functional>
#include <string>
#include <vector>

namespace freshet {

using ExpressionPtr = duckdb::unique_ptr<duckdb::ParsedExpression>;
using TableRefPtr = duckdb::unique_ptr<duckdb::TableRef>;

/// Walks over every part of DuckDB's parse tree of a query, and may change it. It knows which CTEs are in scope, and
/// sees that a select item whose text a change alters keeps its column name. Override what you look for and call the
/// base for the parts.
class TreeWalker {
public:
    virtual ~TreeWalker() = default;

    virtual void Node(duckdb::QueryNode& node);
    virtual void Ref(TableRefPtr& ref);
    virtual void Expression(ExpressionPtr& expression);

protected:
    struct Cte {
        std::string name;
        duckdb::QueryNode* node;
        const duckdb::vector<std::string>* aliases;
    };

    /// FROM comes first, then what can refer to it.
    virtual void Select(duckdb::SelectNode& node);
    virtual void From(TableRefPtr& from) { Ref(from); }
    virtual void SelectItem(ExpressionPtr& item);
    /// Does what may alter the item's text, from which its column has its name where none is given.
    static void KeepingName(ExpressionPtr& item, const std::function<void()>& change);
    void OptionalExpression(ExpressionPtr& expression);

    /// The CTE that an unqualified name means here, or null.
    const Cte* FindCte(const std::string& name) const;
    bool IsCteReference(const duckdb::BaseTableRef& ref) const;

private:
    void RecursiveCte(duckdb::RecursiveCTENode& node);
    void Pivot(duckdb::PivotRef& pivot);
    void Modifiers(duckdb::QueryNode& node);

    std::vector<Cte> ctes_;
};

/// Does it stand for several columns?
bool ContainsStar(duckdb::ParsedExpression& expression);

/// Forgets where the parts stand: text of a view or macro is not the user's.
void ForgetLocations(duckdb::QueryNode& node);
void ForgetLocations(ExpressionPtr& expression);

} // namespace freshet
