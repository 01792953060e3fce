#include "service/worker.hpp"

#include "base/random_hex.hpp"
#include "schedule/fair_share.hpp"
#include "service/admission.hpp"
#include "service/lake_watch.hpp"
#include "service/order_run.hpp"
#include "service/process_identity.hpp"
#include "service/table_view.hpp"
#include "service/worker_lines.hpp"
#include "service/worker_monitor.hpp"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fmt/format.h>
#include <map>
#include <set>

namespace freshet {

namespace {

constexpr int64_t kLongestReaction = kSecond / 2;
constexpr int64_t kShortestReaction = kSecond / 20;
/// How often the store is asked what other processes did.
constexpr int64_t kReadStoreEvery = 5 * kSecond;
constexpr int64_t kCompareEvery = kSecond; ///< how often a worker at work looks how others get on
constexpr int64_t kInterruptEvery = kSecond / 20;
/// Shorter steps nobody would see.
constexpr double kTellStepsAfter = 1; // seconds
constexpr int64_t kWarnEvery = 600 * kSecond;
/// A process that runs for months would fill the store.
constexpr int64_t kKeptRefreshes = 1000; // of each table
constexpr int64_t kForgetEvery = 3600 * kSecond;
/// A dead worker of another host is forgotten after so many times its expiry.
constexpr int64_t kForgottenAfter = 10;
/// Others hold a catalog's lock for moments only.
constexpr int64_t kLongConflict = 10 * kSecond;
constexpr const char* kTheLake = "the lake";
constexpr const char* kTheStore = "the state store";

} // namespace

/// Everything of a worker at work. All in the thread of Run(), but Stop() and the ends of orders.
class Worker::Loop {
public:
    Loop(Operations& operations, const WorkerOptions& options, Log log)
        : operations_(operations), options_(options), log_(std::move(log)), scheduler_(ForScheduler(options)),
          admission_(operations.GetEngine(), options.parallel) {
        ProcessIdentity identity = OwnIdentity();
        self_.id =
            options.id.empty() ? fmt::format("{}-{}-{}", HostName(), identity.process, RandomHex(4)) : options.id;
        self_.kind = "WORKER";
        self_.host = identity.host;
        self_.process = identity.process;
        self_.process_started = identity.started;
        self_.heartbeat_every = options.heartbeat_seconds * kSecond;
        self_.expires_after = options.expiry_seconds * kSecond;
        share_ = FairShare(self_.id);
    }

    WorkerReport Run() {
        Enter();
        while (!Done()) {
            monitor_.Health().Turned(SteadyNow());
            Beat();
            CompareWithOthers();
            Instant wake = Turn();
            StopWhatTakesTooLong();
            ShowClaims();
            TellSteps();
            Wait(wake);
        }
        Leave();
        return report_;
    }

    void Stop() {
        std::lock_guard lock(mutex_);
        stopping_ = true;
        changed_.notify_all();
    }

private:
    static SchedulerOptions ForScheduler(const WorkerOptions& options) {
        SchedulerOptions scheduler;
        scheduler.parallel = options.parallel;
        scheduler.reaction = kLongestReaction;
        scheduler.retry.first_pause = options.first_pause_seconds * kSecond;
        scheduler.at_once = options.drain;
        scheduler.seed = std::stoull(RandomHex(15), nullptr, 16);
        return scheduler;
    }

    template <class Work>
    auto Store(const Work& work) {
        return operations_.Books().WithStore(work);
    }

    // ---- life ----

    void Enter() {
        auto workers = Store([](StateStore& store) { return store.ListWorkers(); });
        Timestamp now = operations_.Books().Now();
        for (const WorkerInfo& other : workers) {
            bool fresh = now - other.heartbeat_at < other.expires_after;
            if (other.id == self_.id && fresh && MayLive(other.host, other.process, other.process_started)) {
                throw Error(Code::WorkerExists,
                            fmt::format("a worker named {} is alive (process {})", other.id, other.process),
                            "choose another --id, or leave it out");
            }
        }
        Listen();
        Store([&](StateStore& store) { store.RemoveWorker(self_.id); });
        RemoveTheDead();
        Tell("info", "worker_started",
             fmt::format("worker {} keeps the lake fresh, {} refreshes at once", self_.id, options_.parallel),
             {{"parallel", options_.parallel}});
    }

