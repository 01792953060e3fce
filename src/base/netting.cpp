#include "base/netting.hpp"

#include "base/identifier.hpp"

#include <fmt/format.h>

namespace freshet {

/// Nested types are written with those of their fields.
bool EqualityIsLoose(const std::string& type) {
    for (const char* loose : {"DOUBLE", "FLOAT", "INTERVAL", "TIME WITH TIME ZONE", "VARIANT"}) {
        if (type.find(loose) != std::string::npos) {
            return true;
        }
    }
    return false;
}

std::string IdentityGroups(const std::vector<Column>& columns, const std::string& prefix) {
    std::string list;
    for (const auto& column : columns) {
        std::string name = prefix + QuoteIdentifier(column.name);
        list += fmt::format("{}{}{}", list.empty() ? "" : ", ", name,
                            EqualityIsLoose(column.type) ? fmt::format(", CAST({} AS VARCHAR)", name) : "");
    }
    return list;
}

} // namespace freshet
