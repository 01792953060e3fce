#include "service/diff.hpp"

#include "refresh/compute.hpp"
#include "refresh/difference.hpp"
#include "refresh/inputs.hpp"
#include "refresh/lake_state.hpp"
#include "service/operations.hpp"
#include "service/sure_reading.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

const std::string kRows = "__freshet_diff";

/// A relation of the comparison as SQL, with its columns.
struct Side {
    std::string sql;
    std::vector<Column> columns;
};

Side SideOf(Session& session, const std::string& sql) {
    return {sql, ResultColumns(session, "SELECT * FROM " + sql)};
}

std::vector<std::string> Without(const std::vector<Column>& columns, const std::vector<Column>& others) {
    std::vector<std::string> texts;
    for (const auto& column : columns) {
        if (std::find(others.begin(), others.end(), column) == others.end()) {
            texts.push_back(QuoteIfNeeded(column.name) + " " + column.type);
        }
    }
    return texts;
}

std::vector<Column> Common(const Side& before, const Side& after) {
    std::vector<Column> columns;
    for (const auto& column : after.columns) {
        bool in_both = std::any_of(before.columns.begin(), before.columns.end(),
                                   [&](const Column& other) { return other.name == column.name; });
        if (in_both) {
            columns.push_back(column);
        }
    }
    return columns;
}

int64_t Count(Session& session, const std::string& relation) {
    return AsInt(session.QueryValue("SELECT count(*) FROM " + relation));
}

bool TellsApart(Session& session, const std::string& relation, const std::string& columns) {
    return AsInt(
               session.QueryValue(fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING count(*) > 1 "
                                              "LIMIT 1)",
                                              relation, columns))) == 0;
}

/// The key that was given, or the fewest leading columns, less than all, that tell the rows of both sides apart.
std::vector<Column> KeyOf(Session& session, const DiffRequest& request, const std::vector<Column>& columns,
                          const Side& before, const Side& after) {
    std::vector<Column> key;
    for (const auto& name : request.key) {
        auto found =
            std::find_if(columns.begin(), columns.end(), [&](const Column& each) { return each.name == name; });
        if (found == columns.end()) {
            throw Error(Code::UnknownColumn, fmt::format("column \"{}\" of --key is not in both sides", name));
        }
        key.push_back(*found);
    }
    constexpr size_t kLongest = 4;
    for (size_t length = 1; key.empty() && length < std::min(columns.size(), kLongest + 1); length++) {
        std::vector<Column> candidate(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(length));
        std::string list = ColumnList(candidate);
        if (TellsApart(session, after.sql, list) && TellsApart(session, before.sql, list)) {
            key = candidate;
        }
    }
    return key;
}

int64_t CountChanged(Session& session, const std::vector<Column>& key) {
    if (key.empty()) {
        return 0;
    }
    std::string rows = TempSql(kRows), weight = QuoteIdentifier(kWeight);
    return AsInt(session.QueryValue(
        fmt::format("SELECT count(*) FROM (SELECT 1 FROM {} GROUP BY {} HAVING bool_or({} < 0) AND bool_or({} > 0))",
                    rows, ColumnList(key), weight, weight)));
}

void TakeSample(Session& session, const DiffRequest& request, const std::vector<Column>& key,
                const std::vector<Column>& columns, DiffReport& report) {
    std::string order = key.empty() ? ColumnList(columns) : ColumnList(key);
    std::string shown; // values as DuckDB casts them to text, where they aren't plain ones
    for (const auto& column : columns) {
        shown += ", " + QuoteIdentifier(column.name);
    }
    report.sample = session.Query(fmt::format(
        "SELECT CASE WHEN {0} < 0 THEN '-' ELSE '+' END AS diff{1} FROM (SELECT *, unnest(range(abs({0}))) FROM {2}) "
        "ORDER BY {3}, {0} LIMIT {4}",
        QuoteIdentifier(kWeight), shown, TempSql(kRows), order, request.sample));
}

