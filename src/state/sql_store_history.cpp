#include "base/redact.hpp"
#include "state/rows.hpp"
#include "state/sql_store.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

std::string InsertRecordSql() {
    return fmt::format(
        "INSERT INTO freshet_state.refresh_history ({}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, "
        "$11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22) "
        "ON CONFLICT (refresh_id) DO NOTHING",
        kRecordColumns);
}

constexpr const char* kMoveProgress = R"(UPDATE freshet_state.dynamic_table SET
    data_snapshot = CASE WHEN $3 >= data_timestamp THEN $2 ELSE data_snapshot END,
    unchanged_until = CASE WHEN $3 >= data_timestamp THEN $4 ELSE unchanged_until END,
    data_timestamp = CASE WHEN $3 >= data_timestamp THEN $3 ELSE data_timestamp END,
    last_action = $5, last_error = $6
WHERE id = $1)";

Row ProgressRow(const std::string& table_id, const Progress& progress) {
    return {table_id,
            progress.data_snapshot,
            progress.data_timestamp,
            progress.unchanged_until,
            progress.last_action,
            Redact(progress.last_error)};
}

/// "WHERE a = $1 AND b = $2", and the parameters for it.
class Conditions {
public:
    void Add(const std::string& column, const std::string& value) {
        parameters_.push_back(value);
        text_ += fmt::format("{} {} = ${}", text_.empty() ? "WHERE" : " AND", column, parameters_.size());
    }
    const std::string& Text() const { return text_; }
    const Row& Parameters() const { return parameters_; }

private:
    std::string text_;
    Row parameters_;
};

Conditions Of(const HistoryQuery& query) {
    Conditions conditions;
    if (query.table_id) {
        conditions.Add("table_id", *query.table_id);
    }
    if (query.table) {
        conditions.Add("schema_name", query.table->schema);
        conditions.Add("table_name", query.table->name);
    }
    if (query.action) {
        conditions.Add("action", *query.action);
    }
    if (query.status) {
        conditions.Add("status", Text(*query.status));
    }
    return conditions;
}

} // namespace

void SqlStore::RecordRefreshes(const std::vector<RefreshOutcome>& outcomes) {
    Rows records, progress;
    for (const RefreshOutcome& outcome : outcomes) {
        records.push_back(ToRow(outcome.record));
        if (outcome.progress) {
            progress.push_back(ProgressRow(outcome.record.table_id, *outcome.progress));
        }
    }
    // By id, so that two processes lock rows in one order; stable, so that a table's last outcome wins.
    std::stable_sort(progress.begin(), progress.end(), [](const Row& a, const Row& b) { return a[0] < b[0]; });
    connection_->InTransaction([&] {
        connection_->ForEach(InsertRecordSql(), records);
        connection_->ForEach(kMoveProgress, progress);
    });
}

std::vector<RefreshRecord> SqlStore::ReadHistory(const HistoryQuery& query) {
    Conditions conditions = Of(query);
    std::string sql = fmt::format("SELECT {} FROM freshet_state.refresh_history {} "
                                  "ORDER BY started_at DESC, refresh_id DESC",
                                  kRecordColumns, conditions.Text());
    if (query.limit > 0) {
        sql += fmt::format(" LIMIT {}", query.limit);
    }
    std::vector<RefreshRecord> records;
    for (const Row& row : connection_->Query(sql, conditions.Parameters())) {
        records.push_back(ToRecord(row));
    }
    return records;
}

int64_t SqlStore::ForgetHistory(int64_t keep) {
    // Of dropped tables by name: one that is dropped and created every day has a new id each time.
    constexpr const char* kSql = R"(DELETE FROM freshet_state.refresh_history WHERE refresh_id IN (
    SELECT refresh_id FROM (
        SELECT h.refresh_id, row_number() OVER (
            PARTITION BY t.id, CASE WHEN t.id IS NULL THEN h.schema_name END,
                               CASE WHEN t.id IS NULL THEN h.table_name END
            ORDER BY h.started_at DESC, h.refresh_id DESC) AS age
        FROM freshet_state.refresh_history AS h LEFT JOIN freshet_state.dynamic_table AS t ON t.id = h.table_id) AS aged
    WHERE age > $1) RETURNING 1)";
    int64_t forgotten = 0;
    connection_->InTransaction(
        [&] { forgotten = static_cast<int64_t>(connection_->Query(kSql, {std::max<int64_t>(keep, 0)}).size()); });
    return forgotten;
}

} // namespace freshet
