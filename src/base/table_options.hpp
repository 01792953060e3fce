#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

struct TargetLag {
    bool downstream = false; ///< as fresh as its consumers need
    int64_t seconds = 0;     ///< meaningless if downstream

    bool operator==(const TargetLag&) const = default;
    /// "90 seconds", "DOWNSTREAM"
    std::string Text() const;
};

enum class RefreshMode { Auto, Incremental, Full };
enum class Initialize { OnCreate, OnSchedule };

/// "AUTO", "ON_SCHEDULE" ...
std::string ModeText(RefreshMode mode);
std::string InitializeText(Initialize initialize);

/// Every option of a dynamic table, in the order in which they are shown.
enum class Option {
    TargetLag,
    RefreshMode,
    Initialize,
    CardinalityThreshold,
    Deduplication,
    AllowParallelRefresh,
    ParallelThreshold,
    MaxParallelism,
    Priority,
    Timeout,
    Retries,
    PartitionedBy,
    SortedBy,
    Comment,
    Tag,
    Adopt,
};

/// "TARGET_LAG", "PARTITIONED BY" ...
std::string OptionName(Option option);
std::vector<Option> AllOptions();

/// Options as the user gave them; what isn't set follows the default, which the accessors apply.
struct TableOptions {
    std::optional<TargetLag> target_lag;
    std::optional<RefreshMode> refresh_mode;
    std::optional<Initialize> initialize;
    std::optional<double> cardinality_threshold; ///< 0..1; unset: the cost model decides
    std::optional<bool> deduplication;
    std::optional<bool> allow_parallel_refresh;
    std::optional<int64_t> parallel_threshold; ///< changed keys
    std::optional<int64_t> max_parallelism;
    std::optional<int64_t> priority;
    std::optional<int64_t> timeout_seconds;
    std::optional<int64_t> retries;
    std::optional<std::string> partitioned_by; ///< text inside the parentheses, as DuckLake takes it
    std::optional<std::string> sorted_by;
    std::optional<std::string> comment;
    std::optional<std::vector<std::string>> tags; ///< words to select by
    std::optional<bool> adopt;                    ///< of the CREATE only: take over an existing ordinary table

    bool operator==(const TableOptions&) const = default;

    RefreshMode Mode() const { return refresh_mode.value_or(RefreshMode::Auto); }
    Initialize FirstFill() const { return initialize.value_or(Initialize::OnCreate); }
    bool Deduplicate() const { return deduplication.value_or(true); }
    bool AllowParallel() const { return allow_parallel_refresh.value_or(true); }
    int64_t ParallelThreshold() const { return parallel_threshold.value_or(10'000'000); }
    int64_t MaxParallelism() const { return max_parallelism.value_or(16); }
    int64_t Priority() const { return priority.value_or(0); }
    int64_t TimeoutSeconds() const { return timeout_seconds.value_or(3600); }
    int64_t Retries() const { return retries.value_or(3); }
    std::vector<std::string> Tags() const { return tags.value_or(std::vector<std::string>{}); }
    bool Adopt() const { return adopt.value_or(false); }

    bool IsSet(Option option) const;
    /// Back to the default (ALTER ... UNSET).
    void Unset(Option option);
    /// What `changes` sets replaces what was set here (ALTER ... SET).
    void Merge(const TableOptions& changes);

    /// JSON that holds what is set, and back. FromText throws Error BadOptionValue for text that ToText can't have
    /// written.
    std::string ToText() const;
    static TableOptions FromText(const std::string& text);

    struct Shown {
        std::string name;
        std::string value; ///< with the default where unset; "" for none
        bool is_default;
        bool has_effect; ///< false: kept, but this release doesn't act on it
    };
    /// Every option but ADOPT, for describe.
    std::vector<Shown> Show() const;
    /// A remark on each option that is set and that this release doesn't act on.
    std::vector<std::string> WithoutEffect() const;
};

} // namespace freshet
