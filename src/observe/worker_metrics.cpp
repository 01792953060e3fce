#include "observe/worker_metrics.hpp"

#include <algorithm>
#include <map>
#include <mutex>
#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>
#include <set>

namespace freshet {

namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

/// Seconds. A refresh of a few rows takes some hundredths, a large one minutes.
const prometheus::Histogram::BucketBoundaries kDurations = {0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3600};

/// The time series of one metric, by table and, for some, a second label.
template <class Metric>
class Series {
public:
    Series(prometheus::Family<Metric>& family, std::string second = "") : family_(family), second_(std::move(second)) {}

    template <class... Arguments>
    Metric& Of(const std::string& table, const std::string& second = "", Arguments&&... arguments) {
        Metric*& known = known_[{table, second}];
        if (known == nullptr) {
            prometheus::Labels labels = {{"table", table}};
            if (!second_.empty()) {
                labels[second_] = second;
            }
            known = &family_.Add(labels, std::forward<Arguments>(arguments)...);
        }
        return *known;
    }

    void Forget(const std::string& table, const std::string& second = "") {
        auto known = known_.find({table, second});
        if (known != known_.end()) {
            family_.Remove(known->second);
            known_.erase(known);
        }
    }

    void KeepOnly(const std::set<std::string>& tables) {
        std::erase_if(known_, [&](const auto& entry) {
            bool gone = tables.count(entry.first.first) == 0;
            if (gone) {
                family_.Remove(entry.second);
            }
            return gone;
        });
    }

private:
    prometheus::Family<Metric>& family_;
    std::string second_;
    std::map<std::pair<std::string, std::string>, Metric*> known_;
};

using Gauges = Series<prometheus::Gauge>;

/// The last refresh's value, or none if that has none.
template <class Number>
void Set(Gauges& gauges, const std::string& table, const std::optional<Number>& value) {
    if (value) {
        gauges.Of(table).Set(static_cast<double>(*value));
    } else {
        gauges.Forget(table);
    }
}

ClientMetric Point(double value, const std::string& table = "") {
    ClientMetric point;
    point.gauge.value = value;
    if (!table.empty()) {
        point.label.push_back({"table", table});
    }
    return point;
}

MetricFamily GaugeFamily(const std::string& name, const std::string& help) {
    return {name, help, MetricType::Gauge, {}};
}

} // namespace

struct WorkerMetrics::Families {
    mutable std::mutex mutex; ///< of all but the registry, which has its own locks
    prometheus::Registry registry;

    prometheus::Family<prometheus::Gauge>& Gauge(const std::string& name, const std::string& help) {
        return prometheus::BuildGauge().Name(name).Help(help).Register(registry);
    }
    prometheus::Family<prometheus::Counter>& Counter(const std::string& name, const std::string& help) {
        return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
    }

    Series<prometheus::Histogram> durations{prometheus::BuildHistogram()
                                                .Name("freshet_refresh_duration_seconds")
                                                .Help("Time that refreshes took, failed ones included.")
                                                .Register(registry)};
    Series<prometheus::Counter> refreshes{
        Counter("freshet_refresh_total", "Refreshes that this worker ended, by outcome."), "status"};
    Series<prometheus::Counter> errors{
        Counter("freshet_errors_total", "Refreshes that failed or were left out, by kind of failure."), "error_type"};
    Gauges rows_changed{
        Gauge("freshet_rows_changed", "Rows inserted and deleted by the last refresh that found a change.")};
    Gauges affected_keys{
        Gauge("freshet_affected_keys", "Groups or partitions that the last refresh's change reached.")};
    Gauges cardinality_ratio{
        Gauge("freshet_cardinality_ratio", "Affected keys of the last refresh per key of the result before it.")};
    Gauges dedup_ratio{
        Gauge("freshet_dedup_ratio", "Rows found equal to stored ones per row recomputed, in the last refresh.")};

