#include "refresh/dropped_tables.hpp"

#include "refresh/commit.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/failure_point.hpp"
#include "refresh/inlining.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/undisturbed.hpp"

#include <fmt/format.h>

namespace freshet {

namespace {

const TableName kDropped{kOwnSchema, "dropped_tables"};

std::string IdList(const std::vector<DynamicTable>& tables) {
    std::string ids;
    for (const auto& table : tables) {
        ids += (ids.empty() ? "" : ", ") + QuoteLiteral(table.id);
    }
    return ids;
}

/// A table made anew with the rows of a version. What reads a version here writes another table.
void CopyVersion(Session& session, const TableName& name, Snapshot version) {
    session.Query(fmt::format("CREATE TABLE {} AS FROM {}", name.Sql(), AtVersion(name, version)));
}

/// The frontier that goes with the content, and what is known to be wrong with that.
Frontier FrontierOf(Session& session, const DroppedTable& dropped, const TableInfo& stored) {
    Frontier before = ReadFrontier(session, dropped.table.id, dropped.dropped.last);
    Frontier frontier = before.Moved();
    bool written = ChangeLog::Read(session, before.committed, dropped.dropped.last).Of(stored.id).Data();
    if (written || CountRows(session, dropped.table.name, dropped.dropped.last) != before.row_count) {
        frontier.repair = "the table was changed outside Freshet before it was dropped";
    }
    return frontier;
}

void CheckNoCycle(Session& session, const DynamicTable& table) {
    Registry with = ReadRegistry(session);
    with.Replace(table);
    Dependencies::Of(session, with, {table.id}).CheckAcyclic(table.id);
}

} // namespace

void EnsureDroppedTables(Session& session) {
    EnsureRegistryTable(session, kDropped, {"dropped_at BIGINT", "last_snapshot BIGINT"});
}

void RememberDropped(Session& session, const std::vector<DynamicTable>& tables, const DropMoment& moment) {
    session.Query(fmt::format("DELETE FROM {} WHERE dropped_at < {}", kDropped.Sql(), moment.at - kDroppedKept));
    session.Query(
        fmt::format("INSERT INTO {} ({}, dropped_at, last_snapshot) SELECT {}, {}, {} FROM {} WHERE id IN ({})",
                    kDropped.Sql(), RegistryColumns(), RegistryColumns(), moment.at, moment.last,
                    TableName{kOwnSchema, "dynamic_tables"}.Sql(), IdList(tables)));
}

void ForgetDropped(Session& session, const std::string& id) {
    session.Query(fmt::format("DELETE FROM {} WHERE id = {}", kDropped.Sql(), QuoteLiteral(id)));
}

std::vector<DroppedTable> ReadDropped(Session& session, Timestamp now) {
    std::vector<DroppedTable> dropped;
    if (!FindTable(session, kDropped, CurrentSnapshot(session))) {
        return dropped;
    }
    Registry registry = ReadRegistry(session);
    Table rows = session.Query(fmt::format("SELECT {}, dropped_at, last_snapshot FROM {} WHERE dropped_at >= {} "
                                           "ORDER BY dropped_at DESC, last_snapshot DESC",
                                           RegistryColumns(), kDropped.Sql(), now - kDroppedKept));
    for (const auto& row : rows.rows) {
        DroppedTable one;
        one.table = RegistryRow(row);
        one.dropped = {AsInt(row[row.size() - 2]), AsInt(row[row.size() - 1])};
        if (registry.FindById(one.table.id) == nullptr) {
            dropped.push_back(std::move(one));
        }
    }
    return dropped;
}

bool RestoreTable(Session& session, const DroppedTable& dropped, DynamicTable& restored) {
    bool done = false;
    UntilUndisturbed(session, [&] {
        Transaction transaction(session);
        const Snapshot last = dropped.dropped.last;
        CurrentSnapshot(session);
        auto stored = SnapshotExists(session, last) ? FindTable(session, dropped.table.name, last) : std::nullopt;
        done = stored.has_value();
        if (!done) {
            return;
        }
        restored = dropped.table;
        restored.definition_version++;
        CheckNoCycle(session, restored);
        Frontier frontier = FrontierOf(session, dropped, *stored);
        std::vector<TableName> companions;
        for (const auto& companion : frontier.companions) {
            if (TableName name{kOwnSchema, companion.table}; FindTable(session, name, last)) {
                companions.push_back(name);
            }
        }
        CopyVersion(session, restored.name, last);
        SetLayout(session, restored);
        for (const auto& companion : companions) {
            CopyVersion(session, companion, last);
        }
        CreateState(session, restored.id, frontier);
        InsertRegistryRow(session, restored);
        ForgetDropped(session, restored.id);
        transaction.Commit();
    });
    FailurePoint(failure::kAfterDdlCommit);
    if (done) {
        UntilUndisturbed(session, [&] { TurnInliningOff(session, restored.name); });
    }
    return done;
}

} // namespace freshet
