#include "bind/time_functions.hpp"

#include <algorithm>
#include <array>
#include <duckdb/common/types/date.hpp>
#include <duckdb/common/types/datetime.hpp>
#include <duckdb/common/types/timestamp.hpp>
#include <utility>

namespace freshet {

namespace {

enum class TimeKind { Instant, Date, TimeWithZone, Time, Timestamp };

constexpr std::array<std::pair<const char*, TimeKind>, 8> kFunctions = {{
    {"now", TimeKind::Instant},
    {"get_current_timestamp", TimeKind::Instant},
    {"transaction_timestamp", TimeKind::Instant},
    {"current_date", TimeKind::Date},
    {"today", TimeKind::Date},
    {"get_current_time", TimeKind::TimeWithZone},
    {"current_localtime", TimeKind::Time},
    {"current_localtimestamp", TimeKind::Timestamp},
}};

/// Words and the functions that they stand for.
constexpr std::array<std::pair<const char*, const char*>, 11> kWords = {{
    {"current_date", "current_date"},
    {"current_timestamp", "get_current_timestamp"},
    {"current_time", "get_current_time"},
    {"localtime", "current_localtime"},
    {"localtimestamp", "current_localtimestamp"},
    {"current_catalog", "current_catalog"},
    {"current_schema", "current_schema"},
    {"current_role", "current_role"},
    {"current_user", "current_user"},
    {"session_user", "session_user"},
    {"user", "user"},
}};

std::optional<TimeKind> KindOf(const std::string& function) {
    for (const auto& [name, kind] : kFunctions) {
        if (duckdb::StringUtil::CIEquals(function, name)) {
            return kind;
        }
    }
    return std::nullopt;
}

bool IsAge(const duckdb::FunctionExpression& function) {
    return duckdb::StringUtil::CIEquals(function.function_name, "age") && function.children.size() == 1;
}

/// Sessions run in UTC, so that no zone has to be applied.
duckdb::Value Constant(TimeKind kind, Timestamp now) {
    duckdb::timestamp_t timestamp(now);
    duckdb::date_t date = duckdb::Timestamp::GetDate(timestamp);
    duckdb::dtime_t time = duckdb::Timestamp::GetTime(timestamp);
    switch (kind) {
    case TimeKind::Instant:
        return duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(timestamp));
    case TimeKind::Date:
        return duckdb::Value::DATE(date);
    case TimeKind::TimeWithZone:
        return duckdb::Value::TIMETZ(duckdb::dtime_tz_t(time, 0));
    case TimeKind::Time:
        return duckdb::Value::TIME(time);
    case TimeKind::Timestamp:
        return duckdb::Value::TIMESTAMP(timestamp);
    }
    throw duckdb::InternalException("unknown kind of time");
}

/// Midnight of the day, from which age(x) counts.
duckdb::Value Midnight(Timestamp now) {
    duckdb::date_t date = duckdb::Timestamp::GetDate(duckdb::timestamp_t(now));
    return duckdb::Value::TIMESTAMP(duckdb::Timestamp::FromDatetime(date, duckdb::dtime_t(0)));
}

} // namespace

bool IsTimeFunction(const duckdb::FunctionExpression& function) {
    return (KindOf(function.function_name) && function.children.empty()) || IsAge(function);
}

std::optional<std::string> ValueFunction(const std::string& word) {
    for (const auto& [name, function] : kWords) {
        if (duckdb::StringUtil::CIEquals(word, name)) {
            return function;
        }
    }
    return std::nullopt;
}

void FixTime(ExpressionPtr& call, Timestamp now) {
    auto& function = call->Cast<duckdb::FunctionExpression>();
    if (IsAge(function)) {
        function.children.insert(function.children.begin(),
                                 duckdb::make_uniq<duckdb::ConstantExpression>(Midnight(now)));
        return;
    }
    auto constant = duckdb::make_uniq<duckdb::ConstantExpression>(Constant(*KindOf(function.function_name), now));
    constant->SetAlias(call->GetAlias());
    constant->SetQueryLocation(call->GetQueryLocation());
    call = std::move(constant);
}

} // namespace freshet
