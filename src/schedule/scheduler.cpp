#include "schedule/scheduler.hpp"

#include "schedule/lanes.hpp"
#include "schedule/spread.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <set>
#include <tuple>
#include <utility>

namespace freshet {

namespace {

constexpr Instant kNever = std::numeric_limits<Instant>::max();
/// What a refresh is taken to last of which nothing is known.
constexpr double kUnknownDuration = kSecond / 5.0;
/// A refresh may last twice as long as the ones before it.
constexpr double kSafety = 2;
/// A table that is due for as long as its lag, and at least so long, waits too long.
constexpr int64_t kPatience = 10 * kSecond;
/// A suspension that could not be written is asked for again.
constexpr int64_t kTimeToSuspend = 10 * kSecond;

size_t Root(std::vector<size_t>& above, size_t at) {
    while (above[at] != at) {
        above[at] = above[above[at]];
        at = above[at];
    }
    return at;
}

} // namespace

Orders Scheduler::Tick(Instant now, const std::vector<Event>& events) {
    now_ = std::max(now_, now);
    now = now_;
    for (const Event& event : events) {
        std::visit([&](const auto& what) { Take(now, what); }, event);
    }
    for (Entry& entry : tables_) {
        if (!entry.Changed()) {
            entry.fresh_since = now;
        }
    }
    MeasureLoad();
    Orders orders;
    FindSuspensions(now, orders);
    PlaceOrders(now, orders);
    FindUnchanged(now, orders);
    orders.wake_at = NextWake(now);
    return orders;
}

// ---- what is known ----

void Scheduler::Take(Instant now, const TablesSeen& seen) {
    std::vector<Entry> before = std::exchange(tables_, {});
    std::map<std::string, size_t> known = std::exchange(by_id_, {});
    tables_.reserve(seen.tables.size());
    std::vector<size_t> moved(before.size(), std::numeric_limits<size_t>::max());
    for (const TableView& view : seen.tables) {
        if (by_id_.count(view.id) > 0) {
            continue;
        }
        Entry entry;
        auto old = known.find(view.id);
        if (old != known.end()) {
            moved[old->second] = tables_.size();
            entry = std::move(before[old->second]);
        } else {
            entry.first_seen = now;
            entry.fresh_since = now - std::max<int64_t>(view.age, 0);
            entry.recorded_unchanged = entry.fresh_since;
        }
        TakeView(now, entry, view);
        by_id_[view.id] = tables_.size();
        tables_.push_back(std::move(entry));
    }
    for (auto& [number, running] : running_) {
        std::vector<size_t> still;
        for (size_t table : running.tables) {
            if (moved[table] != std::numeric_limits<size_t>::max()) {
                still.push_back(moved[table]);
            }
        }
        running.tables = still;
    }
    LinkTables();
}

void Scheduler::TakeView(Instant now, Entry& entry, const TableView& view) {
    TableView known = std::exchange(entry.view, view);
    bool is_new = known.id.empty();
    bool went_back = !is_new && view.data_snapshot < known.data_snapshot;
    if (!is_new && !went_back) {
        entry.view.changed_at = std::max(known.changed_at, view.changed_at);
    }
    if (!is_new && view.data_timestamp != known.data_timestamp) {
        Instant since = now - std::max<int64_t>(view.age, 0);
        auto own = running_.find(entry.running);
        if (own != running_.end()) { // its end has still to be told: the clock may have jumped since
            since = std::min(since, own->second.started);
        }
        entry.fresh_since = went_back ? since : std::max(entry.fresh_since, since);
        entry.recorded_unchanged = entry.fresh_since;
    }
    if (!entry.known_expected && view.duration) {
        entry.expected = static_cast<double>(*view.duration);
        entry.known_expected = true;
    }
    bool other_definition = !is_new && view.definition_version != known.definition_version;
    if (other_definition) {
        entry.busy_until = 0;
        entry.suspension_asked = 0;
    }
    // A note that is older than what is known here changes nothing.
    if (is_new || other_definition || view.failed_at > known.failed_at) {
        entry.failed = view.failed;
        entry.retry_at =
            view.failed.Any() ? now + std::clamp<int64_t>(view.retry_in, 0, options_.retry.longest_pause * 2) : 0;
    } else {
        entry.view.failed_at = known.failed_at;
        // Refreshed elsewhere, by hand or by another worker, after it had failed here.
        if (view.data_snapshot > known.data_snapshot && entry.running == 0) {
            entry.failed = {};
            entry.retry_at = 0;
        }
    }
    if (known.suspended || entry.failed.failures < entry.suspension_asked) { // it begins anew
        entry.suspension_asked = 0;
    }
}

void Scheduler::Take(Instant, const SourcesChanged& changed) {
    for (const std::string& id : changed.tables) {
        auto found = by_id_.find(id);
        if (found != by_id_.end()) {
            int64_t& known = tables_[found->second].view.changed_at;
            known = std::max(known, changed.snapshot);
        }
    }
}

void Scheduler::Take(Instant now, const OrderEnded& ended) {
    auto found = running_.find(ended.number);
    if (found == running_.end()) {
        return;
    }
    Instant started = found->second.started;
    for (size_t table : found->second.tables) {
        tables_[table].running = 0;
    }
    running_.erase(found);
    for (const TableResult& result : ended.results) {
        TakeResult(now, started, result);
    }
}

void Scheduler::TakeResult(Instant now, Instant started, const TableResult& result) {
    auto found = by_id_.find(result.id);
    if (found == by_id_.end()) {
        return;
    }
    Entry& entry = tables_[found->second];
    if (result.failure) {
        FailureCount before = entry.failed;
        entry.failed = AfterFailure(before, *result.failure, entry.view.retries);
        if (*result.failure != FailureClass::Dependency) {
            entry.retry_at =
                now + PauseAfter(entry.failed, *result.failure, options_.retry, entry.view.id, options_.seed);
            notes_.insert(result.id);
        } else if (RetryAt(entry) <= now) {
            // What it waits for has a pause of its own, unless it is at rest for another reason.
            entry.retry_at = now + options_.retry.first_pause;
        }
        return;
    }
    if (entry.failed.Any()) {
        notes_.insert(result.id);
    }
    entry.failed = {};
    entry.suspension_asked = 0;
    entry.retry_at = 0;
    if (!result.no_data) {
        auto lasted = static_cast<double>(result.duration);
        entry.expected = entry.known_expected ? std::max(lasted, 0.7 * entry.expected + 0.3 * lasted) : lasted;
        entry.known_expected = true;
    }
    if (result.data_snapshot >= entry.view.data_snapshot) {
        entry.view.data_snapshot = result.data_snapshot;
        entry.view.data_timestamp = result.data_timestamp;
        entry.fresh_since = std::max(entry.fresh_since, started);
        entry.recorded_unchanged = entry.fresh_since;
    }
}

void Scheduler::Take(Instant now, const OrderRefused& refused) {
    auto found = running_.find(refused.number);
    if (found == running_.end()) {
        return;
    }
    for (size_t table : found->second.tables) {
        Entry& entry = tables_[table];
        entry.running = 0;
        entry.busy_until = now + options_.reaction;
    }
    running_.erase(found);
}

void Scheduler::Take(Instant, const UnchangedTold& told) {
    for (const std::string& id : told.tables) {
        auto found = by_id_.find(id);
        if (found != by_id_.end() && told.data_snapshot >= tables_[found->second].view.data_snapshot) {
            tables_[found->second].view.data_snapshot = told.data_snapshot;
            tables_[found->second].view.data_timestamp = told.data_timestamp;
        }
    }
}

// ---- the graph ----

void Scheduler::LinkTables() {
    for (Entry& entry : tables_) {
        entry.ancestors.clear();
        entry.consumers.clear();
    }
    for (size_t at = 0; at < tables_.size(); at++) {
        for (const std::string& parent : tables_[at].view.parents) {
            auto found = by_id_.find(parent);
            if (found != by_id_.end() && found->second != at) {
                tables_[found->second].consumers.push_back(at);
            }
        }
    }
    std::vector<Visit> visits(tables_.size(), Visit::Not);
    for (size_t at = 0; at < tables_.size(); at++) {
        FindAncestors(at, visits);
    }
    for (Entry& entry : tables_) {
        entry.blocked =
            entry.view.suspended || std::any_of(entry.ancestors.begin(), entry.ancestors.end(),
                                                [&](size_t ancestor) { return tables_[ancestor].view.suspended; });
    }
    FindLags();
    FindComponents();
}

/// Parents before children. A table of a circle is met while it is looked at: the circle is cut there, and the refresh
/// reports it.
void Scheduler::FindAncestors(size_t table, std::vector<Visit>& visits) {
    if (visits[table] != Visit::Not) {
        return;
    }
    visits[table] = Visit::Begun;
    std::vector<size_t> found;
    std::set<size_t> seen = {table};
    for (const std::string& id : tables_[table].view.parents) {
        auto parent = by_id_.find(id);
        if (parent == by_id_.end() || visits[parent->second] == Visit::Begun) {
            continue;
        }
        FindAncestors(parent->second, visits);
        for (size_t ancestor : tables_[parent->second].ancestors) {
            if (seen.insert(ancestor).second) {
                found.push_back(ancestor);
            }
        }
        if (seen.insert(parent->second).second) {
            found.push_back(parent->second);
        }
    }
    tables_[table].ancestors = found;
    visits[table] = Visit::Done;
}

/// Every table hands the lag that holds for it to all that it reads.
void Scheduler::FindLags() {
    for (Entry& entry : tables_) {
        entry.lag = entry.blocked ? std::nullopt : entry.view.lag_seconds;
    }
    for (const Entry& entry : tables_) {
        if (entry.blocked || !entry.view.lag_seconds) {
            continue;
        }
        for (size_t ancestor : entry.ancestors) {
            auto& lag = tables_[ancestor].lag;
            lag = lag ? std::min(*lag, *entry.view.lag_seconds) : *entry.view.lag_seconds;
        }
    }
}

void Scheduler::FindComponents() {
    std::vector<size_t> above(tables_.size());
    std::iota(above.begin(), above.end(), size_t{0});
    for (size_t at = 0; at < tables_.size(); at++) {
        for (size_t consumer : tables_[at].consumers) {
            above[Root(above, at)] = Root(above, consumer);
        }
    }
    for (size_t at = 0; at < tables_.size(); at++) {
        tables_[at].component = Root(above, at);
    }
}

/// How long everything that waits for a refresh would take together.
void Scheduler::MeasureLoad() {
    component_load_.assign(tables_.size(), 0);
    load_ = 0;
    for (const Entry& entry : tables_) {
        if (entry.Changed() && entry.lag && !entry.blocked) {
            double expected = entry.known_expected ? entry.expected : kUnknownDuration;
            component_load_[entry.component] += expected;
            load_ += expected;
        }
    }
}

// ---- when ----

/// Has it failed so often that it is to be suspended? Where it still isn't after that was asked for, what keeps it from
/// being written may have been the failures' cause: it is tried again.
bool Scheduler::GivenUp(const Entry& entry) const {
    return entry.failed.failures >= options_.retry.suspend_after && entry.suspension_asked < entry.failed.failures;
}

/// Is it the scheduler's to refresh?
bool Scheduler::Schedulable(const Entry& entry) const {
    return !entry.blocked && entry.view.lag_seconds && !GivenUp(entry);
}

/// How long before its lag is reached a table has to begin: as long as everything that may come before it takes, what
/// it reads included where that rests now: the next commit may change it. Never more than half of the lag: what can't
/// be done in that is done back to back.
int64_t Scheduler::Margin(const Entry& entry) const {
    double waiting = load_ / static_cast<double>(std::max<int64_t>(options_.parallel, 1));
    double resting = 0;
    for (size_t ancestor : entry.ancestors) {
        const Entry& read = tables_[ancestor];
        resting += read.known_expected && !read.Changed() ? read.expected : 0;
    }
    double wanted =
        2.0 * static_cast<double>(options_.reaction) + kSafety * (waiting + component_load_[entry.component] + resting);
    double longest = static_cast<double>(*entry.view.lag_seconds) * kSecond / 2;
    return static_cast<int64_t>(std::min(wanted, longest));
}

Instant Scheduler::DueAt(const Entry& entry) const {
    if (!entry.Filled() || options_.at_once) {
        return entry.first_seen;
    }
    return entry.fresh_since + *entry.view.lag_seconds * kSecond - Margin(entry);
}

/// A table can't do without what it reads.
Instant Scheduler::RetryAt(const Entry& entry) const {
    Instant at = std::max(entry.retry_at, entry.busy_until);
    for (size_t ancestor : entry.ancestors) {
        const Entry& read = tables_[ancestor];
        at = std::max(at, GivenUp(read) ? kNever : read.retry_at);
    }
    return at;
}

Instant Scheduler::WantedBy(const Entry& entry) const {
    return (entry.Filled() ? entry.fresh_since : entry.first_seen) + *entry.view.lag_seconds * kSecond;
}

bool Scheduler::IsLate(const Entry& entry, Instant now) const {
    Instant ready = std::max(DueAt(entry), RetryAt(entry));
    return now - ready > std::max(*entry.view.lag_seconds * kSecond, kPatience);
}

// ---- what ----

/// Tables that would be refreshed now if nothing stood in the way; `soon`: those too that may as well go with others.
std::vector<size_t> Scheduler::DueTables(Instant now, bool soon) const {
    std::vector<size_t> due;
    for (size_t at = 0; at < tables_.size(); at++) {
        const Entry& entry = tables_[at];
        if (entry.running != 0 || !Schedulable(entry) || !entry.Changed() || RetryAt(entry) > now) {
            continue;
        }
        int64_t early = soon ? *entry.view.lag_seconds * kSecond / 4 : 0;
        if (DueAt(entry) - early <= now) {
            due.push_back(at);
        }
    }
    return due;
}

template <class Blocks>
bool Scheduler::AnyOfClosure(size_t table, const Blocks& blocks) const {
    return blocks(table) || std::any_of(tables_[table].ancestors.begin(), tables_[table].ancestors.end(), blocks);
}

/// Those of the tables that can begin now. One that waits too long for running orders keeps its tables to itself, so
/// that these don't begin again before it.
std::vector<size_t> Scheduler::FreeTables(const std::vector<size_t>& due, Instant now) const {
    auto is_running = [&](size_t at) { return tables_[at].running != 0; };
    std::set<size_t> kept;
    for (size_t at : due) {
        if (IsLate(tables_[at], now) && AnyOfClosure(at, is_running)) {
            kept.insert(at);
            kept.insert(tables_[at].ancestors.begin(), tables_[at].ancestors.end());
        }
    }
    auto is_kept = [&](size_t at) { return kept.count(at) > 0; };
    std::vector<size_t> free;
    for (size_t at : due) {
        bool yields = !kept.empty() && !IsLate(tables_[at], now) && AnyOfClosure(at, is_kept);
        if (!yields && !AnyOfClosure(at, is_running)) {
            free.push_back(at);
        }
    }
    return free;
}

/// The due tables in groups that share dynamic tables, each with those that may as well go with it.
std::vector<std::vector<size_t>> Scheduler::Groups(Instant now) const {
    std::vector<size_t> free = FreeTables(DueTables(now, true), now);
    std::vector<size_t> above(tables_.size());
    std::iota(above.begin(), above.end(), size_t{0});
    for (size_t at : free) {
        for (size_t ancestor : tables_[at].ancestors) {
            above[Root(above, ancestor)] = Root(above, at);
        }
    }
    std::map<size_t, std::vector<size_t>> groups;
    std::set<size_t> due_groups;
    for (size_t at : free) {
        size_t root = Root(above, at);
        groups[root].push_back(at);
        if (DueAt(tables_[at]) <= now) {
            due_groups.insert(root);
        }
    }
    std::vector<std::vector<size_t>> due;
    for (size_t root : due_groups) {
        due.push_back(groups[root]);
    }
    return due;
}

Scheduler::Candidate Scheduler::CandidateOf(const std::vector<size_t>& group, Instant now) const {
    Candidate candidate;
    candidate.due = group;
    candidate.turn = Spread(tables_[group.front()].view.id, 0, options_.seed);
    candidate.wanted_by = candidate.due_since = kNever;
    candidate.priority = std::numeric_limits<int64_t>::min();
    std::set<size_t> members;
    auto add = [&](size_t at) {
        if (members.insert(at).second) {
            candidate.closure.push_back(at);
        }
    };
    for (size_t at : group) {
        const Entry& entry = tables_[at];
        std::for_each(entry.ancestors.begin(), entry.ancestors.end(), add);
        add(at);
        candidate.wanted_by = std::min(candidate.wanted_by, WantedBy(entry));
        if (DueAt(entry) <= now) {
            candidate.priority = std::max(candidate.priority, entry.view.priority);
        }
        if (IsLate(entry, now)) {
            candidate.late = true;
            candidate.due_since = std::min(candidate.due_since, std::max(DueAt(entry), RetryAt(entry)));
        }
    }
    return candidate;
}

void Scheduler::PlaceOrders(Instant now, Orders& orders) {
    auto slots = options_.parallel - static_cast<int64_t>(running_.size());
    if (slots <= 0) {
        return;
    }
    std::vector<Candidate> candidates;
    for (const auto& group : Groups(now)) {
        candidates.push_back(CandidateOf(group, now));
    }
    int64_t moment = std::max<int64_t>(options_.reaction, 1);
    auto rank = [&](const Candidate& candidate) {
        return std::tuple(!candidate.late, candidate.due_since / moment, -candidate.priority,
                          candidate.wanted_by / moment, candidate.turn);
    };
    std::sort(candidates.begin(), candidates.end(),
              [&](const Candidate& a, const Candidate& b) { return rank(a) < rank(b); });
    candidates.resize(std::min(candidates.size(), static_cast<size_t>(slots)));
    for (const Candidate& candidate : candidates) {
        Order order;
        order.number = ++last_number_;
        order.wanted_by = candidate.wanted_by;
        auto ids = [&](const std::vector<size_t>& tables) {
            std::vector<std::string> named;
            for (size_t at : tables) {
                named.push_back(tables_[at].view.id);
            }
            return named;
        };
        Lanes split = SplitIntoLanes(candidate.due,
                                     [&](size_t at) -> const std::vector<size_t>& { return tables_[at].ancestors; });
        order.due = ids(candidate.due);
        order.tables = ids(candidate.closure);
        for (size_t at : candidate.closure) {
            tables_[at].running = order.number;
        }
        order.shared = ids(split.shared);
        for (const auto& lane : split.lanes) {
            order.lanes.push_back(ids(lane));
        }
        running_[order.number] = {candidate.closure, now};
        orders.refresh.push_back(order);
    }
}

/// Many at once rather than one after the other, since telling the store is one statement.
void Scheduler::FindUnchanged(Instant now, Orders& orders) {
    auto share = [&](const Entry& entry, int64_t parts) {
        bool rests = entry.lag && !entry.Changed() && entry.running == 0;
        return rests && now - entry.recorded_unchanged >= *entry.lag * kSecond / parts;
    };
    if (std::none_of(tables_.begin(), tables_.end(), [&](const Entry& entry) { return share(entry, 2); })) {
        return;
    }
    for (Entry& entry : tables_) {
        if (share(entry, 4)) {
            entry.recorded_unchanged = now;
            orders.unchanged.push_back(entry.view.id);
        }
    }
}

void Scheduler::FindSuspensions(Instant now, Orders& orders) {
    for (Entry& entry : tables_) {
        if (!entry.view.suspended && entry.running == 0 && GivenUp(entry)) {
            entry.suspension_asked = entry.failed.failures;
            entry.retry_at = std::max(entry.retry_at, now + kTimeToSuspend);
            orders.suspend.push_back(entry.view.id);
        }
    }
}

Instant Scheduler::NextWake(Instant now) const {
    Instant wake = kNever;
    for (const Entry& entry : tables_) {
        if (entry.running == 0 && Schedulable(entry) && entry.Changed()) {
            wake = std::min(wake, std::max(DueAt(entry), RetryAt(entry)));
        } else if (entry.lag && !entry.Changed()) {
            wake = std::min(wake, entry.recorded_unchanged + *entry.lag * kSecond / 2);
        }
    }
    return std::max(wake, now);
}

// ---- what is told ----

std::optional<Outlook> Scheduler::LookUp(const std::string& id) const {
    auto found = by_id_.find(id);
    if (found == by_id_.end()) {
        return {};
    }
    const Entry& entry = tables_[found->second];
    Outlook outlook;
    outlook.lag_seconds = entry.lag;
    outlook.running = entry.running != 0;
    outlook.failed = entry.failed;
    outlook.retry_at = entry.retry_at;
    std::vector<size_t> open = {found->second};
    std::set<size_t> seen = {found->second};
    while (!open.empty()) {
        const Entry& reader = tables_[open.back()];
        open.pop_back();
        Instant due = Schedulable(reader) ? std::max(DueAt(reader), RetryAt(reader)) : kNever;
        if (due != kNever) {
            outlook.due = outlook.due ? std::min(*outlook.due, due) : due;
        }
        for (size_t consumer : reader.consumers) {
            if (seen.insert(consumer).second) {
                open.push_back(consumer);
            }
        }
    }
    return outlook;
}

bool Scheduler::IsUnchanged(const std::string& id) const {
    auto found = by_id_.find(id);
    return found != by_id_.end() && !tables_[found->second].Changed() && tables_[found->second].running == 0;
}

int64_t Scheduler::CountWaiting(int64_t snapshot) const {
    return std::count_if(tables_.begin(), tables_.end(), [&](const Entry& entry) {
        return Schedulable(entry) && entry.Changed() && entry.view.data_snapshot < snapshot && RetryAt(entry) != kNever;
    });
}

std::vector<std::string> Scheduler::PendingTables() const {
    std::vector<std::string> ids;
    for (size_t at : DueTables(now_, false)) {
        ids.push_back(tables_[at].view.id);
    }
    return ids;
}

std::vector<Scheduler::FailureChange> Scheduler::TakeFailureChanges() {
    std::vector<FailureChange> notes;
    for (const std::string& id : std::exchange(notes_, {})) {
        auto found = by_id_.find(id);
        if (found != by_id_.end()) {
            const Entry& entry = tables_[found->second];
            notes.push_back(
                {id, entry.view.definition_version, entry.failed, std::max<int64_t>(entry.retry_at - now_, 0)});
        }
    }
    return notes;
}

void Scheduler::NoteWritten(const std::string& id, Timestamp at) {
    auto found = by_id_.find(id);
    if (found != by_id_.end()) {
        tables_[found->second].view.failed_at = at;
    }
}

} // namespace freshet
