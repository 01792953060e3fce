#include "refresh/lake_state.hpp"

#include "lake/compaction.hpp"
#include "refresh/failure_point.hpp"

#include <fmt/format.h>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

namespace freshet {

namespace {

using Json = nlohmann::json;

const TableName kRegistry{kOwnSchema, "dynamic_tables"};
const TableName kFormat{kOwnSchema, "format"};

Json ToJson(const InputVersion& input) {
    Json columns = Json::array();
    for (const auto& column : input.columns) {
        columns.push_back({column.id, column.name, column.type, column.fields});
    }
    Json json = {{"schema", input.name.schema}, {"name", input.name.name},        {"table_id", input.table_id},
                 {"uuid", input.uuid},          {"version", input.version},       {"own_commit", input.own_commit},
                 {"rows", input.rows},          {"dynamic_id", input.dynamic_id}, {"columns", columns}};
    if (input.read) {
        json["read"] = *input.read;
    }
    return json;
}

InputVersion InputFrom(const Json& json) {
    InputVersion input;
    input.name = {json.at("schema"), json.at("name")};
    input.table_id = json.at("table_id");
    input.uuid = json.at("uuid");
    input.version = json.at("version");
    input.own_commit = json.at("own_commit");
    input.rows = json.at("rows");
    input.dynamic_id = json.at("dynamic_id");
    for (const auto& column : json.at("columns")) {
        input.columns.push_back({column.at(0), column.at(1), column.at(2), column.at(3).get<std::vector<int64_t>>()});
    }
    if (json.contains("read")) {
        input.read = json.at("read").get<std::set<int64_t>>();
    }
    return input;
}

Json ToJson(const CompanionVersion& companion) {
    return {{"operator", companion.operator_id}, {"table", companion.table}, {"rows", companion.rows}};
}

template <class Version>
Json ListOf(const std::vector<Version>& versions) {
    Json json = Json::array();
    for (const auto& version : versions) {
        json.push_back(ToJson(version));
    }
    return json;
}

/// What the same commit wrote was read at the version that it made.
void PlaceOwnInputs(Frontier& frontier) {
    for (auto& input : frontier.inputs) {
        if (input.own_commit) {
            input.version = frontier.committed;
        }
    }
}

Frontier FrontierFrom(const std::string& text, Snapshot committed) {
    Json json = Json::parse(text);
    Frontier frontier;
    frontier.generation = json.at("generation");
    frontier.data_snapshot = json.at("data_snapshot");
    frontier.data_timestamp = json.at("data_timestamp");
    if (json.contains("evaluated_at")) {
        frontier.evaluated_at = json.at("evaluated_at").get<Timestamp>();
    }
    frontier.fingerprint = json.at("fingerprint");
    frontier.row_count = json.at("row_count");
    for (const auto& input : json.at("inputs")) {
        frontier.inputs.push_back(InputFrom(input));
    }
    for (const auto& companion : json.at("companions")) {
        frontier.companions.push_back({companion.at("operator"), companion.at("table"), companion.at("rows")});
    }
    frontier.repair = json.at("repair");
    frontier.committed = committed;
    PlaceOwnInputs(frontier);
    return frontier;
}

std::string StateText(const Frontier& frontier) {
    Json json = {{"generation", frontier.generation},         {"data_snapshot", frontier.data_snapshot},
                 {"data_timestamp", frontier.data_timestamp}, {"fingerprint", frontier.fingerprint},
                 {"row_count", frontier.row_count},           {"inputs", ListOf(frontier.inputs)},
                 {"companions", ListOf(frontier.companions)}, {"repair", frontier.repair}};
    if (frontier.evaluated_at) {
        json["evaluated_at"] = *frontier.evaluated_at;
    }
    return json.dump();
}

std::vector<std::pair<std::string, std::string>> RegistryValues(const DynamicTable& table) {
    return {{"schema_name", QuoteLiteral(table.name.schema)},
            {"table_name", QuoteLiteral(table.name.name)},
            {"definition", QuoteLiteral(table.definition)},
            {"column_names", QuoteLiteral(Json(table.column_names).dump())},
            {"search_path", QuoteLiteral(table.search_path)},
            {"options", QuoteLiteral(table.options.ToText())},
            {"suspended", QuoteLiteral(Text(table.suspended))},
            {"definition_version", std::to_string(table.definition_version)},
            {"created_at", std::to_string(table.created_at)},
            {"mode", QuoteLiteral(table.mode)},
            {"mode_reason", QuoteLiteral(table.mode_reason)},
            {"settings", QuoteLiteral(Json(table.settings).dump())}};
}

Suspension SuspensionFrom(const std::string& text) {
    for (Suspension value : {Suspension::ByUser, Suspension::ByCascade, Suspension::ByFailures}) {
        if (Text(value) == text) {
            return value;
        }
    }
    return Suspension::None;
}

/// Throws Overtaken unless the statement changed exactly one row.
void ChangeOne(Session& session, const std::string& sql, const std::string& what) {
    if (AsInt(session.QueryValue(sql)) != 1) {
        throw Overtaken(what + " was changed by another process");
    }
}

std::string Join(const std::vector<std::pair<std::string, std::string>>& values, const char* format) {
    std::string text;
    for (const auto& [name, value] : values) {
        text += (text.empty() ? "" : ", ") +
                fmt::format(fmt::runtime(format), fmt::arg("name", name), fmt::arg("value", value));
    }
    return text;
}

void InsertState(Session& session, const std::string& table, const Frontier& frontier) {
    session.Query(fmt::format("INSERT INTO {} VALUES ({})", table, QuoteLiteral(StateText(frontier))));
}

/// Statements that must be the only ones of their transaction, repeated where others do the same at the same time.
void RunAlone(Session& session, const std::string& sql) {
    constexpr int kAttempts = 20;
    for (int attempt = 1;; attempt++) {
        try {
            session.Query(sql);
            return;
        } catch (const EngineError& error) {
            session.Rollback();
            if (!error.IsConflict() || attempt == kAttempts) {
                throw;
            }
        }
    }
}

bool Exists(Session& session, const TableName& table) {
    return FindTable(session, table, CurrentSnapshot(session)).has_value();
}

int64_t ReadFormat(Session& session) {
    return AsInt(session.QueryValue("SELECT max(version) FROM " + kFormat.Sql()));
}

void RefuseOtherFormat(int64_t format) {
    if (format != kLakeFormat) {
        throw Error(Code::StoreVersion,
                    fmt::format("this lake's dynamic tables were written by another Freshet (format "
                                "{}, this one knows {})",
                                format, kLakeFormat),
                    "use that version of Freshet");
    }
}

Registry ReadAllTables(Session& session) {
    std::vector<DynamicTable> tables;
    Table rows = session.Query(
        fmt::format("SELECT {} FROM {} ORDER BY schema_name, table_name", RegistryColumns(), kRegistry.Sql()));
    for (const auto& row : rows.rows) {
        tables.push_back(RegistryRow(row));
    }
    return Registry(std::move(tables));
}

Frontier ReadStateRow(Session& session, const std::string& relation) {
    Frontier damaged;
    damaged.damaged = true;
    try {
        Table rows = session.Query("SELECT frontier, snapshot_id FROM " + relation);
        return rows.rows.size() == 1 ? FrontierFrom(AsText(rows.rows[0][0]), AsInt(rows.rows[0][1])) : damaged;
    } catch (const Json::exception&) {
        return damaged;
    } catch (const EngineError& error) {
        if (error.Type() != "Binder") { // without the column
            throw;
        }
        return damaged;
    }
}

/// What was read of one of Freshet's own tables, valid for as long as the change log shows no write to it.
/// Thread-safe.
template <class Content>
class Remembered {
public:
    /// The content at `now`, the snapshot of the session's transaction, which has written nothing to that table.
    template <class Read>
    Content Get(Session& session, const std::string& key, int64_t table_id, Snapshot now, const Read& read) {
        if (auto known = Find(session, key, table_id, now)) {
            return *known;
        }
        Content content = read(session);
        std::lock_guard lock(mutex_);
        entries_.insert_or_assign(key, Entry{table_id, now, content});
        return content;
    }

