#include "base/table_options.hpp"

#include "base/duration.hpp"
#include "base/error.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <type_traits>
#include <utility>

namespace freshet {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<Option, const char*>, 16> kNames = {{
    {Option::TargetLag, "TARGET_LAG"},
    {Option::RefreshMode, "REFRESH_MODE"},
    {Option::Initialize, "INITIALIZE"},
    {Option::CardinalityThreshold, "CARDINALITY_THRESHOLD"},
    {Option::Deduplication, "DEDUPLICATION"},
    {Option::AllowParallelRefresh, "ALLOW_PARALLEL_REFRESH"},
    {Option::ParallelThreshold, "PARALLEL_THRESHOLD"},
    {Option::MaxParallelism, "MAX_PARALLELISM"},
    {Option::Priority, "PRIORITY"},
    {Option::Timeout, "TIMEOUT"},
    {Option::Retries, "RETRIES"},
    {Option::PartitionedBy, "PARTITIONED BY"},
    {Option::SortedBy, "SORTED BY"},
    {Option::Comment, "COMMENT"},
    {Option::Tag, "TAG"},
    {Option::Adopt, "ADOPT"},
}};

/// Calls `visit` with every option and its field: the one list that ties them together.
template <class Options, class Visit>
void VisitFields(Options& options, const Visit& visit) {
    visit(Option::TargetLag, options.target_lag);
    visit(Option::RefreshMode, options.refresh_mode);
    visit(Option::Initialize, options.initialize);
    visit(Option::CardinalityThreshold, options.cardinality_threshold);
    visit(Option::Deduplication, options.deduplication);
    visit(Option::AllowParallelRefresh, options.allow_parallel_refresh);
    visit(Option::ParallelThreshold, options.parallel_threshold);
    visit(Option::MaxParallelism, options.max_parallelism);
    visit(Option::Priority, options.priority);
    visit(Option::Timeout, options.timeout_seconds);
    visit(Option::Retries, options.retries);
    visit(Option::PartitionedBy, options.partitioned_by);
    visit(Option::SortedBy, options.sorted_by);
    visit(Option::Comment, options.comment);
    visit(Option::Tag, options.tags);
    visit(Option::Adopt, options.adopt);
}

Json ToJson(const TargetLag& lag) {
    return lag.Text();
}
Json ToJson(RefreshMode mode) {
    return ModeText(mode);
}
Json ToJson(Initialize initialize) {
    return InitializeText(initialize);
}
template <class Plain>
Json ToJson(const Plain& value) {
    return value;
}

[[noreturn]] void ThrowDamaged(const std::string& detail) {
    throw Error(Code::BadOptionValue, "stored options of a dynamic table can't be read: " + detail);
}

void Read(const Json& json, TargetLag& lag) {
    std::string text = json.get<std::string>();
    lag.downstream = text == "DOWNSTREAM";
    auto seconds = ParseDuration(text);
    if (!lag.downstream && !seconds) {
        ThrowDamaged("TARGET_LAG " + text);
    }
    lag.seconds = seconds.value_or(0);
}

void Read(const Json& json, RefreshMode& mode) {
    for (RefreshMode candidate : {RefreshMode::Auto, RefreshMode::Incremental, RefreshMode::Full}) {
        if (json == ModeText(candidate)) {
            mode = candidate;
            return;
        }
    }
    ThrowDamaged("REFRESH_MODE " + json.dump());
}

void Read(const Json& json, Initialize& initialize) {
    for (Initialize candidate : {Initialize::OnCreate, Initialize::OnSchedule}) {
        if (json == InitializeText(candidate)) {
            initialize = candidate;
            return;
        }
    }
    ThrowDamaged("INITIALIZE " + json.dump());
}

template <class Plain>
void Read(const Json& json, Plain& value) {
    json.get_to(value);
}

std::string ShownText(const TargetLag& lag) {
    return lag.Text();
}
std::string ShownText(RefreshMode mode) {
    return ModeText(mode);
}
std::string ShownText(Initialize initialize) {
    return InitializeText(initialize);
}
std::string ShownText(const std::vector<std::string>& words) {
    return fmt::format("{}", fmt::join(words, ", "));
}
std::string ShownText(bool value) {
    return value ? "TRUE" : "FALSE";
}
template <class Plain>
std::string ShownText(const Plain& value) {
    return fmt::format("{}", value);
}

TableOptions Defaults() {
    TableOptions unset, defaults;
    defaults.refresh_mode = unset.Mode();
    defaults.initialize = unset.FirstFill();
    defaults.deduplication = unset.Deduplicate();
    defaults.allow_parallel_refresh = unset.AllowParallel();
    defaults.parallel_threshold = unset.ParallelThreshold();
    defaults.max_parallelism = unset.MaxParallelism();
    defaults.priority = unset.Priority();
    defaults.timeout_seconds = unset.TimeoutSeconds();
    defaults.retries = unset.Retries();
    return defaults;
}

/// Options that belong to splitting a refresh act from a later release; they are kept until then.
bool HasEffect(Option option) {
    constexpr std::array kLater = {Option::AllowParallelRefresh, Option::ParallelThreshold, Option::MaxParallelism};
    return std::find(kLater.begin(), kLater.end(), option) == kLater.end();
}

} // namespace

