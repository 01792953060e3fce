#include "bind/moment.hpp"

#include <algorithm>
#include <array>
#include <duckdb/common/string_util.hpp>

namespace freshet {

bool IsMomentFunction(const std::string& name) {
    static constexpr std::array kNames = {"now",   "get_current_timestamp", "transaction_timestamp", "current_date",
                                          "today", "current_localtimestamp"};
    return std::any_of(kNames.begin(), kNames.end(),
                       [&](const char* known) { return duckdb::StringUtil::CIEquals(name, known); });
}

} // namespace freshet
