#include "refresh/renaming.hpp"

#include "base/random_hex.hpp"
#include "bind/definition.hpp"
#include "bind/resolve.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/failure_point.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/undisturbed.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

void RequireOneSchema(const TableName& from, const TableName& to) {
    if (from.schema != to.schema) {
        throw Error(Code::NotYetAvailable,
                    fmt::format("{} can't be moved to schema {}", from.Text(), QuoteIfNeeded(to.schema)),
                    "create it there and drop this one");
    }
}

void RequireFree(Session& session, const Registry& registry, const TableName& name) {
    Snapshot now = CurrentSnapshot(session);
    auto views = ListViews(session, now);
    bool taken = registry.Find(name) != nullptr || FindTable(session, name, now) ||
                 std::find(views.begin(), views.end(), name) != views.end();
    if (taken) {
        throw Error(Code::AlreadyExists, name.Text() + " already exists", "choose another name");
    }
}

void RequireNoConsumer(Session& session, const Registry& registry, const DynamicTable& table) {
    Dependencies dependencies = Dependencies::OfAll(session, registry);
    auto consumers = dependencies.Consumers(table.id);
    if (!consumers.empty()) {
        throw Error(Code::DependentsExist,
                    fmt::format("{} is read by its name by dynamic table {}", table.name.Text(),
                                dependencies.At(consumers.front()).table.name.Text()),
                    "drop that table first, or put another table in this one's place with SWAP WITH");
    }
}

bool Reads(Session& session, const TableName& view, const TableName& table) {
    try {
        std::string query = "SELECT * FROM " + view.Sql();
        return ParseDefinition(session, {query, 0}, CurrentSearchPath(session), {"", query}).Tables().count(table) > 0;
    } catch (const Error&) { // it doesn't work as it is
        return false;
    }
}

void RequireNoView(Session& session, const DynamicTable& table) {
    for (const auto& view : ListViews(session, CurrentSnapshot(session))) {
        if (Reads(session, view, table.name)) {
            throw Error(Code::DependentsExist,
                        fmt::format("{} is read by its name by view {}", table.name.Text(), view.Text()),
                        "drop that view first, and make it again with the new name");
        }
    }
}

/// A table that was dropped outside has only its name in the registry.
bool Exists(Session& session, const TableName& name) {
    return FindTable(session, name, CurrentSnapshot(session)).has_value();
}

void RenameInLake(Session& session, const TableName& from, const std::string& to) {
    session.Query(fmt::format("ALTER TABLE {} RENAME TO {}", from.Sql(), QuoteIdentifier(to)));
}

/// One UPDATE for both rows: a table should be written once per transaction.
void ExchangeNames(Session& session, const DynamicTable& first, const DynamicTable& second) {
    int64_t done = AsInt(session.QueryValue(
        fmt::format("UPDATE {}.dynamic_tables SET table_name = CASE id WHEN {} THEN {} ELSE {} END, "
                    "definition_version = definition_version + 1 WHERE id IN ({}, {})",
                    QuoteIdentifier(kLake) + "." + QuoteIdentifier(kOwnSchema), QuoteLiteral(first.id),
                    QuoteLiteral(first.name.name), QuoteLiteral(second.name.name), QuoteLiteral(first.id),
                    QuoteLiteral(second.id))));
    if (done != 2) {
        throw Overtaken("dynamic tables were changed by another process");
    }
}

/// With their names exchanged, neither may read itself.
void CheckNoCycle(Session& session, Registry registry, DynamicTable first, DynamicTable second) {
    std::swap(first.name, second.name);
    registry.Replace(first);
    registry.Replace(second);
    Dependencies dependencies = Dependencies::OfAll(session, registry);
    dependencies.CheckAcyclic(first.id);
    dependencies.CheckAcyclic(second.id);
}

} // namespace

DynamicTable RenameTable(Session& session, const std::string& id, const TableName& to) {
    DynamicTable renamed;
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        Registry registry = ReadRegistry(session);
        DynamicTable table = registry.At(id);
        RequireOneSchema(table.name, to);
        RequireFree(session, registry, to);
        RequireNoConsumer(session, registry, table);
        RequireNoView(session, table);
        bool exists = Exists(session, table.name);
        MoveState(session, table);
        if (exists) {
            RenameInLake(session, table.name, to.name);
        }
        renamed = table;
        renamed.name = to;
        renamed.definition_version++;
        UpdateRegistryRow(session, renamed, table.definition_version);
        transaction.Commit();
    });
    FailurePoint(failure::kAfterDdlCommit);
    return renamed;
}

std::vector<DynamicTable> SwapTables(Session& session, const std::string& first, const std::string& second) {
    DynamicTable one, other;
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        Registry registry = ReadRegistry(session);
        one = registry.At(first);
        other = registry.At(second);
        RequireOneSchema(one.name, other.name);
        CheckNoCycle(session, registry, one, other);
        bool one_exists = Exists(session, one.name), other_exists = Exists(session, other.name);
        MoveState(session, one);
        MoveState(session, other);
        std::string aside = "__freshet_swap_" + RandomHex(12);
        if (one_exists) {
            RenameInLake(session, one.name, aside);
        }
        if (other_exists) {
            RenameInLake(session, other.name, one.name.name);
        }
        if (one_exists) {
            RenameInLake(session, {one.name.schema, aside}, other.name.name);
        }
        std::swap(one.name, other.name);
        one.definition_version++;
        other.definition_version++;
        ExchangeNames(session, one, other);
        transaction.Commit();
    });
    FailurePoint(failure::kAfterDdlCommit);
    return {one, other};
}

} // namespace freshet