    /// What is shown as it is, not counted.
    struct Shown {
        std::vector<ObservedTable> tables;
        int64_t pending = 0;
        int64_t claims = 0;
    } shown;
};

WorkerMetrics::WorkerMetrics() : families_(std::make_unique<Families>()) {}
WorkerMetrics::~WorkerMetrics() = default;

void WorkerMetrics::Count(const ObservedRefresh& refresh) {
    std::lock_guard lock(families_->mutex);
    families_->refreshes.Of(refresh.table, refresh.status).Increment();
    if (!refresh.error_type.empty()) {
        families_->errors.Of(refresh.table, refresh.error_type).Increment();
    }
    if (refresh.seconds) {
        families_->durations.Of(refresh.table, "", kDurations).Observe(*refresh.seconds);
    }
    if (refresh.rows_changed) {
        Set(families_->rows_changed, refresh.table, refresh.rows_changed);
        Set(families_->affected_keys, refresh.table, refresh.affected_keys);
        Set(families_->cardinality_ratio, refresh.table, refresh.cardinality_ratio);
        Set(families_->dedup_ratio, refresh.table, refresh.dedup_ratio);
    }
}

void WorkerMetrics::Show(const std::vector<ObservedTable>& tables) {
    std::lock_guard lock(families_->mutex);
    std::set<std::string> names;
    for (const ObservedTable& table : tables) {
        names.insert(table.table);
        // increase() sees no step from "absent" to 1: a series that is to be alerted on begins at 0.
        for (const char* status : {"succeeded", "failed"}) {
            families_->refreshes.Of(table.table, status);
        }
    }
    families_->durations.KeepOnly(names);
    families_->refreshes.KeepOnly(names);
    families_->errors.KeepOnly(names);
    for (Gauges* gauges : {&families_->rows_changed, &families_->affected_keys, &families_->cardinality_ratio,
                           &families_->dedup_ratio}) {
        gauges->KeepOnly(names);
    }
    families_->shown.tables = tables;
}

void WorkerMetrics::ShowPending(int64_t refreshes) {
    std::lock_guard lock(families_->mutex);
    families_->shown.pending = refreshes;
}

void WorkerMetrics::ShowClaims(int64_t claims) {
    std::lock_guard lock(families_->mutex);
    families_->shown.claims = claims;
}

/// Writing the text of thousands of tables takes a moment, in which the worker must be able to go on.
std::string WorkerMetrics::Text(Instant now, bool healthy) const {
    Families::Shown shown;
    {
        std::lock_guard lock(families_->mutex);
        shown = families_->shown;
    }
    std::vector<MetricFamily> families = families_->registry.Collect();
    MetricFamily lag = GaugeFamily("freshet_lag_seconds", "Age of a table's data timestamp.");
    MetricFamily target =
        GaugeFamily("freshet_target_lag_seconds", "Target lag that holds for a table: its own, or that of a consumer.");
    for (const ObservedTable& table : shown.tables) {
        if (table.data_at) {
            lag.metric.push_back(
                Point(static_cast<double>(std::max<int64_t>(now - *table.data_at, 0)) / kSecond, table.table));
        }
        if (table.target_seconds) {
            target.metric.push_back(Point(static_cast<double>(*table.target_seconds), table.table));
        }
    }
    MetricFamily pending =
        GaugeFamily("freshet_pending_refreshes", "Due refreshes of the whole lake that no worker has begun.");
    pending.metric.push_back(Point(static_cast<double>(shown.pending)));
    MetricFamily claims = GaugeFamily("freshet_claims", "Tables that this worker has claimed.");
    claims.metric.push_back(Point(static_cast<double>(shown.claims)));
    MetricFamily health =
        GaugeFamily("freshet_worker_health", "1: the worker is at work, and reaches the lake and its state store.");
    health.metric.push_back(Point(healthy ? 1 : 0));
    families.insert(families.end(), {lag, target, pending, claims, health});
    return prometheus::TextSerializer().Serialize(families);
}

} // namespace freshet
