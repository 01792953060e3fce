#include "service/write_guard.hpp"

#include "bind/write_targets.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

std::string StatementToUse(const WriteTarget& target, const TableName& name) {
    switch (target.kind) {
    case WriteKind::Rows:
        return fmt::format("change the tables that it reads, or its query: ALTER DYNAMIC TABLE {} AS ...", name.Text());
    case WriteKind::Create:
        return fmt::format("CREATE OR REPLACE DYNAMIC TABLE {} ... AS ..., or DROP DYNAMIC TABLE {}", name.Text(),
                           name.Text());
    case WriteKind::Alter:
        return fmt::format("ALTER DYNAMIC TABLE {} ...", name.Text());
    case WriteKind::Drop:
        return fmt::format("DROP DYNAMIC TABLE {}", name.Text());
    case WriteKind::DropSchema:
        return fmt::format("DROP DYNAMIC TABLE {} first", name.Text());
    case WriteKind::Maintenance:
        break;
    }
    return "";
}

[[noreturn]] void Refuse(const WriteTarget& target, const std::string& what, const std::string& hint) {
    Error error(Code::WriteRefused, fmt::format("{} is refused: {}", target.verb, what), hint);
    throw error.At(target.place);
}

/// The dynamic table that a write would touch.
const DynamicTable* Touched(const Registry& registry, const WriteTarget& target) {
    if (target.kind != WriteKind::DropSchema) {
        return registry.Find(target.table);
    }
    auto found = std::find_if(registry.Tables().begin(), registry.Tables().end(),
                              [&](const DynamicTable& table) { return table.name.schema == target.table.schema; });
    return found == registry.Tables().end() ? nullptr : &*found;
}

} // namespace

void RefuseWrites(Operations& operations, Session& session, const Excerpt& statement, const Source& source) {
    std::vector<WriteTarget> targets = WriteTargets(session, statement, source);
    if (targets.empty()) {
        return;
    }
    Registry registry = operations.ReadTables();
    for (const auto& target : targets) {
        if (target.table.schema == kOwnSchema) {
            Refuse(target, "the schema __freshet holds Freshet's own tables",
                   "use CREATE, ALTER and DROP DYNAMIC TABLE");
        }
        const DynamicTable* table = Touched(registry, target);
        if (table != nullptr && target.kind != WriteKind::Maintenance) {
            Refuse(target, table->name.Text() + " is a dynamic table", StatementToUse(target, table->name));
        }
    }
}

} // namespace freshet
