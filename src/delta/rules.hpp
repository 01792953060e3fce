#pragma once

#include "delta/accumulators.hpp"
#include "delta/compiler.hpp"
#include "emit/relation.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet::delta {

/// The change of one operator's output: a TEMP table with the operator's columns and the weight, netted by value.
struct NodeDelta {
    std::string table; ///< empty: no change
    Facts facts;
    bool Empty() const { return table.empty() || facts.rows == 0; }
};

/// What the rule of an aggregate or a window leaves besides its change.
struct GroupChange {
    std::string keys;                   ///< TEMP table of the touched groups or partitions
    std::vector<std::string> key_names; ///< its key columns
    std::string new_rows;               ///< relation: output rows of those groups that are there after the change
    std::string old_rows;               ///< relation: before the change, where it was evaluated
    Facts key_facts;
    std::string old_accumulators; ///< TEMP tables, where accumulators are kept
    std::string new_accumulators;
};

class JoinTerm;

/// Columns of a source (Analysis::query.sources).
struct SourceColumns {
    size_t source = 0;
    std::vector<size_t> columns;
};
/// What these expressions over a plain scan are; nothing if one of them is computed.
std::optional<SourceColumns> ScannedColumns(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions);

/// One walk over a plan for one interval. Each operator's rule is a method in a file of its own (rule_*.cpp); all see
/// the inputs' old and new states through Relations and their changes through Delta().
class Rules : public emit::Relations {
public:
    Rules(const Analysis& analysis, const Interval& interval, Runtime& runtime);

    Change Run();

    std::string SourceSql(int source, emit::Side side) const override;
    std::optional<std::string> MaintainedSql(const plan::Node& node, emit::Side side) const override;
    std::string MomentSql(emit::Side side) const override;

private:
    // ---- rules, one file each
    std::string ScanDelta(const plan::Scan& scan);
    std::string FilterDelta(const plan::NodePtr& node);
    std::string MovedRows(const plan::NodePtr& node);
    std::string ProjectDelta(const plan::NodePtr& node);
    std::string UnionDelta(const plan::NodePtr& node);
    std::string UnnestDelta(const plan::NodePtr& node);
    /// `read_above`: the columns of the join that its reader needs; the others may hold anything.
    std::string InnerJoinDelta(const plan::NodePtr& node, const std::set<int>& read_above);
    std::string TwoSidedJoinDelta(const plan::NodePtr& node);
    std::string AggregateDelta(const plan::NodePtr& node);
    std::string WindowDelta(const plan::NodePtr& node);
    std::string WholeDelta(const plan::NodePtr& node);

    // ---- shared steps
    /// The change of a node, made once however often it is asked for.
    const NodeDelta& Delta(const plan::NodePtr& node);
    /// SELECT of the change (columns and weight), not yet netted; empty text where nothing changed. Linear operators,
    /// and inner joins that nothing else reads, are composed into one SELECT without a table between.
    std::string DeltaSql(const plan::NodePtr& node);
    /// The same for a reader that needs these columns only; the others may hold anything.
    std::string DeltaSql(const plan::NodePtr& node, const std::set<int>& columns);
    /// Is DeltaSql() the operator's rule itself, without a table between?
    bool IsComposed(const plan::NodePtr& node) const;
    /// The operator's rule: SELECT of its change.
    std::string RuleSql(const plan::NodePtr& node);
    /// Makes a table of a change and nets it by value where both signs occur.
    NodeDelta Settle(const plan::NodePtr& node, const std::string& sql);
    /// TEMP table of distinct keys.
    struct Keys {
        std::string table;
        Facts facts;
    };
    Keys MakeKeys(const std::string& relation, const std::vector<std::string>& expressions, bool drop_null);
    emit::Restriction Restrict(const Keys& keys, std::vector<plan::ExprPtr> expressions);
    /// By the columns of any TEMP table, whose facts tell of NULL in each of them.
    emit::Restriction Restrict(const std::string& table, std::vector<std::string> columns, const Facts& facts,
                               std::vector<plan::ExprPtr> expressions);
    /// Ranges in which a column's values lie, where they would prune what is read of so many rows.
    std::vector<emit::ValueRange> RangesFor(int64_t rows_to_prune, const std::string& table, int64_t rows,
                                            const std::string& column, const std::string& type);
    std::string NewName(const std::string& what);
    Facts Make(const std::string& name, const std::string& sql, bool weighted,
               const std::vector<std::string>& null_columns = {});

    /// A node's rows of some keys after and before the change, as TEMP tables: evaluated once, since what was there
    /// before is what is there now without the change.
    struct BothSides {
        std::string new_rows;
        std::string old_rows;
    };
    BothSides ReadOnce(const plan::NodePtr& node, const emit::Restriction& restriction, const NodeDelta& change);
    /// May old rows be told from new ones by value? Not where a value depends on the order in which rows are met.
    static bool IsReproducible(const plan::NodePtr& node);
    /// Is keeping the rows of so many keys cheaper than evaluating them a second time?
    bool IsWorthReadingOnce(const plan::NodePtr& node, const emit::Restriction& restriction, int64_t keys);

