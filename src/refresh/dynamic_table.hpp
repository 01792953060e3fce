#pragma once

#include "base/clock.hpp"
#include "base/identifier.hpp"
#include "base/table_options.hpp"
#include "lake/catalog.hpp"
#include "refresh/settings.hpp"
#include "state/model.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace freshet {

/// What the user said of a dynamic table: a row of __freshet.dynamic_tables, the authority for what exists.
struct DynamicTable {
    std::string id; ///< stable: survives RENAME, OR REPLACE and ALTER ... AS
    TableName name;
    std::string definition;                ///< the query behind AS, byte for byte
    std::vector<std::string> column_names; ///< as given in CREATE; empty: the query's
    std::string search_path;               ///< in which unqualified names of the definition are looked up
    Settings settings;                     ///< of the session that defined it, where they change what a query means
    TableOptions options;
    Suspension suspended = Suspension::None;
    int64_t definition_version = 1; ///< raised by every DDL on the table
    Timestamp created_at = 0;
    std::string mode; ///< INCREMENTAL or FULL: what the definition allows
    std::string mode_reason;
};

/// Do both ask for the same content under the same name, as far as the lake's schema stays as it is?
bool SameDefinition(const DynamicTable& a, const DynamicTable& b);

/// One input as a refresh read it.
struct InputVersion {
    TableName name; ///< at that version
    int64_t table_id = 0;
    std::string uuid;
    std::vector<ColumnInfo> columns;
    /// Ids of those that the definition reads; not known where it read the content of the same commit.
    std::optional<std::set<int64_t>> read;
    Snapshot version = kNoSnapshot;
    bool own_commit = false; ///< read as written by the same commit: the version is the state row's own snapshot
    int64_t rows = -1;       ///< count(*) at that version; -1: not counted
    std::string dynamic_id;  ///< of a dynamic table
};

struct CompanionVersion {
    int operator_id = 0;
    std::string table; ///< in __freshet
    int64_t rows = 0;
};

/// Up to where a dynamic table's content has come: the one row of __freshet.state_<id>, written in the same lake
/// transaction as the content.
struct Frontier {
    int64_t generation = 0;               ///< raised by every commit: the fence
    Snapshot data_snapshot = kNoSnapshot; ///< none: never filled
    Timestamp data_timestamp = 0;
    std::optional<Timestamp> evaluated_at; ///< what now() meant, where the definition uses it
    std::string fingerprint;               ///< of the definition with its views and macros
    int64_t row_count = 0;
    std::vector<InputVersion> inputs;
    std::vector<CompanionVersion> companions;
    std::string repair; ///< why the next refresh must refill; empty: nothing known
    /// Another client changed Freshet's row of it, which tells nothing any more: the rest is as of a new table.
    bool damaged = false;

    /// Snapshot of the commit that wrote the row: whoever wrote the content later isn't Freshet.
    Snapshot committed = kNoSnapshot;

    bool Filled() const { return data_snapshot != kNoSnapshot; }
    /// The same frontier, to be written by another commit than the one that filled the table: inputs that were read as
    /// written by that commit keep their version.
    Frontier Moved() const;
};

/// The dynamic tables of the lake at one moment. Copies share their content until one of them is changed.
class Registry {
public:
    Registry() = default;
    explicit Registry(std::vector<DynamicTable> tables);

    const std::vector<DynamicTable>& Tables() const { return content_->tables; }
    const DynamicTable* Find(const TableName& name) const;
    const DynamicTable* FindById(const std::string& id) const;
    /// Throws UnknownTable if it was dropped meanwhile.
    const DynamicTable& At(const std::string& id) const;
    /// Puts a table that is being created or altered in the place of the stored one.
    void Replace(const DynamicTable& table);
    void Remove(const std::string& id);

    /// The lake's snapshot that it was read at: what was committed later may have changed it.
    Snapshot ReadAt() const { return read_at_; }
    void SetReadAt(Snapshot at) { read_at_ = at; }

private:
    struct Content {
        std::vector<DynamicTable> tables;
        std::map<std::string, size_t> by_id;
        std::map<TableName, size_t> by_name;
    };
    void Take(std::vector<DynamicTable> tables);

    std::shared_ptr<const Content> content_ = std::make_shared<const Content>();
    Snapshot read_at_ = kNoSnapshot;
};

} // namespace freshet
