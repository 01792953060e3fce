#include "schedule/fair_share.hpp"

#include <algorithm>
#include <optional>

namespace freshet {

namespace {

constexpr int64_t kWindow = 30 * kSecond;
/// Who has ended nothing for so long is not compared with.
constexpr int64_t kGettingOn = 5 * kSecond;
/// Half the time that it takes for a table, within limits, and never more than all of it.
constexpr int64_t kShortPause = kSecond / 4;
constexpr int64_t kLongPause = 2 * kSecond;
/// Of a fair share: less than that evens out by itself.
constexpr double kTolerance = 0.03;
/// What is ahead is to be made up for within a part of the window.
constexpr double kGain = 4;

/// Tables that a worker refreshed between two moments; nothing if it wasn't there at the first, or began anew.
std::optional<int64_t> Gain(const std::map<std::string, int64_t>& before, const std::map<std::string, int64_t>& after,
                            const std::string& id) {
    auto old = before.find(id), current = after.find(id);
    bool stayed = old != before.end() && current != after.end() && current->second >= old->second;
    return stayed ? std::optional(current->second - old->second) : std::nullopt;
}

} // namespace

void FairShare::Take(Instant now, const std::vector<WorkerInfo>& workers) {
    Sample& sample = samples_.emplace_back();
    sample.at = now;
    for (const WorkerInfo& worker : workers) {
        sample.refreshed[worker.id] = worker.refreshed;
    }
    while (samples_.size() > 2 && samples_[1].at <= now - kWindow) {
        samples_.pop_front();
    }
}

int64_t FairShare::Pause() const {
    if (samples_.size() < 2) {
        return 0;
    }
    const Sample& oldest = samples_.front();
    const Sample& newest = samples_.back();
    auto recent =
        std::find_if(samples_.begin(), samples_.end(), [&](const Sample& s) { return s.at >= newest.at - kGettingOn; });
    double own = static_cast<double>(Gain(oldest.refreshed, newest.refreshed, own_id_).value_or(0));
    double all = 0, workers = 0;
    for (const auto& [id, count] : newest.refreshed) {
        auto gain = Gain(oldest.refreshed, newest.refreshed, id);
        if (gain && (id == own_id_ || Gain(recent->refreshed, newest.refreshed, id).value_or(0) > 0)) {
            all += static_cast<double>(*gain);
            workers++;
        }
    }
    double share = workers > 0 ? all / workers : 0;
    double ahead = own - share * (1 + kTolerance);
    if (ahead <= 1) {
        return 0;
    }
    double each = static_cast<double>(newest.at - oldest.at) / own;
    int64_t longest =
        std::min(std::clamp(static_cast<int64_t>(each / 2), kShortPause, kLongPause), static_cast<int64_t>(each));
    return std::min(static_cast<int64_t>(each * kGain * ahead / share), longest);
}

} // namespace freshet