    void Listen() {
        if (!options_.listen) {
            return;
        }
        try {
            std::string address = monitor_.Listen(*options_.listen).Text();
            Tell("info", "listening", "metrics and health are served at " + address, {{"address", address}});
        } catch (const Error& error) {
            if (options_.must_listen) {
                throw;
            }
            Tell("warning", "not_listening", "no metrics are served: " + error.Message() + "; " + error.Hint(),
                 {{"error_code", error.CodeText()}, {"error", error.Message()}});
        }
    }

    void Leave() {
        try {
            scheduler_.Tick(SteadyNow(), pending_); // for what failed last: nothing that it orders is begun
            WriteFailures();
            MakeUpFor();
            Store([&](StateStore& store) { store.RemoveWorker(self_.id); });
        } catch (const Error& error) {
            Warn("store_unreachable", error); // its claims expire
        }
        report_.left_failing = CountFailing();
        Tell("info", "worker_ended",
             fmt::format("worker ended: {} refreshed, {} failed", report_.refreshed, report_.failed),
             {{"refreshed", report_.refreshed}, {"failed", report_.failed}});
    }

    /// Tables whose last attempt failed, here or before, or was left out because a parent's had; what was suspended for
    /// its failures is one of them.
    int64_t CountFailing() const {
        return std::count_if(watch_.Tables().begin(), watch_.Tables().end(), [&](const auto& known) {
            const auto& [id, watched] = known;
            auto outlook = scheduler_.LookUp(id);
            bool failed = failing_.count(id) > 0 || (outlook && outlook->failed.Any());
            return watched.table.suspended == Suspension::ByFailures ||
                   (failed && watched.table.suspended != Suspension::ByUser);
        });
    }

    /// A sign of life, when one is due, and a look at what became of the claims.
    void Beat() {
        Instant now = SteadyNow();
        if (next_beat_ > now) {
            return;
        }
        next_beat_ = now + self_.heartbeat_every;
        try {
            Store([&](StateStore& store) { store.Heartbeat(self_); });
            monitor_.Health().Reached(kTheStore);
            MakeUpFor();
            for (auto& [number, run] : running_) {
                auto held = Store([&](StateStore& store) { return store.CountClaims(self_.id, run->RunId()); });
                if (held < static_cast<int64_t>(run->TheOrder().tables.size()) && !HasEnded(number)) {
                    lost_.insert(number);
                    TellLost(run->RunId());
                }
            }
            RemoveTheDead();
            if (next_forget_ <= now) {
                next_forget_ = now + kForgetEvery;
                Store([](StateStore& store) { store.ForgetHistory(kKeptRefreshes); });
            }
        } catch (const Error& error) {
            next_beat_ = now + std::min(self_.heartbeat_every, kSecond);
            Warn("store_unreachable", error);
        }
    }

    /// Only while it works: who rests holds up nobody.
    void CompareWithOthers() {
        Instant now = SteadyNow();
        if (running_.empty() || next_comparison_ > now) {
            return;
        }
        next_comparison_ = now + kCompareEvery;
        try {
            self_.refreshed = report_.refreshed;
            Store([&](StateStore& store) { store.Heartbeat(self_); });
            share_.Take(now, Store([](StateStore& store) { return store.ListWorkers(); }));
        } catch (const Error&) { // the next sign of life will tell
        }
    }

    /// Writes what the store missed while it couldn't be reached, and gives back claims that no order needs any more.
    void MakeUpFor() {
        while (!unrecorded_.empty()) {
            const OrderEnd& end = unrecorded_.front();
            TellRecords(operations_.Books().Record(end.unrecorded, end.run_id, Trigger::Scheduled));
            unrecorded_.pop_front();
        }
        std::set<std::string> needed;
        for (const auto& [number, run] : running_) {
            needed.insert(run->RunId());
        }
        for (const Claim& claim : Store([](StateStore& store) { return store.ListClaims(); })) {
            if (claim.worker_id == self_.id && needed.insert(claim.run_id).second) {
                Store([&](StateStore& store) { store.ReleaseClaims(self_.id, claim.run_id); });
            }
        }
    }

    void TellLost(const std::string& run_id) {
        Tell("warning", "claim_lost", "another process took over what this worker was refreshing",
             {{"run_id", run_id}});
    }

