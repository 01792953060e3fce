#include "refresh/definition_changes.hpp"

#include "refresh/dropped_tables.hpp"
#include "refresh/failure_point.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/layout.hpp"
#include "refresh/undisturbed.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

/// One UPDATE for all rows: a table should be written once per transaction.
void WriteSuspensions(Session& session, const std::vector<DynamicTable>& changed) {
    std::string cases, ids;
    for (const auto& table : changed) {
        cases += fmt::format(" WHEN {} THEN {}", QuoteLiteral(table.id), QuoteLiteral(Text(table.suspended)));
        ids += (ids.empty() ? "" : ", ") + QuoteLiteral(table.id);
    }
    int64_t done = AsInt(session.QueryValue(fmt::format(
        "UPDATE {}.dynamic_tables SET suspended = CASE id{} END, definition_version = definition_version + 1 WHERE id "
        "IN ({})",
        QuoteIdentifier(kLake) + "." + QuoteIdentifier(kOwnSchema), cases, ids)));
    if (done != static_cast<int64_t>(changed.size())) {
        throw Overtaken("dynamic tables were changed by another process");
    }
}

/// Applies `decide` to the registry and the graph as they are, until nobody disturbs it.
template <class Decide>
std::vector<DynamicTable> ChangeSuspensions(Session& session, const Decide& decide) {
    std::vector<DynamicTable> changed;
    UntilUndisturbed(session, [&] {
        changed.clear();
        Transaction transaction(session);
        Registry registry = ReadRegistry(session);
        Dependencies dependencies = Dependencies::OfAll(session, registry);
        std::map<std::string, Suspension> wanted;
        decide(registry, dependencies, wanted);
        for (const auto& [id, suspension] : wanted) {
            DynamicTable table = registry.At(id);
            if (table.suspended != suspension) {
                table.suspended = suspension;
                table.definition_version++;
                changed.push_back(table);
            }
        }
        if (!changed.empty()) {
            WriteSuspensions(session, changed);
        }
        transaction.Commit();
    });
    FailurePoint(failure::kAfterDdlCommit);
    return changed;
}

/// Is any table upstream stopped, given what is wanted so far?
const DynamicTable* SuspendedAncestor(const Registry& registry, const Dependencies& dependencies, const std::string& id,
                                      const std::map<std::string, Suspension>& wanted) {
    for (const auto& ancestor : dependencies.Upstream(id)) {
        const DynamicTable& table = registry.At(ancestor);
        auto change = wanted.find(ancestor);
        Suspension suspension = change == wanted.end() ? table.suspended : change->second;
        if (suspension != Suspension::None) {
            return &table;
        }
    }
    return nullptr;
}

std::string Layout(const std::string& clause, const std::optional<std::string>& value) {
    bool set = value && !value->empty();
    return set ? fmt::format("SET {} ({})", clause, *value) : "RESET " + clause;
}

void ChangeLayout(Session& session, const DynamicTable& table, const TableOptions& options) {
    if (!FindTable(session, table.name, CurrentSnapshot(session))) {
        return; // dropped outside: the next refresh makes it again, with its layout
    }
    if (table.options.partitioned_by != options.partitioned_by) {
        session.Query(
            fmt::format("ALTER TABLE {} {}", table.name.Sql(), Layout("PARTITIONED BY", options.partitioned_by)));
    }
    if (table.options.sorted_by != options.sorted_by) {
        session.Query(fmt::format("ALTER TABLE {} {}", table.name.Sql(), Layout("SORTED BY", options.sorted_by)));
    }
}

/// None where the table is gone, or nothing can be read of it.
std::vector<Column> StoredColumns(Session& session, const TableName& name) {
    return FindTable(session, name, CurrentSnapshot(session)) ? ResultColumns(session, "SELECT * FROM " + name.Sql())
                                                              : std::vector<Column>{};
}

/// Plain names of those that the state tells of, or, where it tells nothing, of all that there are.
std::vector<std::string> Companions(Session& session, const DynamicTable& table) {
    Frontier frontier = ReadFrontier(session, table.id);
    std::vector<std::string> names;
    for (const auto& companion : frontier.companions) {
        names.push_back(companion.table);
    }
    if (frontier.damaged) {
        for (const auto& known : ListTables(session, CurrentSnapshot(session))) {
            bool own = known.name.schema == kOwnSchema && !IsStateTable(known.name);
            if (own && OwnerOfCompanion(known.name) == table.id) {
                names.push_back(known.name.name);
            }
        }
    }
    return names;
}

void DropEverything(Session& session, const DynamicTable& table) {
    std::vector<std::string> companions = Companions(session, table);
    session.Query("DROP TABLE IF EXISTS " + table.name.Sql());
    session.Query("DROP TABLE IF EXISTS " + StateTable(table.id).Sql());
    for (const auto& companion : companions) {
        session.Query("DROP TABLE IF EXISTS " + TableName{kOwnSchema, companion}.Sql());
    }
}

