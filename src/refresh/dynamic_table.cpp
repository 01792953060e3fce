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

bool SameDefinition(const DynamicTable& a, const DynamicTable& b) {
    return a.name == b.name && a.definition == b.definition && a.column_names == b.column_names &&
           a.search_path == b.search_path && a.settings == b.settings;
}

Registry::Registry(std::vector<DynamicTable> tables) {
    Take(std::move(tables));
}

void Registry::Take(std::vector<DynamicTable> tables) {
    auto content = std::make_shared<Content>();
    content->tables = std::move(tables);
    for (size_t at = 0; at < content->tables.size(); at++) {
        content->by_id.emplace(content->tables[at].id, at);
        content->by_name.emplace(content->tables[at].name, at);
    }
    content_ = std::move(content);
}

const DynamicTable& Registry::At(const std::string& id) const {
    const DynamicTable* table = FindById(id);
    if (table == nullptr) {
        throw Error(Code::UnknownTable, "the dynamic table was dropped meanwhile");
    }
    return *table;
}

const DynamicTable* Registry::Find(const TableName& name) const {
    auto found = content_->by_name.find(name);
    return found == content_->by_name.end() ? nullptr : &content_->tables[found->second];
}

const DynamicTable* Registry::FindById(const std::string& id) const {
    auto found = content_->by_id.find(id);
    return found == content_->by_id.end() ? nullptr : &content_->tables[found->second];
}

void Registry::Replace(const DynamicTable& table) {
    std::vector<DynamicTable> tables = content_->tables;
    std::erase_if(tables, [&](const auto& known) { return known.id == table.id; });
    tables.push_back(table);
    Take(std::move(tables));
}

void Registry::Remove(const std::string& id) {
    std::vector<DynamicTable> tables = content_->tables;
    std::erase_if(tables, [&](const auto& known) { return known.id == id; });
    Take(std::move(tables));
}

} // namespace freshet