    void RemoveTheDead() {
        Timestamp now = operations_.Books().Now();
        for (const WorkerInfo& other : Store([](StateStore& store) { return store.ListWorkers(); })) {
            bool ended = !MayLive(other.host, other.process, other.process_started);
            bool forgotten = now - other.heartbeat_at > other.expires_after * kForgottenAfter;
            if (other.id != self_.id && (ended || forgotten)) {
                Store([&](StateStore& store) { store.RemoveWorker(other.id); });
                Tell("warning", "worker_removed",
                     fmt::format("worker {} has ended without saying so: what it had claimed is free", other.id),
                     {{"removed", other.id}});
            }
        }
    }

    bool Done() {
        std::lock_guard lock(mutex_);
        bool idle = running_.empty() && ended_.empty();
        return idle && (stopping_ || (finishing_ && pending_.empty()));
    }

    bool Stopping() {
        std::lock_guard lock(mutex_);
        return stopping_;
    }

    bool HasEnded(int64_t number) {
        std::lock_guard lock(mutex_);
        return std::any_of(ended_.begin(), ended_.end(),
                           [&](const OrderEnd& end) { return end.event.number == number; });
    }

    /// Until then, until an order ends, or until it is to stop.
    void Wait(Instant wake) {
        Instant latest = SteadyNow() + reaction_;
        if (!lost_.empty() || stop_at_ != 0 || slow_) {
            latest = SteadyNow() + kInterruptEvery;
        }
        auto until = std::chrono::steady_clock::time_point(std::chrono::microseconds(std::min(wake, latest)));
        std::unique_lock lock(mutex_);
        changed_.wait_until(lock, until, [&] { return !ended_.empty() || (stopping_ && stop_at_ == 0); });
    }

    // ---- one turn ----

    /// Looks, takes in what ended, begins what is due. Returns when to turn again at the latest.
    Instant Turn() {
        TakeEnds();
        if (Stopping()) {
            EndOrders();
            return SteadyNow() + kInterruptEvery;
        }
        Instant now = SteadyNow();
        if (Instant later = std::max(next_look_, others_turn_until_); now < later) {
            return later;
        }
        try {
            Orders orders = Plan(now);
            Reachable();
            return Carry(orders, now);
        } catch (const Error& error) {
            session_.reset();
            auto* conflict = dynamic_cast<const EngineError*>(&error);
            if (conflict != nullptr && conflict->IsConflict() && now - reached_at_ < kLongConflict) {
                return now + kInterruptEvery; // somebody writes just now
            }
            WarnOfOutage(error);
            unreachable_pause_ = std::min(std::max(unreachable_pause_ * 2, kSecond / 4), 5 * kSecond);
            next_look_ = now + unreachable_pause_;
            return next_look_;
        }
    }

    Orders Plan(Instant now) {
        std::optional<Timestamp> stamp;
        if (!unchanged_.empty()) {
            stamp = operations_.Books().Now();
        }
        Look();
        std::vector<Event> events = told_;
        std::optional<TablesSeen> seen;
        if (reread_ || now - store_read_at_ > store_every_) {
            seen = ReadStore();
            events.emplace_back(*seen);
            store_read_at_ = now;
            reread_ = false;
        }
        events.insert(events.end(), pending_.begin(), pending_.end());
        Orders orders = scheduler_.Tick(now, events);
        pending_.clear();
        told_.clear();
        if (seen && monitor_.Listens()) {
            ShowTables(*seen, now);
        }
        if (drained_at_ == kNoSnapshot) {
            drained_at_ = newest_;
        }
        try { // what of this fails is repeated by and by, and must not cost the orders
            WriteFailures();
            if (stamp) {
                TellUnchanged(*stamp);
            }
            for (const auto& id : orders.suspend) {
                SuspendTable(id);
            }
        } catch (const Error& error) {
            WarnOfOutage(error);
        }
        unchanged_ = orders.unchanged;
        return orders;
    }

