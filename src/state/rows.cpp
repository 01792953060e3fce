#include "state/rows.hpp"

#include "base/redact.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

/// Hands out the values of a row one after the other.
class Reader {
public:
    explicit Reader(const Row& row) : row_(row) {}

    std::string Text() { return AsText(Next()); }
    int64_t Int() { return AsInt(Next()); }
    TableName Name() {
        std::string schema = Text();
        return {schema, Text()};
    }
    double Double() { return OptionalDouble().value_or(0); }
    std::optional<double> OptionalDouble() {
        const Value& value = Next();
        if (const auto* number = std::get_if<double>(&value)) {
            return *number;
        }
        return IsNull(value) ? std::nullopt : std::optional(static_cast<double>(AsInt(value)));
    }
    /// The one of `all` whose text stands here.
    template <typename Enum>
    Enum OneOf(std::initializer_list<Enum> all) {
        std::string word = Text();
        for (Enum one : all) {
            if (freshet::Text(one) == word) {
                return one;
            }
        }
        throw Error(Code::Defect, fmt::format("unknown word \"{}\" in the state store", word));
    }

private:
    const Value& Next() { return row_.at(at_++); }

    const Row& row_;
    size_t at_ = 0;
};

Value OrNull(const std::optional<double>& number) {
    return number ? Value(*number) : Value();
}

} // namespace

Row ToRow(const StoredTable& table) {
    const Progress& progress = table.progress;
    return {table.id,
            table.name.schema,
            table.name.name,
            table.definition,
            table.options,
            table.search_path,
            Text(table.suspended),
            table.definition_version,
            table.created_at,
            table.mode,
            table.mode_reason,
            progress.data_snapshot,
            progress.data_timestamp,
            progress.unchanged_until,
            progress.last_action,
            Redact(progress.last_error)};
}

StoredTable ToTable(const Row& row) {
    Reader read(row);
    StoredTable table;
    table.id = read.Text();
    table.name = read.Name();
    table.definition = read.Text();
    table.options = read.Text();
    table.search_path = read.Text();
    table.suspended = read.OneOf({Suspension::None, Suspension::ByUser, Suspension::ByCascade, Suspension::ByFailures});
    table.definition_version = read.Int();
    table.created_at = read.Int();
    table.mode = read.Text();
    table.mode_reason = read.Text();
    table.progress.data_snapshot = read.Int();
    table.progress.data_timestamp = read.Int();
    table.progress.unchanged_until = read.Int();
    table.progress.last_action = read.Text();
    table.progress.last_error = read.Text();
    return table;
}

Row ToRow(const Dependency& dependency) {
    return {dependency.table_id, dependency.input.schema, dependency.input.name, dependency.input_id};
}

Dependency ToDependency(const Row& row) {
    Reader read(row);
    Dependency dependency;
    dependency.table_id = read.Text();
    dependency.input = read.Name();
    dependency.input_id = read.Text();
    return dependency;
}

Row ToRow(const RefreshRecord& record) {
    return {record.refresh_id,
            record.run_id,
            record.table_id,
            record.table.schema,
            record.table.name,
            record.started_at,
            record.finished_at,
            Text(record.trigger),
            record.action,
            record.strategy,
            Redact(record.reason),
            Text(record.status),
            record.rows_inserted,
            record.rows_deleted,
            record.duration_ms,
            record.data_snapshot,
            record.commit_snapshot,
            OrNull(record.estimated_cost),
            OrNull(record.measured_cost),
            record.candidates,
            record.error_code,
            Redact(record.error_message)};
}

RefreshRecord ToRecord(const Row& row) {
    Reader read(row);
    RefreshRecord record;
    record.refresh_id = read.Text();
    record.run_id = read.Text();
    record.table_id = read.Text();
    record.table = read.Name();
    record.started_at = read.Int();
    record.finished_at = read.Int();
    record.trigger = read.OneOf({Trigger::Manual, Trigger::Create, Trigger::Scheduled});
    record.action = read.Text();
    record.strategy = read.Text();
    record.reason = read.Text();
    record.status = read.OneOf(
        {RefreshStatus::Succeeded, RefreshStatus::Failed, RefreshStatus::Skipped, RefreshStatus::UpstreamFailed});
    record.rows_inserted = read.Int();
    record.rows_deleted = read.Int();
    record.duration_ms = read.Double();
    record.data_snapshot = read.Int();
    record.commit_snapshot = read.Int();
    record.estimated_cost = read.OptionalDouble();
    record.measured_cost = read.OptionalDouble();
    record.candidates = read.Text();
    record.error_code = read.Text();
    record.error_message = read.Text();
    return record;
}

} // namespace freshet
