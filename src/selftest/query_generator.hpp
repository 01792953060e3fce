#pragma once

#include "selftest/expressions.hpp"
#include "selftest/random.hpp"
#include "selftest/relation.hpp"

#include <set>
#include <string>
#include <vector>

namespace freshet::selftest {

/// A query, as marked text. Its columns are named c0, c1, ...
struct Query {
    std::string text;
    std::vector<ColumnInfo> columns;
    double rows = 0;
};

/// Makes queries over some relations, each of them a function of the content of these: whatever is chosen among rows
/// is chosen by a total order. Parts are queries of the same kind, so that shapes nest.
class QueryGenerator {
public:
    QueryGenerator(Random& random, std::vector<Relation> relations)
        : random_(random), relations_(std::move(relations)) {}

    Query Make() { return Make(0); }
    /// What occurs in the queries made so far, in the words of the report.
    const std::set<std::string>& Features() const { return features_; }

private:
    /// What stands behind FROM, and the columns that this gives.
    struct From {
        std::string text;
        Scope scope;
        double rows = 0;
    };

    Query Make(int depth);

    // query_select.cpp
    Query Plain(int depth);
    Query TopK(int depth);
    Query DistinctOn(int depth);
    Query Unnested(int depth);
    std::string ListOfIntegers(const Scope& scope);
    Query SetOperation(int depth);
    Query WithCte(int depth);
    Query Recursive(int depth);
    // query_joins.cpp
    From Item(int depth);
    From Table();
    From Joined(int depth);
    void Join(From& left, int depth);
    Query Asof(int depth);
    std::string SelectiveCondition(const Scope& left, const Scope& right);
    std::string JoinCondition(const Scope& left, const Scope& right);
    std::string Equality(const Scope& left, const Scope& right);
    // query_aggregates.cpp
    Query Aggregated(int depth);
    std::string Grouping(const std::vector<Typed>& keys);
    Typed Aggregate(const Scope& scope);
    Typed NumberAggregate(const Scope& scope);
    Typed OtherAggregate(const Scope& scope);
    Typed OrderedAggregate(const Scope& scope);
    // query_windows.cpp
    Query Windowed(int depth);
    Typed WindowFunction(const Scope& scope, bool& placed);
    Typed PeerFunction(const Scope& scope, const std::string& partition);
    Typed PlacedFunction(const Scope& scope, const std::string& partition);
    Typed FramedFunction(const Scope& scope, const std::string& partition);
    std::string Partition(const Scope& scope);
    // query_subqueries.cpp
    Query WithSubqueries(int depth);
    Query Lateral(int depth);
    std::string SubqueryCondition(const Scope& outer);
    Typed SubqueryValue(const Scope& outer);
    std::string Membership(const Scope& outer);
    std::string RowMembership(const Scope& outer);
    std::string Existence(const Scope& outer);
    Typed ScalarSubquery(const Scope& outer);

    /// SELECT ... with columns named in order, all but the first of which may be left out.
    static Query Select(const std::string& distinct, const std::vector<Typed>& list, const std::string& rest,
                        double rows);
    std::vector<Typed> SelectList(const Scope& scope, int most);
    std::string Where(const Scope& scope);
    std::string MovingCondition(const Scope& scope);
    /// The query's rows under an alias.
    From Derived(const Query& query);
    void Feature(const std::string& name) { features_.insert(name); }
    /// A new name.
    std::string Alias() { return "a" + std::to_string(next_alias_++); }

    Random& random_;
    std::vector<Relation> relations_;
    std::set<std::string> features_;
    int next_alias_ = 1;
};

} // namespace freshet::selftest
