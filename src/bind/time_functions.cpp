#include "bind/time_functions.hpp"

#include <algorithm>
#include <array>
#include <duckdb/common/types/date.hpp>
#include <duckdb/common/types/datetime.hpp>
#include <duckdb/common/types/timestamp.hpp>
#include <duckdb/parser/expression/case_expression.hpp>
#include <duckdb/parser/expression/cast_expression.hpp>
#include <duckdb/parser/expression/comparison_expression.hpp>
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

ExpressionPtr Cast(ExpressionPtr value, const duckdb::LogicalType& type) {
    return duckdb::make_uniq<duckdb::CastExpression>(type, std::move(value));
}

ExpressionPtr Constant(duckdb::Value value) {
    return duckdb::make_uniq<duckdb::ConstantExpression>(std::move(value));
}

/// Dates and local times are those of the session's zone, which is the definition's.
ExpressionPtr ValueOf(TimeKind kind, Timestamp now) {
    using Type = duckdb::LogicalType;
    ExpressionPtr instant = Constant(duckdb::Value::TIMESTAMPTZ(duckdb::timestamp_tz_t(now)));
    switch (kind) {
    case TimeKind::Instant:
        return instant;
    case TimeKind::Date:
        return Cast(std::move(instant), Type::DATE);
    case TimeKind::TimeWithZone:
        return Cast(std::move(instant), Type::TIME_TZ);
    case TimeKind::Time:
        return Cast(Cast(std::move(instant), Type::TIMESTAMP), Type::TIME);
    case TimeKind::Timestamp:
        return Cast(std::move(instant), Type::TIMESTAMP);
    }
    throw duckdb::InternalException("unknown kind of time");
}

/// Midnight of the day, from which age(x) counts: of the day in UTC, but of that in the session's zone where x has one.
ExpressionPtr Midnight(const duckdb::ParsedExpression& x, Timestamp now) {
    duckdb::date_t date = duckdb::Timestamp::GetDate(duckdb::timestamp_t(now));
    auto in_utc = Constant(duckdb::Value::TIMESTAMP(duckdb::Timestamp::FromDatetime(date, duckdb::dtime_t(0))));
    duckdb::vector<ExpressionPtr> of_x;
    of_x.push_back(x.Copy());
    auto zoned = duckdb::make_uniq<duckdb::ComparisonExpression>(
        duckdb::ExpressionType::COMPARE_EQUAL, duckdb::make_uniq<duckdb::FunctionExpression>("typeof", std::move(of_x)),
        Constant(duckdb::Value("TIMESTAMP WITH TIME ZONE")));
    auto choice = duckdb::make_uniq<duckdb::CaseExpression>();
    duckdb::CaseCheck check;
    check.when_expr = std::move(zoned);
    check.then_expr = Cast(ValueOf(TimeKind::Date, now), duckdb::LogicalType::TIMESTAMP);
    choice->case_checks.push_back(std::move(check));
    choice->else_expr = std::move(in_utc);
    return choice;
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
        function.children.insert(function.children.begin(), Midnight(*function.children[0], now));
        return;
    }
    ExpressionPtr value = ValueOf(*KindOf(function.function_name), now);
    value->SetAlias(call->GetAlias());
    value->SetQueryLocation(call->GetQueryLocation());
    call = std::move(value);
}

} // namespace freshet