DiffReport Compare(Session& session, const DynamicTable& table, const DiffRequest& request, const Side& before,
                   const Side& after, const std::set<std::string>& inexact) {
    DiffReport report;
    report.table = table.name;
    report.columns_added = Without(after.columns, before.columns);
    report.columns_removed = Without(before.columns, after.columns);
    report.rows_before = Count(session, before.sql);
    report.rows_after = Count(session, after.sql);
    std::vector<Column> columns = Common(before, after);
    if (columns.empty()) {
        report.removed = report.rows_before;
        report.added = report.rows_after;
        return report;
    }
    std::vector<Column> key = KeyOf(session, request, columns, before, after);
    for (const auto& column : key) {
        report.key.push_back(column.name);
    }
    DifferingRows(session, before.sql, columns, inexact, after.sql, kRows);
    Table counts =
        session.Query(fmt::format("SELECT coalesce(-sum({0}) FILTER ({0} < 0), 0)::BIGINT, coalesce(sum({0}) "
                                  "FILTER ({0} > 0), 0)::BIGINT FROM {1}",
                                  QuoteIdentifier(kWeight), TempSql(kRows)));
    report.changed = CountChanged(session, key);
    report.removed = AsInt(counts.rows[0][0]) - report.changed;
    report.added = AsInt(counts.rows[0][1]) - report.changed;
    TakeSample(session, request, key, columns, report);
    session.Query("DROP TABLE " + TempSql(kRows));
    return report;
}

/// The query of a file that holds a definition, or nothing else but a query; and the names that it gives.
NewDefinition DefinitionIn(Session& session, const Source& source) {
    std::vector<Excerpt> statements = SplitStatements(source.text);
    if (statements.size() != 1) {
        throw Error(Code::NotAQuery, "one CREATE DYNAMIC TABLE statement or query is wanted").At(source.At(0));
    }
    NewDefinition definition;
    definition.query = statements[0];
    if (auto statement = ParseStatement(statements[0], source)) {
        const auto* create = std::get_if<CreateStatement>(&*statement);
        if (create == nullptr) {
            throw Error(Code::NotAQuery, "one CREATE DYNAMIC TABLE statement or query is wanted")
                .At(source.At(statements[0].offset));
        }
        definition.query = create->query;
        for (const auto& column : create->columns) {
            definition.column_names.push_back(column.name);
        }
    }
    definition.settings = CaptureSettings(session);
    return definition;
}

/// Are all versions that the content was made from still there?
bool FrontierStands(Session& session, const Frontier& frontier) {
    return frontier.Filled() && frontier.repair.empty() && SnapshotExists(session, frontier.data_snapshot) &&
           std::all_of(frontier.inputs.begin(), frontier.inputs.end(),
                       [&](const InputVersion& input) { return SnapshotExists(session, input.version); });
}

/// The definition's result as a TEMP table.
Side Evaluate(Session& session, const Definition& definition, const std::vector<Column>& columns,
              const RelationFor& relations, Timestamp now, const std::string& name) {
    if (definition.CutsRowsInside()) {
        session.AvoidJoinFilters();
    }
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT * FROM ({}) AS q({})", QuoteIdentifier(name),
                              definition.VersionedSql(relations, now), ColumnList(columns)));
    return {TempSql(name), columns};
}

Error Missing(const DynamicTable& table, Snapshot version, const char* why) {
    return {Code::NotVerifiable, fmt::format("{} can't be read at snapshot {}: {}", table.name.Text(), version, why),
            "FROM ducklake_snapshots('lake') lists the snapshots that there are"};
}

std::string BasisOf(bool stands, bool never_filled, Snapshot snapshot) {
    if (stands) {
        return fmt::format("the content, and the new definition at data snapshot {}", snapshot);
    }
    return never_filled
               ? fmt::format("the table, which was never filled, and the new definition at snapshot {}", snapshot)
               : fmt::format("both definitions at snapshot {}, since the content's versions are gone", snapshot);
}