    /// What others committed becomes events that stay until a tick has taken them in.
    void Look() {
        if (!session_) {
            session_ = operations_.OpenSession();
        }
        LakeNews news = watch_.Look(*session_);
        newest_ = news.newest;
        std::map<Snapshot, std::vector<std::string>> changed;
        for (const auto& [id, snapshot] : news.changed) {
            changed[snapshot].push_back(id);
        }
        for (const auto& [snapshot, ids] : changed) {
            pending_.emplace_back(SourcesChanged{snapshot, ids});
        }
        if (news.definitions_changed) {
            reconcile_ = true;
        }
        if (reconcile_) {
            operations_.Books().Reconcile(*session_);
            reconcile_ = false;
            reread_ = true;
            ChooseReaction();
        }
    }

    /// Short lags want short turns.
    void ChooseReaction() {
        int64_t least = kLongestReaction * 10;
        for (const auto& [id, watched] : watch_.Tables()) {
            const auto& lag = watched.table.options.target_lag;
            if (lag && !lag->downstream) {
                least = std::min(least, lag->seconds * kSecond);
            }
        }
        reaction_ = std::clamp(least / 10, kShortestReaction, kLongestReaction);
        store_every_ = std::clamp(least / 4, kSecond / 2, kReadStoreEvery);
        scheduler_.SetReaction(reaction_);
    }

    TablesSeen ReadStore() {
        Timestamp now = operations_.Books().Now();
        auto failures = Store([](StateStore& store) { return store.ListFailureNotes(); });
        auto tables = Store([](StateStore& store) { return store.ListTables(); });
        monitor_.Health().Reached(kTheStore);
        for (const StoredTable& table : tables) {
            seen_snapshots_[table.id] = table.progress.data_snapshot;
        }
        return ViewsOf(watch_.Tables(), tables, failures, now);
    }

    /// For the metrics.
    void ShowTables(const TablesSeen& seen, Instant now) {
        std::vector<ObservedTable> tables;
        for (const TableView& view : seen.tables) {
            auto outlook = scheduler_.LookUp(view.id);
            tables.push_back(ObservedOf(watch_.Tables().at(view.id).table, view,
                                        outlook && outlook->lag_seconds ? outlook->lag_seconds : view.lag_seconds,
                                        now));
        }
        monitor_.Metrics().Show(tables);
        std::set<std::string> claimed; // they are being refreshed, or soon
        for (const Claim& claim : Store([](StateStore& store) { return store.ListClaims(); })) {
            claimed.insert(claim.table_id);
        }
        auto due = scheduler_.PendingTables();
        monitor_.Metrics().ShowPending(
            std::count_if(due.begin(), due.end(), [&](const std::string& id) { return claimed.count(id) == 0; }));
    }

    void ShowClaims() {
        int64_t claims = 0;
        for (const auto& [number, run] : running_) {
            claims += lost_.count(number) > 0 ? 0 : static_cast<int64_t>(run->TheOrder().tables.size());
        }
        monitor_.Metrics().ShowClaims(claims);
    }

    void WriteFailures() {
        for (const auto& change : scheduler_.TakeFailureChanges()) {
            FailureNote note;
            note.table_id = change.id;
            note.definition_version = change.definition_version;
            note.failures = change.failed.failures;
            note.retries = change.failed.retries;
            note.retry_at = operations_.Books().Now() + change.retry_in;
            Timestamp at = Store([&](StateStore& store) { return store.WriteFailureNote(note); });
            scheduler_.NoteWritten(change.id, at);
        }
    }

    /// The tables that the turn before asked for, as far as still nothing has changed for them: the store's clock was
    /// read before the lake was looked at again.
    void TellUnchanged(Timestamp stamp) {
        UnchangedTold told{{}, newest_, stamp};
        for (const auto& id : std::exchange(unchanged_, {})) {
            if (scheduler_.IsUnchanged(id)) {
                told.tables.push_back(id);
            }
        }
        if (!told.tables.empty()) {
            Store([&](StateStore& store) { store.RecordUnchanged(told.tables, newest_, stamp); });
            for (const auto& id : told.tables) {
                seen_snapshots_[id] = newest_;
            }
            told_.emplace_back(told);
        }
    }

