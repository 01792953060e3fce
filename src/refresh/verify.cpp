#include "refresh/verify.hpp"

#include "plan/node.hpp"
#include "refresh/compute.hpp"
#include "refresh/lake_state.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

constexpr const char* kRefreshFirst = "refresh it first (verify --current does)";

Error NotVerifiable(const DynamicTable& table, const std::string& why, const std::string& hint = kRefreshFirst) {
    return {Code::NotVerifiable, fmt::format("{} is not verifiable: {}", table.name.Text(), why), hint};
}

/// The definition as it was when the frontier was written; if it has changed since, its result is no measure.
Definition DefinitionAtFrontier(Session& session, const DynamicTable& table, const Frontier& frontier) {
    Definition definition = ParseDefinition(session, {table.definition, 0}, table.search_path, DefinitionSource(table));
    if (!HasText(frontier.fingerprint, definition, table.settings)) {
        throw NotVerifiable(table,
                            "the definition, or a view or macro that it uses, was changed since its last refresh");
    }
    return definition;
}

/// What a refresh that wrote nothing promised is verified too: that nothing changed up to the snapshot it came to.
void AdvanceTo(Session& session, const UnchangedUntil& hint, Frontier& frontier) {
    // Of now() and of dynamic tables only the frontier says what was read.
    bool plain = !frontier.evaluated_at && std::all_of(frontier.inputs.begin(), frontier.inputs.end(),
                                                       [](const auto& input) { return input.dynamic_id.empty(); });
    Snapshot unchanged_until = TrustedHint(session, hint, CurrentSnapshot(session));
    if (!plain || unchanged_until <= frontier.data_snapshot) {
        return;
    }
    frontier.data_snapshot = unchanged_until;
    for (auto& input : frontier.inputs) {
        input.version = unchanged_until;
        input.rows = -1;
    }
}

void CheckInputs(Session& session, const DynamicTable& table, const Frontier& frontier) {
    for (const auto& input : frontier.inputs) {
        if (!SnapshotExists(session, input.version)) {
            throw NotVerifiable(table, fmt::format("snapshot {} of {} is expired", input.version, input.name.Text()));
        }
        if (input.rows >= 0 && CountRows(session, input.name, input.version) != input.rows) {
            throw NotVerifiable(table, fmt::format("{} at snapshot {} no longer holds the rows that were read",
                                                   input.name.Text(), input.version));
        }
    }
}

Relation AtFrontier(Session& session, const Frontier& frontier, const DynamicTable& table, const Definition& definition,
                    const TableName& name) {
    for (const auto& input : frontier.inputs) {
        if (input.name == name) {
            return RelationAt(session, definition, name, input.version);
        }
    }
    throw NotVerifiable(table, fmt::format("{} is not what was read", name.Text()));
}

/// Of the snapshot, at which the table may have had another name.
std::string ContentAt(Session& session, const DynamicTable& table, Snapshot version) {
    auto name = NameAt(session, table.id, version);
    if (!name || !FindTable(session, *name, version)) {
        throw NotVerifiable(table, fmt::format("it was not there at snapshot {}", version), "name a later snapshot");
    }
    return AtVersion(*name, version);
}

std::string ContentNow(Session& session, const DynamicTable& table) {
    if (!FindTable(session, table.name, CurrentSnapshot(session))) {
        throw NotVerifiable(table, "the table was dropped outside Freshet");
    }
    return table.name.Sql();
}

struct Comparison {
    std::vector<Column> all;
    std::vector<Column> determined; ///< those that the input determines
    std::set<std::string> inexact;
    std::set<std::string> signless; ///< as in Analysis
    bool count_undetermined = false;
};

/// Where not even the choice of rows is determined, their number is, and of the first k in an order the values of the
/// sort keys.
Comparison ColumnsToCompare(Session& session, const DynamicTable& table, const Definition& definition,
                            const std::vector<Column>& stored) {
    TableNode node;
    node.table = table;
    node.definition = definition;
    std::shared_ptr<const Analysis> known = Analyze(session, node);
    const Analysis& analysis = *known;
    Comparison comparison;
    comparison.inexact = analysis.inexact;
    comparison.signless = analysis.signless;
    comparison.count_undetermined = analysis.count_undetermined;
    std::set<std::string> ordering;
    if (analysis.rows_undetermined && analysis.plan) {
        for (int position : analysis.plan->ordering_outputs) {
            ordering.insert(analysis.columns.at(static_cast<size_t>(position)).name);
        }
    }
    for (const auto& column : stored) { // what SELECT * means today may be more, or less
        bool determined =
            analysis.rows_undetermined ? ordering.contains(column.name) : analysis.undetermined.count(column.name) == 0;
        if (determined) {
            comparison.determined.push_back(column);
        }
    }
    comparison.all = stored;
    return comparison;
}

