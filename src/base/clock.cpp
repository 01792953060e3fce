#include "base/clock.hpp"

#include <ctime>
#include <fmt/format.h>

namespace freshet {

Timestamp Now() {
    auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::microseconds>(since_epoch).count();
}

std::string TimestampText(Timestamp time) {
    constexpr int64_t kSecond = 1'000'000;
    std::time_t seconds = static_cast<std::time_t>(time / kSecond - (time % kSecond < 0 ? 1 : 0));
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}+00", parts.tm_year + 1900, parts.tm_mon + 1,
                       parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                       time - static_cast<int64_t>(seconds) * kSecond);
}

} // namespace freshet
