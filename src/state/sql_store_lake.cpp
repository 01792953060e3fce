#include "state/sql_store.hpp"

#include <fmt/format.h>

namespace freshet {

Reconciled SqlStore::GetReconciled() {
    Row row = connection_->Query("SELECT lake_uuid, reconciled_snapshot FROM freshet_state.lake").at(0);
    return {AsText(row.at(0)), AsInt(row.at(1))};
}

Reconciled SqlStore::LockLake(const std::string& lake_uuid) {
    Row row = connection_
                  ->Query("UPDATE freshet_state.lake SET lake_uuid = lake_uuid "
                          "RETURNING lake_uuid, reconciled_snapshot")
                  .at(0);
    Reconciled stored{AsText(row.at(0)), AsInt(row.at(1))};
    if (!stored.lake_uuid.empty() && stored.lake_uuid != lake_uuid) {
        throw Error(Code::StoreOfAnotherLake,
                    fmt::format("the state store {} belongs to another lake ({}, not {})", Describe(), stored.lake_uuid,
                                lake_uuid),
                    "name a store of its own in `state`; if the other lake is gone, delete the store: it is derived");
    }
    return stored;
}

void SqlStore::WriteReconciled(const Reconciled& reconciled) {
    connection_->Query("UPDATE freshet_state.lake SET lake_uuid = $1, reconciled_snapshot = $2",
                       {reconciled.lake_uuid, reconciled.snapshot});
}

void SqlStore::SetReconciled(const Reconciled& reconciled) {
    connection_->InTransaction([&] {
        Reconciled stored = LockLake(reconciled.lake_uuid);
        if (stored.lake_uuid.empty() || stored.snapshot < reconciled.snapshot) {
            WriteReconciled(reconciled);
        }
    });
}

void SqlStore::Rewind() {
    connection_->InTransaction([&] {
        connection_->Query("UPDATE freshet_state.lake SET reconciled_snapshot = $1", {kNoSnapshot});
        for (const char* table : {"dependency", "dynamic_table"}) {
            connection_->Query(fmt::format("DELETE FROM freshet_state.{}", table));
        }
    });
}

Timestamp SqlStore::Now() {
    Timestamp now = 0;
    connection_->InTransaction([&] {
        std::string sql = fmt::format("UPDATE freshet_state.clock SET high_water = {} RETURNING high_water",
                                      connection_->NextTimeSql());
        now = AsInt(connection_->Query(sql).at(0).at(0));
    });
    return now;
}

void SqlStore::AdvanceClock(Timestamp time) {
    connection_->InTransaction(
        [&] { connection_->Query("UPDATE freshet_state.clock SET high_water = $1 WHERE high_water < $1", {time}); });
}

} // namespace freshet