    void SuspendTable(const std::string& id) {
        auto outlook = scheduler_.LookUp(id);
        int64_t failures = outlook ? outlook->failed.failures : 0;
        auto changed = operations_.SuspendAfterFailures(*session_, id, failures);
        for (const auto& table : changed) {
            bool first = table.id == id;
            Tell(first ? "error" : "warning", "suspended",
                 first ? fmt::format("{} is suspended after {} failures in a row", table.name.Text(), failures)
                       : fmt::format("{} is suspended, because it reads {}", table.name.Text(),
                                     changed.front().name.Text()),
                 {{"table", table.name.Text()}});
        }
    }

    // ---- orders ----

    Instant Carry(const Orders& orders, Instant now) {
        bool begun = false;
        for (const Order& order : orders.refresh) {
            begun = Begin(order) || begun;
        }
        bool rest = !begun && running_.empty();
        if (options_.once && rest) {
            finishing_ = true;
        }
        if (options_.drain && rest && scheduler_.CountWaiting(drained_at_) == 0) {
            finishing_ = true;
        }
        if (finishing_) {
            pending_.clear();
        }
        return unchanged_.empty() ? orders.wake_at : now;
    }

    /// False if the order is not begun: it was tried before (with --once), or others are at its tables.
    bool Begin(const Order& order) {
        bool all_tried = std::all_of(order.due.begin(), order.due.end(),
                                     [&](const std::string& id) { return tried_.count(id) > 0; });
        if (options_.once && all_tried) {
            pending_.emplace_back(OrderRefused{order.number});
            return false;
        }
        std::string run_id = NewRunId();
        try {
            ClaimAnswer answer =
                Store([&](StateStore& store) { return store.TakeClaims(self_.id, run_id, order.tables); });
            if (!answer.taken) {
                Refused(order, answer);
                return false;
            }
            if (RefreshedElsewhere(order)) {
                Store([&](StateStore& store) { store.ReleaseClaims(self_.id, run_id); });
                Refused(order, {});
                return false;
            }
        } catch (const Error& error) {
            Warn("store_unreachable", error);
            pending_.emplace_back(OrderRefused{order.number});
            next_beat_ = 0; // it may have been claimed
            return false;
        }
        tried_.insert(order.due.begin(), order.due.end());
        Tell("info", "refresh_started", "refreshing " + Names(order.due),
             {{"run_id", run_id}, {"tables", Names(order.due)}});
        auto on_end = [this](OrderEnd end) {
            std::lock_guard lock(mutex_);
            ended_.push_back(std::move(end));
            changed_.notify_all();
        };
        OrderTask task{self_.id, run_id, order, {}, options_.parallel};
        for (const auto& id : order.tables) {
            if (short_of_memory_.contains(id)) {
                task.alone.insert(id);
            }
        }
        running_[order.number] = std::make_unique<OrderRun>(operations_, admission_, std::move(task), on_end);
        return true;
    }

    /// Another worker was faster, and has given its claims back already: the order rests on what was so before.
    bool RefreshedElsewhere(const Order& order) {
        return std::any_of(order.due.begin(), order.due.end(), [&](const std::string& id) {
            auto stored = Store([&](StateStore& store) { return store.GetTable(id); });
            return stored && stored->progress.data_snapshot > seen_snapshots_[id];
        });
    }

    void Refused(const Order& order, const ClaimAnswer& answer) {
        pending_.emplace_back(OrderRefused{order.number});
        reread_ = true;
        if (!answer.claims.empty() && SteadyNow() > next_burial_) {
            next_burial_ = SteadyNow() + kSecond;
            RemoveTheDead();
        }
    }

    std::string Names(const std::vector<std::string>& ids) const {
        std::string names;
        for (const auto& id : ids) {
            names += (names.empty() ? "" : ", ") + NameOf(id);
        }
        return names;
    }

    std::string NameOf(const std::string& id) const {
        auto known = watch_.Tables().find(id);
        return known == watch_.Tables().end() ? id : known->second.table.name.Text();
    }

    void TakeEnds() {
        std::deque<OrderEnd> ends;
        {
            std::lock_guard lock(mutex_);
            ends.swap(ended_);
        }
        for (OrderEnd& end : ends) {
            running_.erase(end.event.number); // joins its thread, which has nothing left to do
            if (lost_.erase(end.event.number) == 0 && end.claim_lost) {
                TellLost(end.run_id);
            }
            TellEnd(end);
            for (const TableResult& result : end.event.results) {
                if (!result.failure) {
                    seen_snapshots_[result.id] = result.data_snapshot;
                }
                result.failure == FailureClass::Resource ? (void)short_of_memory_.insert(result.id)
                                                         : (void)short_of_memory_.erase(result.id);
            }
            pending_.emplace_back(std::move(end.event));
            others_turn_until_ = SteadyNow() + share_.Pause();
        }
    }

