#include "service/command_claims.hpp"

#include "service/process_identity.hpp"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

constexpr int64_t kMicroseconds = 1'000'000;
constexpr int64_t kBeatEvery = 10 * kMicroseconds;
constexpr auto kLookEvery = std::chrono::milliseconds(50);
/// Rows of claims that others are changing are free again in a moment. Without them the state rows in the lake decide.
constexpr int kSeizeAttempts = 100;
/// A worker of another host that has missed this many signs of life is not waited for, though its claims still stand.
constexpr int64_t kSilentAfter = 2;

bool Lives(const WorkerInfo& worker, Timestamp now) {
    return now - worker.heartbeat_at < std::min(worker.expires_after, worker.heartbeat_every * kSilentAfter) &&
           MayLive(worker.host, worker.process, worker.process_started);
}

/// The tables and all dynamic tables that they read.
std::vector<std::string> WithParents(StateStore& store, const std::vector<std::string>& ids) {
    std::multimap<std::string, std::string> parents;
    for (const Dependency& dependency : store.ListDependencies()) {
        if (!dependency.input_id.empty()) {
            parents.emplace(dependency.table_id, dependency.input_id);
        }
    }
    std::set<std::string> found;
    std::vector<std::string> open = ids;
    while (!open.empty()) {
        std::string id = open.back();
        open.pop_back();
        if (found.insert(id).second) {
            auto [begin, end] = parents.equal_range(id);
            for (auto parent = begin; parent != end; ++parent) {
                open.push_back(parent->second);
            }
        }
    }
    return {found.begin(), found.end()};
}

} // namespace

CommandClaims::CommandClaims(Bookkeeping& books, const std::vector<std::string>& table_ids, Scope scope,
                             Patience patience)
    : books_(books), run_id_(NewRunId()) {
    if (table_ids.empty() || !AnybodyWorks()) {
        return;
    }
    ProcessIdentity identity = OwnIdentity();
    self_ = {.id = "command-" + run_id_,
             .kind = "COMMAND",
             .host = identity.host,
             .process = identity.process,
             .process_started = identity.started,
             .heartbeat_every = kBeatEvery,
             .expires_after = 3 * kBeatEvery};
    auto tables = books_.WithStore([&](StateStore& store) {
        store.Heartbeat(self_);
        return scope == Scope::WithParents ? WithParents(store, table_ids) : table_ids;
    });
    beating_ = std::thread([this] { Beat(); });
    patience ? Take(tables, *patience) : Seize(tables);
}

CommandClaims::~CommandClaims() {
    if (!beating_.joinable()) {
        return;
    }
    {
        std::lock_guard lock(mutex_);
        ends_ = true;
    }
    ended_.notify_all();
    beating_.join();
    try {
        books_.WithStore([&](StateStore& store) { store.RemoveWorker(self_.id); });
    } catch (const Error&) { // the claims expire
    }
}

bool CommandClaims::AnybodyWorks() {
    auto workers = books_.WithStore([](StateStore& store) { return store.ListWorkers(); });
    if (workers.empty()) {
        return false;
    }
    Timestamp now = books_.Now();
    return std::any_of(workers.begin(), workers.end(), [&](const WorkerInfo& worker) { return Lives(worker, now); });
}

/// Buries holders that have certainly ended.
bool CommandClaims::WorthWaiting(const std::vector<Claim>& claims) {
    Timestamp now = books_.Now();
    std::set<std::string> living;
    for (const WorkerInfo& worker : books_.WithStore([](StateStore& store) { return store.ListWorkers(); })) {
        if (!MayLive(worker.host, worker.process, worker.process_started)) {
            books_.WithStore([&](StateStore& store) { store.RemoveWorker(worker.id); });
        } else if (Lives(worker, now)) {
            living.insert(worker.id);
        }
    }
    return claims.empty() || std::any_of(claims.begin(), claims.end(),
                                         [&](const Claim& claim) { return living.contains(claim.worker_id); });
}

void CommandClaims::Take(const std::vector<std::string>& tables, int64_t wait_seconds) {
    auto until = std::chrono::steady_clock::now() + std::chrono::seconds(wait_seconds);
    while (true) {
        auto answer = books_.WithStore([&](StateStore& store) { return store.TakeClaims(self_.id, run_id_, tables); });
        if (answer.taken) {
            return;
        }
        if (std::chrono::steady_clock::now() >= until) {
            if (!answer.claims.empty()) {
                in_the_way_ = answer.claims.front();
            }
            return;
        }
        if (!WorthWaiting(answer.claims)) {
            books_.WithStore([&](StateStore& store) { store.TakeClaims(self_.id, run_id_, tables); });
            return;
        }
        waited_ = true;
        std::this_thread::sleep_for(kLookEvery);
    }
}

void CommandClaims::Seize(const std::vector<std::string>& tables) {
    seized_ = true;
    auto attempt = [&] {
        return books_.WithStore([&](StateStore& store) { return store.SeizeClaims(self_.id, run_id_, tables); });
    };
    for (int attempts = 0; attempts < kSeizeAttempts && !attempt().taken; attempts++) {
        std::this_thread::sleep_for(kLookEvery);
    }
}

void CommandClaims::Beat() {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::microseconds(kBeatEvery), [&] { return ends_; })) {
        lock.unlock();
        try {
            books_.WithStore([&](StateStore& store) { store.Heartbeat(self_); });
        } catch (const Error&) { // the next beat may come through; without any the claims expire
        }
        lock.lock();
    }
}

} // namespace freshet