void CheckColumns(const DynamicTable& table, const std::vector<Column>& stored, const std::vector<Column>& evaluated) {
    if (plan::NamesOf(stored) != plan::NamesOf(WithTableNames(evaluated, table.column_names))) {
        throw NotVerifiable(table, "its columns were changed outside Freshet", kRefreshFirst);
    }
}

Verification CompareCounts(Session& session, const std::string& expected, const std::string& stored) {
    int64_t wanted = AsInt(session.QueryValue("SELECT count(*) FROM " + expected));
    int64_t found = AsInt(session.QueryValue("SELECT count(*) FROM " + stored));
    Verification result;
    result.missing = std::max<int64_t>(0, wanted - found);
    result.extra = std::max<int64_t>(0, found - wanted);
    return result;
}

/// Rows with infinities that have no sign where the input does not determine it.
std::string WithoutSigns(const Comparison& comparison, const std::string& rows) {
    std::string list;
    for (const auto& name : comparison.signless) {
        std::string column = QuoteIdentifier(name);
        list +=
            fmt::format("{0}CASE WHEN isinf({1}) THEN abs({1}) ELSE {1} END AS {1}", list.empty() ? "" : ", ", column);
    }
    return list.empty() ? rows : fmt::format("(SELECT * REPLACE ({}) FROM {})", list, rows);
}

Verification Compare(Session& session, const DynamicTable& table, const Comparison& comparison,
                     const std::string& expected, const std::string& stored) {
    std::string prefix = EditPrefix(table) + "_verify";
    BagDifference difference = CompareBags(session, stored, comparison.all, comparison.inexact, expected, prefix);
    bool differs = difference.comes + difference.leaves > 0;
    if (!differs || (comparison.determined.size() == comparison.all.size() && comparison.signless.empty())) {
        return {difference.comes, difference.leaves, kNoSnapshot};
    }
    if (comparison.count_undetermined) {
        throw NotVerifiable(table, "the input does not determine which rows there are",
                            "let conditions compare values that the input determines, not texts of groups or extremes");
    }
    // Another choice among rows that tie is as right: what the input determines decides.
    if (comparison.determined.empty()) {
        return CompareCounts(session, expected, stored);
    }
    difference = CompareBags(session, WithoutSigns(comparison, stored), comparison.determined, comparison.inexact,
                             WithoutSigns(comparison, expected), prefix);
    return {difference.comes, difference.leaves, kNoSnapshot};
}

} // namespace

Verification VerifyTable(Session& session, const DynamicTable& table, std::optional<Snapshot> version,
                         const UnchangedUntil& unchanged_until) {
    Transaction transaction(session);
    ApplySettings(session, table.settings);
    if (version && (*version > CurrentSnapshot(session) || !SnapshotExists(session, *version))) {
        throw NotVerifiable(table, fmt::format("snapshot {} doesn't exist", *version),
                            "FROM ducklake_snapshots('lake') lists those that do");
    }
    Frontier frontier = ReadFrontier(session, table.id, version);
    if (frontier.damaged) {
        throw NotVerifiable(table, "its state was changed outside Freshet", kRefreshFirst);
    }
    if (!frontier.Filled()) {
        throw NotVerifiable(table, "it was not filled yet", version ? "name a later snapshot" : kRefreshFirst);
    }
    std::string stored = version ? ContentAt(session, table, *version) : ContentNow(session, table);
    Definition definition = DefinitionAtFrontier(session, table, frontier);
    if (!definition.VolatileFunctions().empty()) {
        throw NotVerifiable(table, definition.VolatileFunctions()[0].name + " gives another value at every evaluation",
                            "nothing can be compared with what it gave; leave it out of the definition, or compute it "
                            "into a source table");
    }
    if (!version) {
        AdvanceTo(session, unchanged_until, frontier);
    }
    CheckInputs(session, table, frontier);
    if (definition.CutsRowsInside()) {
        session.AvoidJoinFilters();
    }
    std::string sql = definition.VersionedSql(
        [&](const TableName& name) { return AtFrontier(session, frontier, table, definition, name); },
        frontier.evaluated_at);
    std::vector<Column> all = ResultColumns(session, "SELECT * FROM " + stored);
    Comparison comparison = ColumnsToCompare(session, table, definition, all);
    CheckColumns(table, all, ResultColumns(session, sql));
    std::string expected = EditPrefix(table) + "_expected";
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT * FROM ({}) AS q({})",
                              QuoteIdentifier(expected), sql, ColumnList(all)));
    Verification result = Compare(session, table, comparison, TempSql(expected), stored);
    session.Query("DROP TABLE " + TempSql(expected));
    result.data_snapshot = frontier.data_snapshot;
    transaction.Commit();
    return result;
}

} // namespace freshet
