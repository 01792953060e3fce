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

std::string AnyCancelled(const std::vector<Column>& columns, const std::string& table, const std::string& weight) {
    std::string values;
    for (const auto& column : columns) {
        std::string name = QuoteIdentifier(column.name);
        values += values.empty() ? "" : ", ";
        values += EqualityIsLoose(column.type) ? fmt::format("CAST({} AS VARCHAR)", name) : name;
    }
    return fmt::format("SELECT 1 AS one FROM (SELECT hash({0}) AS h FROM {1} WHERE {2} < 0) AS gone SEMI JOIN (SELECT "
                       "hash({0}) AS h FROM {1} WHERE {2} > 0) AS come ON gone.h = come.h LIMIT 1",
                       values, table, weight);
}

} // namespace freshet
