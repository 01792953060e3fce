#include "refresh/layout.hpp"

#include "base/caseless.hpp"
#include "bind/layout_columns.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

void CheckOption(const DynamicTable& table, Option option, const std::string& layout,
                 const std::vector<Column>& columns) {
    for (const auto& name : LayoutColumns(layout)) {
        bool there = std::any_of(columns.begin(), columns.end(),
                                 [&](const Column& column) { return SameWord(column.name, name); });
        if (!there) {
            std::string text;
            for (const auto& column : columns) {
                text += (text.empty() ? "" : ", ") + QuoteIfNeeded(column.name);
            }
            throw Error(Code::UnknownColumn,
                        fmt::format("{} of {} names column \"{}\", and the table has ({})", OptionName(option),
                                    table.name.Text(), name, text),
                        fmt::format("CREATE OR ALTER DYNAMIC TABLE changes query and options together; ALTER DYNAMIC "
                                    "TABLE {} UNSET {} leaves the option out",
                                    table.name.Text(), OptionName(option)));
        }
    }
}

} // namespace

void CheckLayout(const DynamicTable& table, const std::vector<Column>& columns) {
    if (columns.empty()) {
        return;
    }
    CheckOption(table, Option::PartitionedBy, table.options.partitioned_by.value_or(""), columns);
    CheckOption(table, Option::SortedBy, table.options.sorted_by.value_or(""), columns);
}

} // namespace freshet