    void TellEnd(const OrderEnd& end) {
        if (end.store_error) {
            Warn("store_unreachable", *end.store_error);
            next_beat_ = 0;
        }
        if (!end.unrecorded.empty()) {
            unrecorded_.push_back(end);
        }
        for (const ObservedRefresh& refresh : end.observed) {
            monitor_.Metrics().Count(refresh);
        }
        TellRecords(end.records);
    }

    void TellRecords(const std::vector<RefreshRecord>& records) {
        for (const RefreshRecord& record : records) {
            Count(record);
            WorkerLine line = LineOf(record);
            Tell(line.level, line.event, line.text, line.fields);
            if (record.status == RefreshStatus::Succeeded) {
                WarnIfSlow(record);
            }
        }
    }

    void Count(const RefreshRecord& record) {
        if (record.status == RefreshStatus::Succeeded) {
            report_.refreshed++;
            failing_.erase(record.table_id);
        } else {
            report_.failed += record.status == RefreshStatus::Failed ? 1 : 0;
            failing_.insert(record.table_id);
        }
    }

    void WarnIfSlow(const RefreshRecord& record) {
        auto outlook = scheduler_.LookUp(record.table_id);
        bool slow =
            outlook && outlook->lag_seconds && record.duration_ms > static_cast<double>(*outlook->lag_seconds) * 1000;
        Instant& quiet_until = warned_[record.table_id];
        if (slow && quiet_until < SteadyNow()) {
            quiet_until = SteadyNow() + kWarnEvery;
            Tell("warning", "lag_too_short",
                 fmt::format("a refresh of {} takes longer than its target lag of {} s: it is refreshed back to back",
                             record.table.Text(), *outlook->lag_seconds),
                 {{"table", record.table.Text()}, {"duration_ms", record.duration_ms}});
        }
    }

    // ---- ends before the end ----

    void StopWhatTakesTooLong() {
        slow_ = false;
        for (auto& [number, run] : running_) {
            if (lost_.count(number) > 0) {
                run->Abandon();
            }
            for (const auto& current : run->Running()) {
                auto known = watch_.Tables().find(current.id);
                if (known != watch_.Tables().end() &&
                    current.seconds > static_cast<double>(known->second.table.options.TimeoutSeconds())) {
                    slow_ = true;
                    run->StopTable(current.id);
                }
            }
        }
    }

    /// For those who look at the status: what is being done for longer than a moment.
    void TellSteps() {
        std::vector<OrderRun::Current> news;
        std::map<std::string, std::string> steps;
        for (auto& [number, run] : running_) {
            for (const auto& current : run->Running()) {
                if (current.step_seconds >= kTellStepsAfter) {
                    steps[current.id] = current.step;
                    auto told = told_steps_.find(current.id);
                    if (told == told_steps_.end() || told->second != current.step) {
                        news.push_back(current);
                    }
                }
            }
        }
        told_steps_ = std::move(steps);
        if (news.empty()) {
            return;
        }
        try {
            Timestamp now = operations_.Books().Now();
            std::vector<ClaimStep> notes;
            for (const auto& current : news) {
                notes.push_back({current.id, current.step,
                                 now - static_cast<int64_t>(current.step_seconds * static_cast<double>(kSecond))});
            }
            Store([&](StateStore& store) { store.NoteSteps(self_.id, notes); });
        } catch (const Error&) { // the status is less exact
        }
    }

    /// Nothing further begins; when the grace time is over, what runs is stopped.
    void EndOrders() {
        if (stop_at_ == 0) {
            monitor_.Health().Stopping();
            stop_at_ = SteadyNow() + options_.grace_seconds * kSecond;
            if (!running_.empty()) {
                Tell("info", "worker_stopping",
                     fmt::format("stopping: {} refreshes have {} s to end", running_.size(), options_.grace_seconds),
                     {{"running", static_cast<int64_t>(running_.size())}});
            }
        }
        if (SteadyNow() >= stop_at_) {
            for (auto& [number, run] : running_) {
                run->Abandon();
            }
        }
    }