/// The content at an older snapshot, at which the table may have had another name.
Side SideAt(Session& session, const DynamicTable& table, Snapshot version) {
    auto name = NameAt(session, table.id, version);
    if (!name) { // of before it was dropped and brought back
        name = table.name;
    }
    if (!FindTable(session, *name, version)) {
        throw Missing(table, version, "there was no table of this name");
    }
    return SideOf(session, AtVersion(*name, version));
}

DiffReport DiffAs(Session& session, Timestamp now, const DynamicTable& table, const DiffRequest& request) {
    Transaction reading(session);
    Snapshot newest = CurrentSnapshot(session);
    Frontier frontier = ReadFrontier(session, table.id);
    NewDefinition wanted = DefinitionIn(session, *request.as);
    DynamicTable changed = table;
    changed.column_names = wanted.column_names;
    changed.settings = wanted.settings;
    changed.options.refresh_mode.reset(); // what may be asked of its mode and layout is not the question here
    changed.options.partitioned_by.reset();
    changed.options.sorted_by.reset();
    changed.definition = wanted.query.text;
    CheckedQuery checked = CheckQueryAlone(session, changed, wanted.query, *request.as);
    bool exists = FindTable(session, table.name, newest).has_value();
    bool never_filled = exists && !frontier.Filled() && !frontier.damaged;
    bool stands = exists && FrontierStands(session, frontier);
    Timestamp moment = frontier.evaluated_at.value_or(now);
    auto relations = [&](const Definition& definition) -> RelationFor {
        return [&](const TableName& name) {
            auto input = std::find_if(frontier.inputs.begin(), frontier.inputs.end(),
                                      [&](const InputVersion& candidate) { return candidate.name == name; });
            Snapshot then = input != frontier.inputs.end() ? input->version : frontier.data_snapshot;
            return RelationAt(session, definition, name, stands ? then : newest);
        };
    };
    Side before;
    if (stands || never_filled) {
        before = SideOf(session, table.name.Sql());
    } else {
        DynamicTable old = table;
        CheckedQuery current = CheckQueryAlone(session, old, {table.definition, 0}, DefinitionSource(table));
        before = Evaluate(session, current.definition, current.analysis.columns, relations(current.definition), moment,
                          "__freshet_before");
    }
    Side after = Evaluate(session, checked.definition, checked.analysis.columns, relations(checked.definition), moment,
                          "__freshet_after");
    DiffReport report = Compare(session, table, request, before, after, checked.analysis.inexact);
    report.basis = BasisOf(stands, never_filled, stands ? frontier.data_snapshot : newest);
    return report;
}

DiffReport DiffVersions(Session& session, const DynamicTable& table, const DiffRequest& request) {
    Transaction reading(session);
    Snapshot newest = CurrentSnapshot(session);
    Snapshot from = request.from.value_or(newest), to = request.to.value_or(newest);
    for (Snapshot version : {from, to}) {
        if (version > newest || !SnapshotExists(session, version)) {
            throw Missing(table, version, "there is no such snapshot, or it has expired");
        }
    }
    Side before = SideAt(session, table, from), after = SideAt(session, table, to);
    DiffReport report = Compare(session, table, request, before, after, {});
    report.basis = fmt::format("the content at snapshots {} and {}", from, to);
    return report;
}

} // namespace

DiffReport DiffAs(Operations& operations, const DynamicTable& table, const DiffRequest& request) {
    auto session = operations.OpenUserSession();
    Timestamp now = operations.Books().Now();
    return ReadSurely(*session, [&] { return DiffAs(*session, now, table, request); });
}

DiffReport DiffVersions(Operations& operations, const DynamicTable& table, const DiffRequest& request) {
    auto session = operations.OpenUserSession();
    return ReadSurely(*session, [&] { return DiffVersions(*session, table, request); });
}

} // namespace freshet
