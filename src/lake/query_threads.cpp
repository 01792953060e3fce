#include "lake/query_threads.hpp"

#include <algorithm>
#include <duckdb/main/client_context_state.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/main/settings.hpp>
#include <duckdb/parallel/task_scheduler.hpp>
#include <duckdb/planner/operator/logical_get.hpp>
#include <optional>

namespace freshet {

namespace {

constexpr const char* kStateName = "freshet_query_threads";

/// Below, one thread is as fast: DuckDB gives each thread whole row groups, of 122,880 rows where a table has more.
constexpr duckdb::idx_t kManyRows = 200'000;

/// Of the whole table, whatever is filtered; 0 where it isn't known.
duckdb::idx_t RowsRead(duckdb::ClientContext& context, duckdb::LogicalGet& get) {
    if (!get.function.cardinality || !get.bind_data) {
        return 0;
    }
    auto rows = get.function.cardinality(context, get.bind_data.get());
    return rows && rows->has_estimated_cardinality ? rows->estimated_cardinality : 0;
}

bool IsLarge(duckdb::ClientContext& context, duckdb::LogicalOperator& plan) {
    bool read = plan.type == duckdb::LogicalOperatorType::LOGICAL_GET;
    duckdb::idx_t rows = read                             ? RowsRead(context, plan.Cast<duckdb::LogicalGet>())
                         : plan.has_estimated_cardinality ? plan.estimated_cardinality
                                                          : 0;
    return rows >= kManyRows || std::any_of(plan.children.begin(), plan.children.end(),
                                            [&](const auto& child) { return IsLarge(context, *child); });
}

} // namespace

/// Of one connection: does its query want help?
class QueryThreads::Need : public duckdb::ClientContextState {
public:
    explicit Need(QueryThreads& threads) : query_threads_(threads) {}
    ~Need() override { End(); }

    void QueryBegin(duckdb::ClientContext& /*context*/) override { running_ = true; }
    void QueryEnd() override { End(); }

    void Expect(duckdb::idx_t rows) { expected_ = rows; }
    bool IsLarge(duckdb::ClientContext& context, duckdb::LogicalOperator& plan) const {
        return expected_ ? *expected_ >= kManyRows : freshet::IsLarge(context, plan);
    }

    /// Plans that are made without running them want none.
    void Begin() {
        if (running_ && !helped_) {
            helped_ = true;
            query_threads_.Join();
        }
    }

private:
    void End() {
        running_ = false;
        expected_.reset();
        if (helped_) {
            helped_ = false;
            query_threads_.Leave();
        }
    }

    QueryThreads& query_threads_;
    std::optional<duckdb::idx_t> expected_;
    bool running_ = false;
    bool helped_ = false;
};

void QueryThreads::Plan(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<duckdb::LogicalOperator>& plan) {
    auto need = input.context.registered_state->Get<Need>(kStateName);
    if (need && need->IsLarge(input.context, *plan)) {
        need->Begin();
    }
}

void QueryThreads::Start(std::shared_ptr<duckdb::DuckDB> database) {
    database_ = std::move(database);
    duckdb::OptimizerExtension extension;
    extension.optimize_function = Plan;
    duckdb::OptimizerExtension::Register(duckdb::DBConfig::GetConfig(*database_->instance), extension);
    TakeOver();
    SetExternalThreads(1);
}

/// Also what somebody has SET since.
void QueryThreads::TakeOver() {
    auto& options = duckdb::DBConfig::GetConfig(*database_->instance).options;
    if (options.maximum_threads == 1) {
        return;
    }
    all_ = options.maximum_threads;
    options.maximum_threads = 1;
    if (!options.write_buffer_row_group_memory_limit.IsValid()) { // of each thread: DuckDB's default for all of them
        options.write_buffer_row_group_memory_limit = options.maximum_memory / 5 / (all_ + 1);
    }
}

QueryThreads::~QueryThreads() {
    {
        std::lock_guard lock(mutex_);
        over_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) {
        thread.join();
    }
}

void QueryThreads::Serve(duckdb::ClientContext& context) {
    if (database_) {
        context.registered_state->Insert(kStateName, duckdb::make_shared_ptr<Need>(*this));
    }
}

void QueryThreads::Expect(duckdb::ClientContext& context, int64_t rows) {
    if (auto need = context.registered_state->Get<Need>(kStateName)) {
        need->Expect(static_cast<duckdb::idx_t>(rows));
    }
}

void QueryThreads::SetExternalThreads(size_t number) {
    auto& scheduler = duckdb::TaskScheduler::GetScheduler(*database_->instance);
    duckdb::DBConfig::GetConfig(*database_->instance)
        .SetOption(duckdb::ExternalThreadsSetting::SettingIndex, duckdb::Value::UBIGINT(number));
    scheduler.SetThreads(number, number);
    scheduler.RelaunchThreads();
}

void QueryThreads::Join() {
    std::lock_guard lock(mutex_);
    if (large_queries_++ > 0) {
        return;
    }
    TakeOver();
    SetExternalThreads(all_);
    while (threads_.size() + 1 < all_) {
        threads_.emplace_back([this, self = threads_.size()] { Work(self); });
    }
    working_ = true;
    changed_.notify_all();
}

void QueryThreads::Leave() {
    std::lock_guard lock(mutex_);
    if (--large_queries_ > 0) {
        return;
    }
    working_ = false;
    SetExternalThreads(1);
    // Whoever waits for a task sees, woken, that it isn't wanted any more.
    duckdb::TaskScheduler::GetScheduler(*database_->instance).Signal(threads_.size());
}

void QueryThreads::Work(size_t self) {
    auto& scheduler = duckdb::TaskScheduler::GetScheduler(*database_->instance);
    std::unique_lock lock(mutex_);
    while (!over_) {
        if (working_ && self + 1 < all_) {
            lock.unlock();
            scheduler.ExecuteForever(&working_);
            lock.lock();
        } else {
            changed_.wait(lock);
        }
    }
}

} // namespace freshet