    /// An operator over the rows of the touched keys of its input `node`: `sql` gives its SELECT over a relation. Sets
    /// the new rows of `out`, and the old ones if wanted; its keys are known.
    void EvaluateFor(const plan::NodePtr& node, const emit::Restriction& restriction, const NodeDelta& change,
                     bool with_old, const std::function<std::string(const std::string& rows)>& sql, GroupChange& out);
    /// Which of these expressions carry a restriction down to scans or to maintained rows. All, if none does.
    std::vector<bool> Carriers(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions) const;
    /// About how many rows of a node have the same values of these expressions; 0: not known.
    double RowsPerKey(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions) const;

    /// How many operators read each one.
    void CountUses(const plan::NodePtr& node);
    bool Changes(const plan::NodePtr& node);
    bool IsKept(const plan::Node& node) const;
    /// May the node's rows have changed? Where accumulators tell its new rows there is no need to know which did.
    bool IsTouched(const plan::NodePtr& node);

    /// The change where rows of some groups or partitions are replaced: SELECT of the new ones and the old ones.
    static std::string Replacement(const plan::Node& node, const std::string& new_rows, const std::string& old_rows);

    // aggregate
    /// All of these set groups_ of the node, or tell that nothing changed.
    bool ChangeGroups(const plan::NodePtr& node, bool with_old);
    bool FoldAccumulators(const plan::NodePtr& node);
    bool Fold(const plan::NodePtr& node, const std::string& input_change);
    std::string ChangeToFold(const plan::NodePtr& node);
    GroupChange& RecomputeGroups(const plan::NodePtr& node, const NodeDelta& input, bool with_old);
    std::string MendExtremes(const plan::NodePtr& node, const Accumulators& accumulators, const std::string& combined);

    // window
    GroupChange RecomputePartitions(const plan::NodePtr& node, const NodeDelta& input, bool with_old);

    // inner join
    std::string OverUnchanged(const plan::NodePtr& node, const std::set<size_t>& changed, const std::string& terms);
    bool Extend(JoinTerm& term, const plan::NodePtr& node, const std::set<size_t>& scope, size_t changed);
    std::optional<size_t> LikelyEmpty(const JoinTerm& term, const plan::NodePtr& node, const std::set<size_t>& scope,
                                      size_t changed);
    bool CameTogether(const JoinTerm& term, const plan::NodePtr& node, size_t input);
    emit::Restriction KeysFor(const JoinTerm& term, const plan::NodePtr& node, size_t input);
    std::string Pruned(const JoinTerm& term, const plan::NodePtr& node, size_t input, const std::string& relation);
    /// Is the changed input a scalar subquery's row that is only compared by order or inequality? Asks for its change.
    bool OnlyTurnsRows(const plan::NodePtr& node, size_t input, const std::set<int>& read_above);
    /// The term of such an input.
    std::string TurnedRows(const plan::NodePtr& node, size_t changed);
    // two-sided joins
    std::string AffectedLeft(const plan::NodePtr& node, const NodeDelta& right);
    std::string OverBothSides(const plan::NodePtr& node, const NodeDelta& left, const std::string& affected,
                              const NodeDelta& right);
    std::string OverRight(const plan::NodePtr& node, const std::string& left_relation, emit::Side side,
                          const std::string& weight_sql);

    // root
    ResultEdit RootEdit();
    ResultEdit BagEdit(const plan::NodePtr& root);
    ResultEdit KeyedEdit(const plan::NodePtr& root);
    ResultEdit WholeEdit(const plan::NodePtr& root);
    std::string RenamedColumns(const std::string& from) const;
    void Note(const plan::NodePtr& node, const std::string& strategy);

    const Analysis& analysis_;
    const Interval& interval_;
    Runtime& runtime_;
    std::map<const plan::Node*, NodeDelta> deltas_;
    std::map<const plan::Node*, GroupChange> groups_;
    std::map<const plan::Node*, bool> folded_;           ///< whose accumulators were asked for: whether they change
    std::map<const plan::Node*, std::string> overrides_; ///< relation that stands for a node's new rows at the root
    std::map<const plan::Node*, bool> changes_;
    std::map<const plan::Node*, int> uses_;
    std::vector<std::string> strategies_;
    Change change_;
    int next_name_ = 0;
};

/// Is it a filter whose predicates depend on the data timestamp?
bool IsMoving(const plan::Node& node);

/// Scans with filters and projections: DuckDB's own join filters prune them while they are scanned.
bool IsPlainScan(const plan::NodePtr& node);

/// "c1, c2, ..., weight"
std::string WithWeight(const std::vector<Column>& columns, const std::string& from);

} // namespace freshet::delta
