#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace freshet::selftest {

/// Numbers that are the same on every machine: the engine is fixed by the standard, the distributions are not and are
/// written out here.
class Random {
public:
    /// Streams of one seed have nothing to do with each other.
    Random(uint64_t seed, uint64_t stream) : engine_(Mixed(Mixed(seed) + stream)) {}

    /// Both ends included.
    int64_t Between(int64_t low, int64_t high) {
        return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
    }
    bool Chance(int percent) { return Between(1, 100) <= percent; }

    template <class T>
    const T& Pick(const std::vector<T>& choices) {
        return choices[static_cast<size_t>(Between(0, static_cast<int64_t>(choices.size()) - 1))];
    }
    std::string Word(const std::vector<const char*>& choices) { return Pick(choices); }

    /// An index, as often as its weight says.
    size_t Weighted(const std::vector<int>& weights) {
        int64_t total = 0;
        for (int weight : weights) {
            total += weight;
        }
        int64_t at = Between(1, total);
        size_t index = 0;
        while (at > weights[index]) {
            at -= weights[index++];
        }
        return index;
    }

    template <class T>
    void Shuffle(std::vector<T>& items) {
        for (size_t i = items.size(); i > 1; i--) {
            std::swap(items[i - 1], items[static_cast<size_t>(Between(0, static_cast<int64_t>(i) - 1))]);
        }
    }

private:
    /// splitmix64: neighbouring seeds give distant states.
    static uint64_t Mixed(uint64_t value) {
        value += 0x9e3779b97f4a7c15;
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9;
        value = (value ^ (value >> 27)) * 0x94d049bb133111eb;
        return value ^ (value >> 31);
    }

    std::mt19937_64 engine_;
};

/// Concatenates parts. They are evaluated in this order, which braces guarantee and operators and calls don't: what
/// takes random numbers must not depend on the compiler.
inline std::string InOrder(std::initializer_list<std::string> parts) {
    std::string text;
    for (const auto& part : parts) {
        text += part;
    }
    return text;
}

} // namespace freshet::selftest
