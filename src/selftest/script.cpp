#include "selftest/script.hpp"

#include "selftest/marked_text.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace freshet::selftest {

std::string CreateStatement(const Definition& definition, const std::string& mode) {
    return fmt::format("CREATE DYNAMIC TABLE {} TARGET_LAG = '1 hour' REFRESH_MODE = {}{} AS\n{}", definition.name,
                       mode, definition.options, marked::Plain(definition.query));
}

std::string RefreshStatement(const Step& step) {
    return fmt::format("ALTER DYNAMIC TABLE {} REFRESH{}", fmt::join(step.refreshed, ", "), step.full ? " FULL" : "");
}

} // namespace freshet::selftest
