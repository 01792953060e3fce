#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace freshet {

/// Microseconds since 1970-01-01 UTC.
using Timestamp = int64_t;

/// The wall clock now. Only the edge of the program calls it.
Timestamp Now();

/// "2026-11-21 02:17:00.123456+00": a TIMESTAMPTZ literal's text, UTC.
std::string TimestampText(Timestamp time);

/// Measures elapsed milliseconds on a steady clock.
class Stopwatch {
public:
    double Milliseconds() const {
        return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

} // namespace freshet
