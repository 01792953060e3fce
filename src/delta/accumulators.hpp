#pragma once

#include "plan/node.hpp"

#include <string>
#include <vector>

namespace freshet::delta {

/// How the aggregates of one operator are kept as accumulators that a change can be folded into: `__n` rows of the
/// group, and per distinct argument the count of non-NULL values, their sum (DECIMAL(38,s), which round-trips through
/// Parquet and raises on overflow), least and greatest value. Exact types only: sums of floating-point numbers depend
/// on order and can't be taken back.
class Accumulators {
public:
    /// Can every call of the aggregate be kept?
    static bool Supports(const plan::Aggregate& aggregate);
    explicit Accumulators(const plan::Aggregate& aggregate);

    /// Columns of the companion table: groups, then accumulators.
    const std::vector<Column>& Columns() const { return columns_; }
    size_t KeyCount() const { return key_count_; }

    /// SELECT of the whole content over a relation with the input's columns.
    std::string FillSql(const std::string& input_sql) const;
    /// SELECT of how many rows that has.
    std::string CountGroupsSql(const std::string& input_sql) const;
    /// SELECT of one row per group touched by a change (relation with the input's columns and weights): groups,
    /// weighted counts and sums, least and greatest of inserted (i) and deleted (d) values. Without extremes, groups of
    /// which nothing changes are left out, and the change need not be netted.
    std::string FoldSql(const std::string& change_sql) const;
    /// SELECT of the new accumulators from the folded change `f` and the old ones `o` (old rows of the same groups),
    /// plus
    /// `__dirty`: an extreme left and no other value of the change replaces it. Groups without rows are not dropped.
    std::string CombineSql(const std::string& folded, const std::string& old_rows, bool null_safe) const;
    /// SELECT of the new accumulators with the extremes of dirty groups taken from `recomputed` (FillSql over those).
    std::string MendSql(const std::string& combined, const std::string& recomputed) const;
    /// SELECT of the aggregate's output columns from accumulators.
    std::string FinishSql(const std::string& accumulators) const;
    bool HasExtremes() const;

private:
    struct Slot {
        plan::ExprPtr argument; ///< over the input, filter applied
        std::string type;
        bool count = false, sum = false, least = false, greatest = false;
        std::string sum_type;
    };
    size_t SlotFor(const plan::AggregateCall& call);
    std::string Name(const char* what, size_t slot) const;
    /// Condition on a folded change under alias f.
    std::string AnyChanged() const;
    std::string FinishCall(const plan::AggregateCall& call, size_t slot) const;

    const plan::Aggregate& aggregate_;
    std::vector<Slot> slots_;
    std::vector<size_t> slot_of_call_;
    std::vector<Column> columns_;
    size_t key_count_ = 0;
};

/// Name of the row count in every companion.
inline constexpr const char* kRows = "__n";

} // namespace freshet::delta
