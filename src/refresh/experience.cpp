#include "refresh/experience.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

constexpr double kDecay = 0.7;
constexpr double kLargest = 20; ///< beyond that a measurement says something about the machine

class Mean {
public:
    void Add(double ratio) {
        sum_ += weight_ * std::log(std::clamp(ratio, 1 / kLargest, kLargest));
        weights_ += weight_;
        weight_ *= kDecay;
    }
    bool Any() const { return weights_ > 1; }
    double Value() const { return std::exp(sum_ / weights_); }

private:
    double sum_ = 0;
    double weights_ = 1; ///< of the model: ratio 1
    double weight_ = 1;
};

/// A machine that is slow at one way is slow at the other; beyond a factor of two it is the way.
double OfTheMachine(double other_way) {
    return std::clamp(other_way, 0.5, 2.0);
}

} // namespace

Experience Learn(const std::vector<PastRefresh>& newest_first) {
    Experience experience;
    Mean by_change, full;
    double weight = 1, weights = 0, by_change_weights = 0;
    for (const auto& past : newest_first) {
        auto ways = nlohmann::json::parse(past.candidates, nullptr, false);
        if (!ways.is_array() || past.measured_ms < 0) {
            continue;
        }
        for (const auto& way : ways) {
            double model = way.value("model_ms", 0.0);
            if (!way.value("taken", false) || model <= 0) {
                continue;
            }
            bool in_full = way.value("way", "") == "FULL";
            (in_full ? full : by_change).Add(past.measured_ms / model);
            experience.choices++;
            by_change_weights += in_full ? 0 : weight;
            weights += weight;
            weight *= kDecay;
        }
    }
    experience.by_change_taken = by_change.Any();
    experience.full_taken = full.Any();
    experience.by_change = by_change.Any() ? by_change.Value() : OfTheMachine(full.Value());
    experience.full = full.Any() ? full.Value() : OfTheMachine(by_change.Value());
    experience.by_change_share = weights > 0 ? by_change_weights / weights : 0;
    return experience;
}

} // namespace freshet
