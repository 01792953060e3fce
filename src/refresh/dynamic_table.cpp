#include "refresh/dynamic_table.hpp"

#include <algorithm>

namespace freshet {

Frontier Frontier::Moved() const {
    Frontier moved = *this;
    moved.generation++;
    for (auto& input : moved.inputs) {
        input.own_commit = false;
    }
    return moved;
}

const DynamicTable* Registry::Find(const TableName& name) const {
    auto found = std::find_if(tables_.begin(), tables_.end(), [&](const auto& table) { return table.name == name; });
    return found == tables_.end() ? nullptr : &*found;
}

const DynamicTable* Registry::FindById(const std::string& id) const {
    auto found = std::find_if(tables_.begin(), tables_.end(), [&](const auto& table) { return table.id == id; });
    return found == tables_.end() ? nullptr : &*found;
}

void Registry::Replace(const DynamicTable& table) {
    Remove(table.id);
    tables_.push_back(table);
}

void Registry::Remove(const std::string& id) {
    std::erase_if(tables_, [&](const auto& table) { return table.id == id; });
}

} // namespace freshet