std::string TargetLag::Text() const {
    return downstream ? "DOWNSTREAM" : DurationText(seconds);
}

std::string ModeText(RefreshMode mode) {
    constexpr std::array kTexts = {"AUTO", "INCREMENTAL", "FULL"};
    return kTexts[static_cast<size_t>(mode)];
}

std::string InitializeText(Initialize initialize) {
    return initialize == Initialize::OnCreate ? "ON_CREATE" : "ON_SCHEDULE";
}

std::string OptionName(Option option) {
    return kNames[static_cast<size_t>(option)].second;
}

std::vector<Option> AllOptions() {
    std::vector<Option> options;
    for (const auto& [option, name] : kNames) {
        options.push_back(option);
    }
    return options;
}

bool TableOptions::IsSet(Option option) const {
    bool set = false;
    VisitFields(*this, [&](Option each, const auto& field) { set = set || (each == option && field.has_value()); });
    return set;
}

void TableOptions::Unset(Option option) {
    VisitFields(*this, [&](Option each, auto& field) {
        if (each == option) {
            field.reset();
        }
    });
}

void TableOptions::Merge(const TableOptions& changes) {
    Json merged = Json::parse(ToText());
    merged.update(Json::parse(changes.ToText()));
    *this = FromText(merged.dump());
}

std::string TableOptions::ToText() const {
    Json json = Json::object();
    VisitFields(*this, [&](Option option, const auto& field) {
        if (field) {
            json[OptionName(option)] = ToJson(*field);
        }
    });
    return json.dump();
}

TableOptions TableOptions::FromText(const std::string& text) {
    TableOptions options;
    try {
        Json json = Json::parse(text);
        VisitFields(options, [&](Option option, auto& field) {
            auto found = json.find(OptionName(option));
            if (found != json.end()) {
                Read(*found, field.emplace());
            }
        });
    } catch (const Json::exception& problem) {
        ThrowDamaged(problem.what());
    }
    return options;
}

std::vector<std::string> TableOptions::WithoutEffect() const {
    std::vector<std::string> remarks;
    for (const auto& shown : Show()) {
        if (!shown.is_default && !shown.has_effect) {
            remarks.push_back(shown.name + " is kept, but acts from a later release on");
        }
    }
    return remarks;
}

std::vector<TableOptions::Shown> TableOptions::Show() const {
    TableOptions effective = Defaults();
    effective.Merge(*this);
    std::vector<Shown> shown;
    VisitFields(effective, [&](Option option, const auto& field) {
        if (option == Option::Adopt) {
            return;
        }
        std::string value = field ? ShownText(*field) : "";
        value = option == Option::Timeout ? DurationText(*effective.timeout_seconds) : value;
        shown.push_back({OptionName(option), value, !IsSet(option), HasEffect(option)});
    });
    return shown;
}

} // namespace freshet
