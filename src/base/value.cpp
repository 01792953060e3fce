#include "base/value.hpp"

#include <fmt/format.h>

namespace freshet {

int64_t AsInt(const Value& value) {
    if (const auto* number = std::get_if<int64_t>(&value)) {
        return *number;
    }
    if (const auto* number = std::get_if<uint64_t>(&value)) {
        return static_cast<int64_t>(*number);
    }
    if (const auto* text = std::get_if<std::string>(&value)) {
        return std::stoll(*text);
    }
    if (const auto* truth = std::get_if<bool>(&value)) {
        return *truth ? 1 : 0;
    }
    return 0;
}

std::string AsText(const Value& value) {
    return std::visit(
        [](const auto& held) -> std::string {
            using Held = std::decay_t<decltype(held)>;
            if constexpr (std::is_same_v<Held, std::monostate>) {
                return "";
            } else if constexpr (std::is_same_v<Held, bool>) {
                return held ? "true" : "false";
            } else if constexpr (std::is_same_v<Held, std::string>) {
                return held;
            } else {
                return fmt::format("{}", held);
            }
        },
        value);
}

} // namespace freshet
