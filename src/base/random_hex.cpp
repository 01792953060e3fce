#include "base/random_hex.hpp"

#include <fmt/format.h>
#include <random>

namespace freshet {

std::string RandomHex(size_t digits) {
    static thread_local std::mt19937_64 random{std::random_device{}()};
    std::string text;
    while (text.size() < digits) {
        text += fmt::format("{:016x}", random());
    }
    return text.substr(0, digits);
}

} // namespace freshet