    /// The content since snapshot `at`, of a table that is known already.
    void Put(const std::string& key, Snapshot at, const Content& content) {
        std::lock_guard lock(mutex_);
        auto entry = entries_.find(key);
        if (entry != entries_.end() && entry->second.at < at) {
            entry->second.at = at;
            entry->second.content = content;
        }
    }

private:
    struct Entry {
        int64_t table_id = 0;
        Snapshot at = 0;
        Content content;
    };

    std::optional<Content> Find(Session& session, const std::string& key, int64_t table_id, Snapshot now) {
        std::lock_guard lock(mutex_);
        auto entry = entries_.find(key);
        if (entry == entries_.end() || entry->second.table_id != table_id || entry->second.at > now ||
            ChangeLog::Remembered(session, entry->second.at, now).Of(table_id).Any()) {
            return {};
        }
        entry->second.at = now;
        return entry->second.content;
    }

    std::mutex mutex_;
    std::map<std::string, Entry> entries_;
};

/// Part of EngineMemory.
struct StateMemory {
    Remembered<int64_t> format;
    Remembered<Registry> registry;
    Remembered<Frontier> frontiers; ///< by id
};

/// Runs `read` in the session's transaction, or in one of its own.
template <class Read>
auto InTransaction(Session& session, const Read& read) {
    if (session.InTransaction()) {
        return read();
    }
    Transaction transaction(session);
    auto result = read();
    transaction.Commit();
    return result;
}

/// Throws StoreVersion if they are of a Freshet with another layout.
bool OwnTablesAreThere(Session& session) {
    return InTransaction(session, [&] {
        Snapshot now = CurrentSnapshot(session);
        auto format = FindTable(session, kRegistry, now) ? FindTable(session, kFormat, now) : std::nullopt;
        if (format) {
            RefuseOtherFormat(session.Memory<StateMemory>().format.Get(session, "", format->id, now, ReadFormat));
        }
        return format.has_value();
    });
}

} // namespace

std::string RegistryColumns() {
    return "id, schema_name, table_name, definition, column_names, search_path, options, suspended, "
           "definition_version, created_at, mode, mode_reason, settings";
}

DynamicTable RegistryRow(const std::vector<Value>& row) {
    DynamicTable table;
    table.id = AsText(row[0]);
    table.name = {AsText(row[1]), AsText(row[2])};
    table.definition = AsText(row[3]);
    table.column_names = Json::parse(AsText(row[4])).get<std::vector<std::string>>();
    table.search_path = AsText(row[5]);
    table.options = TableOptions::FromText(AsText(row[6]));
    table.suspended = SuspensionFrom(AsText(row[7]));
    table.definition_version = AsInt(row[8]);
    table.created_at = AsInt(row[9]);
    table.mode = AsText(row[10]);
    table.mode_reason = AsText(row[11]);
    table.settings = Json::parse(AsText(row[12])).get<Settings>();
    return table;
}

TableName StateTable(const std::string& id) {
    return {kOwnSchema, "state_" + id};
}

bool IsStateTable(const TableName& name) {
    return name.schema == kOwnSchema && name.name.starts_with("state_");
}

TableName CompanionTable(const std::string& id, int operator_id) {
    return {kOwnSchema, fmt::format("acc_{}_{}", id, operator_id)};
}

std::string OwnerOfCompanion(const TableName& name) {
    size_t begin = std::min(name.name.find('_'), name.name.size() - 1) + 1;
    size_t end = std::max(name.name.rfind('_'), begin);
    return name.name.substr(begin, end - begin);
}

bool OwnSchemaExists(Session& session) {
    return Exists(session, kRegistry);
}

void EnsureOwnSchema(Session& session) {
    if (OwnTablesAreThere(session)) {
        return;
    }
    std::string schema = QuoteIdentifier(kLake) + "." + QuoteIdentifier(kOwnSchema);
    RunAlone(session, "CREATE SCHEMA IF NOT EXISTS " + schema);
    RunAlone(session, fmt::format("CALL {}.set_option('data_inlining_row_limit', 0, schema => {})",
                                  QuoteIdentifier(kLake), QuoteLiteral(kOwnSchema)));
    FailurePoint(failure::kAfterOwnSchema);
    RunAlone(session,
             fmt::format("CREATE TABLE IF NOT EXISTS {} AS SELECT {}::INTEGER AS version", kFormat.Sql(), kLakeFormat));
    EnsureRegistryTable(session, kRegistry, {});
}

void EnsureRegistryTable(Session& session, const TableName& name, const std::vector<std::string>& more_columns) {
    if (Exists(session, name)) {
        return;
    }
    std::string more;
    for (const auto& column : more_columns) {
        more += ", " + column;
    }
    RunAlone(session, fmt::format("CREATE TABLE IF NOT EXISTS {} (id VARCHAR, schema_name VARCHAR, table_name VARCHAR, "
                                  "definition VARCHAR, column_names VARCHAR, search_path VARCHAR, options VARCHAR, "
                                  "suspended VARCHAR, definition_version BIGINT, created_at BIGINT, mode VARCHAR, "
                                  "mode_reason VARCHAR, settings VARCHAR{})",
                                  name.Sql(), more));
}

void CheckLakeFormat(Session& session) {
    OwnTablesAreThere(session);
}

Registry ReadRegistry(Session& session) {
    return InTransaction(session, [&] {
        Snapshot now = CurrentSnapshot(session);
        auto table = FindTable(session, kRegistry, now);
        Registry registry =
            table ? session.Memory<StateMemory>().registry.Get(session, "", table->id, now, ReadAllTables) : Registry();
        registry.SetReadAt(now);
        return registry;
    });
}

void MergeRegistry(Session& session, size_t tables) {
    constexpr size_t kEvery = 32;
    if (tables % kEvery != 0) {
        return;
    }
    try {
        session.Query("SET SESSION ducklake_max_retry_count = 10"); // it deletes no row
        MergeSmallFiles(session, kRegistry);
    } catch (const EngineError&) {
        session.Rollback();
    }
}

std::optional<TableName> NameAt(Session& session, const std::string& id, Snapshot at) {
    if (!FindTable(session, kRegistry, at)) {
        return std::nullopt;
    }
    Table found = session.Query(fmt::format("SELECT schema_name, table_name FROM {} WHERE id = {}",
                                            AtVersion(kRegistry, at), QuoteLiteral(id)));
    return found.rows.empty() ? std::nullopt
                              : std::optional(TableName{AsText(found.rows[0][0]), AsText(found.rows[0][1])});
}

Frontier ReadFrontier(Session& session, const std::string& id, std::optional<Snapshot> at) {
    TableName name = StateTable(id);
    if (at) {
        return FindTable(session, name, *at) ? ReadStateRow(session, AtVersion(name, *at)) : Frontier{};
    }
    return InTransaction(session, [&] {
        Snapshot now = CurrentSnapshot(session);
        auto table = FindTable(session, name, now);
        auto read = [&](Session&) { return ReadStateRow(session, name.Sql()); };
        return table ? session.Memory<StateMemory>().frontiers.Get(session, id, table->id, now, read) : Frontier{};
    });
}

void RememberFrontier(Session& session, const std::string& id, Frontier frontier) {
    PlaceOwnInputs(frontier);
    session.Memory<StateMemory>().frontiers.Put(id, frontier.committed, frontier);
}

void InsertRegistryRow(Session& session, const DynamicTable& table) {
    auto values = RegistryValues(table);
    ChangeOne(session,
              fmt::format("INSERT INTO {} (id, {}) VALUES ({}, {})", kRegistry.Sql(), Join(values, "{name}"),
                          QuoteLiteral(table.id), Join(values, "{value}")),
              table.name.Text());
}

void UpdateRegistryRow(Session& session, const DynamicTable& table, int64_t expected) {
    ChangeOne(session,
              fmt::format("UPDATE {} SET {} WHERE id = {} AND definition_version = {}", kRegistry.Sql(),
                          Join(RegistryValues(table), "{name} = {value}"), QuoteLiteral(table.id), expected),
              "the definition of " + table.name.Text());
}

void DeleteRegistryRow(Session& session, const std::string& id, int64_t expected) {
    ChangeOne(session,
              fmt::format("DELETE FROM {} WHERE id = {} AND definition_version = {}", kRegistry.Sql(), QuoteLiteral(id),
                          expected),
              "the definition of this table");
}

void CreateState(Session& session, const std::string& id, const Frontier& frontier) {
    std::string table = StateTable(id).Sql();
    // One column: DuckLake keeps statistics of each column of each file, and every refresh writes a file.
    session.Query(fmt::format("CREATE OR REPLACE TABLE {} (frontier VARCHAR)", table));
    InsertState(session, table, frontier);
}

void UpdateState(Session& session, const std::string& id, const Frontier& frontier, int64_t expected) {
    if (ReadFrontier(session, id).generation != expected) {
        throw Overtaken("this table's state was changed by another process");
    }
    // Without WHERE, which would make DuckLake look up statistics of the columns: there is one row. An UPDATE would
    // read the old one.
    std::string table = StateTable(id).Sql();
    ChangeOne(session, "DELETE FROM " + table, "this table's state");
    InsertState(session, table, frontier);
}

void MoveState(Session& session, const DynamicTable& table) {
    Frontier before = ReadFrontier(session, table.id);
    if (before.damaged) {
        throw Error(Code::InvariantBroken,
                    fmt::format("the state of {} was changed outside Freshet", table.name.Text()),
                    "refresh it first, which repairs that");
    }
    Frontier after = before.Moved();
    Snapshot now = CurrentSnapshot(session);
    auto info = FindTable(session, table.name, now);
    if (info && ChangeLog::Read(session, before.committed, now).Of(info->id).Data()) {
        after.repair = "the table was changed outside Freshet";
    }
    UpdateState(session, table.id, after, before.generation);
}

} // namespace freshet
