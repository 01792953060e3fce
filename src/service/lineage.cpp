#include "plan/lineage.hpp"
#include "base/caseless.hpp"
#include "refresh/compute.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/lake_state.hpp"
#include "service/operations.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

/// What one definition says of its columns.
struct TableLineage {
    std::vector<Column> columns;
    std::optional<plan::Query> query;
    plan::Lineage lineage;
    std::string unknown;           ///< why there is no `query`
    std::vector<ColumnName> reads; ///< where there is none: all that the definition reads
};

std::vector<ColumnName> ColumnsRead(Session& session, const Definition& definition) {
    auto newest = [](const TableName& table) -> Relation { return LakeRelation{table, std::nullopt}; };
    std::vector<ColumnName> columns;
    for (const auto& [table, names] : BindQuery(session, definition.VersionedSql(newest, Timestamp{0})).reads) {
        for (const auto& name : names) {
            columns.push_back({table, name});
        }
    }
    return columns;
}

/// Follows columns from table to table. Of a table that several columns go through each column is followed once.
class LineageFollower {
public:
    LineageFollower(Session& session, const Dependencies& dependencies, const Registry& registry)
        : session_(session), dependencies_(dependencies), registry_(registry) {}

    /// Throws Error where the definition can't be bound.
    const TableLineage& Of(const DynamicTable& table) {
        auto known = tables_.find(table.id);
        return known != tables_.end() ? known->second : tables_.emplace(table.id, Read(table)).first->second;
    }

    LineageNode Follow(const ColumnName& name) {
        LineageNode node;
        node.name = name;
        const DynamicTable* table = registry_.Find(name.table);
        node.dynamic = table != nullptr;
        node.repeated = node.dynamic && !seen_.insert(name).second;
        if (!node.dynamic || node.repeated) {
            return node;
        }
        try {
            FollowInto(node, Of(*table));
        } catch (const Error& error) { // of a table further up, whose definition can't be bound any more
            node.unknown = error.Message();
        }
        return node;
    }

private:
    void FollowInto(LineageNode& node, const TableLineage& lineage) {
        auto column = std::find_if(lineage.columns.begin(), lineage.columns.end(),
                                   [&](const Column& each) { return SameWord(each.name, node.name.column); });
        node.unknown = lineage.unknown;
        std::vector<ColumnName> values = lineage.reads;
        if (lineage.query && column != lineage.columns.end()) {
            const auto& own = lineage.lineage.columns.at(static_cast<size_t>(column - lineage.columns.begin()));
            values = Names(*lineage.query, own.values);
            std::set<plan::SourceColumn> deciding = lineage.lineage.rows;
            deciding.insert(own.choices.begin(), own.choices.end());
            node.decided_by = Names(*lineage.query, deciding);
        }
        for (const auto& value : values) {
            node.inputs.push_back(Follow(value));
        }
    }

    TableLineage Read(const DynamicTable& table) {
        TableLineage result;
        const TableNode& node = dependencies_.At(table.id);
        if (!node.definition) {
            throw *node.error;
        }
        std::shared_ptr<const Analysis> analysis = Analyze(session_, node);
        result.columns = analysis->columns;
        result.query = analysis->query;
        if (result.query) {
            result.lineage = plan::LineageOf(result.query->root);
        } else {
            result.unknown = analysis->mode_reason;
            result.reads = ColumnsRead(session_, *node.definition);
        }
        return result;
    }

    /// Sorted, each once: a table may be among the sources several times.
    static std::vector<ColumnName> Names(const plan::Query& query, const std::set<plan::SourceColumn>& columns) {
        std::set<ColumnName> names;
        for (const auto& column : columns) {
            const plan::Source& source = query.sources.at(static_cast<size_t>(column.source));
            names.insert({source.table, source.columns.at(static_cast<size_t>(column.column)).name});
        }
        return {names.begin(), names.end()};
    }

    Session& session_;
    const Dependencies& dependencies_;
    const Registry& registry_;
    std::map<std::string, TableLineage> tables_; ///< by id
    std::set<ColumnName> seen_;
};

/// The table's own columns that were asked for, in their order.
std::vector<std::string> Wanted(const DynamicTable& table, const std::vector<Column>& columns,
                                const std::optional<std::string>& column) {
    std::vector<std::string> names;
    for (const auto& each : columns) {
        if (!column || SameWord(each.name, *column)) {
            names.push_back(each.name);
        }
    }
    if (names.empty()) {
        std::vector<std::string> all;
        std::transform(columns.begin(), columns.end(), std::back_inserter(all),
                       [](const Column& each) { return each.name; });
        auto nearest = NearestName(*column, all);
        throw Error(Code::UnknownColumn, fmt::format("column \"{}\" does not exist in {}", *column, table.name.Text()),
                    nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                            : fmt::format("its columns are {}", fmt::join(all, ", ")));
    }
    return names;
}

} // namespace

LineageReport Operations::Lineage(const DynamicTable& table, const std::optional<std::string>& column) {
    auto session = OpenSession();
    Transaction transaction(*session);
    Registry registry = ReadRegistry(*session);
    Dependencies dependencies = Dependencies::Of(*session, registry, {table.id});
    LineageFollower follower(*session, dependencies, registry);
    LineageReport report{table.name, {}};
    for (const auto& name : Wanted(table, follower.Of(table).columns, column)) {
        report.columns.push_back(follower.Follow({table.name, name}));
    }
    transaction.Commit();
    return report;
}

} // namespace freshet