void DeleteRegistryRows(Session& session, const std::vector<DynamicTable>& tables) {
    std::string ids;
    for (const auto& table : tables) {
        ids += (ids.empty() ? "" : ", ") + QuoteLiteral(table.id);
    }
    int64_t done = AsInt(session.QueryValue(fmt::format("DELETE FROM {}.{}.dynamic_tables WHERE id IN ({})",
                                                        QuoteIdentifier(kLake), QuoteIdentifier(kOwnSchema), ids)));
    if (done != static_cast<int64_t>(tables.size())) {
        throw Overtaken("dynamic tables were dropped by another process");
    }
}

} // namespace

std::vector<DynamicTable> SuspendTables(Session& session, const std::vector<std::string>& ids, Suspension reason) {
    return ChangeSuspensions(session, [&](const Registry& registry, const Dependencies& dependencies, auto& wanted) {
        for (const auto& id : ids) {
            for (const auto& consumer : dependencies.Downstream(id)) {
                if (registry.At(consumer).suspended == Suspension::None) {
                    wanted.emplace(consumer, Suspension::ByCascade);
                }
            }
        }
        for (const auto& id : ids) {
            registry.At(id);
            wanted[id] = reason;
        }
    });
}

std::vector<DynamicTable> ResumeTables(Session& session, const std::vector<std::string>& ids) {
    return ChangeSuspensions(session, [&](const Registry& registry, const Dependencies& dependencies, auto& wanted) {
        for (const auto& id : ids) {
            wanted[id] = Suspension::None;
        }
        for (const auto& id : ids) {
            const DynamicTable* ancestor = SuspendedAncestor(registry, dependencies, id, wanted);
            if (ancestor != nullptr && registry.At(id).suspended == Suspension::ByCascade) {
                throw Error(Code::Suspended,
                            fmt::format("{} was suspended together with {}, which it reads",
                                        registry.At(id).name.Text(), ancestor->name.Text()),
                            fmt::format("ALTER DYNAMIC TABLE {} RESUME", ancestor->name.Text()));
            }
            for (const auto& consumer : dependencies.Downstream(id)) {
                if (registry.At(consumer).suspended == Suspension::ByCascade &&
                    SuspendedAncestor(registry, dependencies, consumer, wanted) == nullptr) {
                    wanted.emplace(consumer, Suspension::None);
                }
            }
        }
    });
}

DynamicTable ChangeOptions(Session& session, const DynamicTable& table, const TableOptions& options) {
    DynamicTable changed = table;
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        DynamicTable current = ReadRegistry(session).At(table.id);
        changed = current;
        changed.options = options;
        changed.definition_version = current.definition_version + 1;
        CheckLayout(changed, StoredColumns(session, current.name));
        ChangeLayout(session, current, options);
        UpdateRegistryRow(session, changed, current.definition_version);
        transaction.Commit();
    });
    FailurePoint(failure::kAfterDdlCommit);
    return changed;
}

std::vector<DynamicTable> TablesToDrop(Session& session, const Registry& registry, const std::vector<std::string>& ids,
                                       Readers readers) {
    Dependencies dependencies = Dependencies::OfAll(session, registry);
    std::set<std::string> going(ids.begin(), ids.end());
    for (const auto& id : ids) {
        for (const auto& consumer : dependencies.Downstream(id)) {
            if (readers == Readers::Refuse && std::find(ids.begin(), ids.end(), consumer) == ids.end()) {
                throw Error(Code::DependentsExist,
                            fmt::format("{} is read by dynamic table {}", registry.At(id).name.Text(),
                                        registry.At(consumer).name.Text()),
                            "drop that table first, or use DROP DYNAMIC TABLE ... CASCADE");
            }
            if (readers == Readers::GoToo) {
                going.insert(consumer);
            }
        }
    }
    std::vector<DynamicTable> tables;
    for (const auto& id : dependencies.Order()) {
        if (going.count(id) > 0) {
            tables.insert(tables.begin(), registry.At(id));
        }
    }
    return tables;
}

std::vector<DynamicTable> DropTables(Session& session, const std::vector<std::string>& ids, Readers readers,
                                     Timestamp now) {
    std::vector<DynamicTable> tables;
    EnsureDroppedTables(session);
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        Snapshot last = CurrentSnapshot(session);
        tables = TablesToDrop(session, ReadRegistry(session), ids, readers);
        if (tables.empty()) { // another process has dropped them
            return;
        }
        RememberDropped(session, tables, {now, last});
        for (const auto& table : tables) {
            DropEverything(session, table);
        }
        DeleteRegistryRows(session, tables);
        transaction.Commit();
    });
    FailurePoint(failure::kAfterDdlCommit);
    return tables;
}

void OvertakeRefreshes(Session& session, const std::vector<std::string>& ids) {
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        Registry registry = ReadRegistry(session);
        for (const auto& id : ids) {
            const DynamicTable* table = registry.FindById(id);
            if (table != nullptr && ReadFrontier(session, id).generation > 0) {
                MoveState(session, *table);
            }
        }
        transaction.Commit();
    });
}

} // namespace freshet
