#pragma once

#include "base/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace freshet::delta {

/// Hidden state of one aggregate operator: a table in __freshet with one row per group. Named by the operator's
/// position in the plan, so that it is found again after the plan was compiled anew from the same definition.
struct Companion {
    int operator_id = 0;         ///< position of the operator in the plan (pre-order over distinct nodes)
    std::vector<Column> columns; ///< the group columns, then the accumulators
    size_t key_count = 0;        ///< the first columns that identify a row; 0: one row always
    bool required = true;        ///< false: pays only where groups are far fewer than the rows of the sources
};

/// What has to happen to a companion: the stored rows of `old_table` leave, those of `rows_table` come. Both are TEMP
/// tables with the companion's column names; the old one has filename and file_row_number besides.
struct CompanionEdit {
    int operator_id = 0;
    std::string old_table;
    std::string rows_table;
    int64_t old_rows = 0;
    int64_t rows = 0;
};

/// How the result changes.
struct ResultEdit {
    enum class Kind {
        Nothing, ///< no row changes
        Bag,     ///< `minus` and `plus` hold whole rows, one physical row per copy, netted
        Keys,    ///< stored rows whose `key_columns` are in `keys` are compared with `plus`, the new rows of those keys
        Known,   ///< as Keys, but `minus` holds those stored rows: one per key
    };
    Kind kind = Kind::Nothing;
    std::string minus; ///< TEMP table (Bag, Known)
    std::string plus;  ///< TEMP table (Bag, Keys, Known), columns named like the stored table's
    int64_t minus_rows = 0;
    int64_t plus_rows = 0;
    std::string keys;                     ///< TEMP table (Keys)
    std::vector<std::string> key_columns; ///< (Keys, Known)
    bool null_keys = true;                ///< some of them may be NULL
    int64_t stored_rows = -1;             ///< (Known) that the accumulators tell of, touched or not
};

/// One operator's part in a refresh, for explain and history.
struct OperatorReport {
    std::string name;     ///< "Aggregate by n_name"
    std::string strategy; ///< linear, join terms, accumulators, affected groups, affected rows, top-k from state ...
    std::string reason;
    int depth = 0;
    int64_t rows_in = -1; ///< changed rows that came in; -1: not measured
    int64_t rows_out = -1;
    std::string rule;     ///< page of docs/rules that tells it; empty where nothing can change
    int operator_id = -1; ///< as in Companion; -1: stands for no operator of the plan
    int64_t rows = -1;    ///< that it gives, estimated; -1: not known
};

/// The whole effect of a change, computed into TEMP tables and not yet written.
struct Change {
    ResultEdit result;
    std::vector<CompanionEdit> companions;
    std::vector<OperatorReport> operators;
    std::string strategy;       ///< one word or a few for the refresh record, e.g. "accumulators"
    int64_t affected_keys = -1; ///< distinct keys recomputed at the root aggregate, where there is one
};

} // namespace freshet::delta