    // ---- words ----

    void Tell(const std::string& level, const std::string& event, const std::string& text,
              std::vector<std::pair<std::string, Value>> fields) {
        fields.insert(fields.begin(), {"worker", self_.id});
        log_({Now(), level, event, text, std::move(fields)});
    }

    /// Once while it lasts, then every now and then.
    void Warn(const std::string& event, const Error& error) {
        bool of_store = event == "store_unreachable" || error.GetCode() == Code::StoreUnreachable;
        monitor_.Health().Missed(of_store ? kTheStore : kTheLake);
        Instant& quiet_until = warned_[event];
        if (quiet_until < SteadyNow()) {
            quiet_until = SteadyNow() + kSecond * 30;
            Tell("warning", event, error.CodeText() + ": " + error.Message(),
                 {{"error_code", error.CodeText()}, {"error", error.Message()}});
        }
    }

    void WarnOfOutage(const Error& error) {
        Warn(error.GetCode() == Code::StoreUnreachable ? "store_unreachable" : "lake_unreachable", error);
    }

    void Reachable() {
        reached_at_ = SteadyNow();
        unreachable_pause_ = 0;
        monitor_.Health().Planned(SteadyNow());
        monitor_.Health().Reached(kTheLake);
        if (warned_.erase("lake_unreachable") > 0) {
            Tell("info", "lake_reachable", "the lake can be reached again", {});
        }
        if (warned_.erase("store_unreachable") > 0) {
            Tell("info", "store_reachable", "the state store can be reached again", {});
        }
    }

    Operations& operations_;
    WorkerOptions options_;
    Log log_;
    WorkerInfo self_;
    WorkerReport report_;
    WorkerMonitor monitor_;

    Scheduler scheduler_;
    Admission admission_;
    FairShare share_{""};
    LakeWatch watch_;
    std::shared_ptr<Session> session_; ///< to look with
    Snapshot newest_ = kNoSnapshot;
    Snapshot drained_at_ = kNoSnapshot; ///< newest when it began: what --drain has to take in
    std::vector<Event> pending_;        ///< not yet told to the scheduler
    std::vector<Event> told_;           ///< the same, to be told first
    std::vector<std::string> unchanged_;
    bool reconcile_ = false;
    bool reread_ = true;
    Instant store_read_at_ = 0;
    int64_t store_every_ = kReadStoreEvery;
    int64_t reaction_ = kLongestReaction;
    int64_t unreachable_pause_ = 0;
    Instant reached_at_ = SteadyNow(); ///< when the lake was last looked at with success
    Instant next_look_ = 0;
    Instant next_beat_ = 0;
    Instant next_comparison_ = 0;
    Instant others_turn_until_ = 0; ///< it is ahead of the other workers
    Instant next_burial_ = 0;
    Instant next_forget_ = 0;
    Instant stop_at_ = 0;                            ///< when the grace time is over; 0: it isn't stopping
    bool slow_ = false;                              ///< something is being stopped for its TIMEOUT
    std::set<int64_t> lost_;                         ///< orders whose claims others have taken
    std::set<std::string> tried_;                    ///< tables that were ordered
    std::set<std::string> failing_;                  ///< tables whose last attempt here failed
    std::map<std::string, Snapshot> seen_snapshots_; ///< data snapshots in the store when it was read
    std::set<std::string> short_of_memory_; ///< tables whose last attempt here had too little memory, disk or time
    std::map<std::string, std::string> told_steps_; ///< what the store knows of long steps
    std::map<std::string, Instant> warned_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
    bool finishing_ = false; ///< --once or --drain has done its work
    std::deque<OrderEnd> ended_;
    std::deque<OrderEnd> unrecorded_;                      ///< the store couldn't be reached when they ended
    std::map<int64_t, std::unique_ptr<OrderRun>> running_; ///< last: what it runs uses the members above
};

Worker::Worker(Operations& operations, const WorkerOptions& options, Log log)
    : loop_(std::make_unique<Loop>(operations, options, std::move(log))) {}
Worker::~Worker() = default;

WorkerReport Worker::Run() {
    return loop_->Run();
}

void Worker::Stop() {
    loop_->Stop();
}

} // namespace freshet
