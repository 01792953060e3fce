#include "refresh/fill_companions.hpp"

#include "base/identifier.hpp"
#include "lake/catalog.hpp"
#include "refresh/compute.hpp"
#include "refresh/difference.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/source_intervals.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// The rules can do without it.
bool IsOptional(const delta::Companion& companion) {
    return !companion.required && companion.key_count > 0;
}

/// Told before its rows are made, where these may be very many: without their accumulators they are counted fast.
bool IsKnownToHaveManyGroups(Session& session, const delta::CompanionSize& size) {
    constexpr int64_t kManyRows = 1'000'000;
    constexpr double kUnknown = 1e18;
    double most = size.most_rows > 0 ? std::min(size.most_rows, kUnknown) : kUnknown;
    bool few = size.source_rows < kManyRows || AreFewGroups(static_cast<int64_t>(most), size.source_rows);
    return !few && !size.rows_sql.empty() && !AreFewGroups(AsInt(session.QueryValue(size.rows_sql)), size.source_rows);
}

/// Is the companion's table there, with the columns that it must have?
bool IsThere(Session& session, const Edit& edit, const delta::Companion& wanted) {
    const auto& known = edit.before.companions;
    bool kept = std::any_of(known.begin(), known.end(), [&](const CompanionVersion& companion) {
        return companion.operator_id == wanted.operator_id;
    });
    TableName table = CompanionTable(edit.table.id, wanted.operator_id);
    return kept && FindTable(session, table, edit.read_at) &&
           ResultColumns(session, "SELECT * FROM " + table.Sql()) == wanted.columns;
}

/// A companion that is there already is changed by difference, as the result is, unless most of it differs.
bool FillByDifference(Session& session, Edit& edit, const std::string& content, CompanionWrite& write) {
    TableName table = CompanionTable(edit.table.id, write.companion.operator_id);
    std::string prefix = fmt::format("{}_acc{}", EditPrefix(edit.table), write.companion.operator_id);
    RowEdit rows = ComputeDifference(session, table.Sql(), write.companion.columns, {}, TempSql(content), prefix);
    for (const char* part : {"_in", "_out"}) {
        edit.temporary_tables.push_back(TempSql(prefix + part));
    }
    if ((rows.in_count + rows.out_count) * 2 > write.in_count) {
        return false;
    }
    write.rows = TempSql(rows.in);
    write.out = TempSql(rows.out);
    write.in_count = rows.in_count;
    write.out_count = rows.out_count;
    return true;
}

} // namespace

bool AreFewGroups(int64_t groups, int64_t source_rows) {
    constexpr int64_t kSourceRowsPerGroup = 4;
    return source_rows >= kSourceRowsPerGroup * groups;
}

delta::Contents NewContents(Session& session, const delta::Analysis& analysis, const Inputs& inputs, const Edit& edit) {
    delta::Contents contents;
    for (const auto& source : analysis.query.sources) {
        delta::SourceInterval interval;
        interval.new_relation = NewRelation(inputs, InputOf(inputs.versions, source.table));
        interval.old_relation = interval.new_relation;
        interval.rows = InputOf(edit.after.inputs, source.table).rows;
        contents.sources.push_back(interval);
    }
    TakeBounds(session, analysis.query, edit.after.inputs, contents.sources);
    contents.moment = MomentSql(edit.after);
    return contents;
}

delta::Contents FillCompanions(Session& session, const delta::Analysis& analysis, const Inputs& inputs, Edit& edit) {
    edit.after.companions.clear();
    delta::Contents contents = NewContents(session, analysis, inputs, edit);
    for (const auto& companion : delta::PlanCompanions(analysis)) {
        delta::CompanionSize size = delta::SizeOf(analysis, companion.operator_id, contents);
        if (IsOptional(companion) && IsKnownToHaveManyGroups(session, size)) {
            continue;
        }
        std::string content = fmt::format("{}_acc{}_new", EditPrefix(edit.table), companion.operator_id);
        int64_t rows =
            AsInt(session.QueryValue(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", QuoteIdentifier(content),
                                                 delta::CompanionSql(analysis, companion.operator_id, contents))));
        edit.temporary_tables.push_back(TempSql(content));
        contents.companions[companion.operator_id] = TempSql(content);
        if (IsOptional(companion) && !AreFewGroups(rows, size.source_rows)) {
            continue;
        }
        CompanionWrite write;
        write.companion = companion;
        write.in_count = rows;
        edit.after.companions.push_back(
            {companion.operator_id, CompanionTable(edit.table.id, companion.operator_id).name, write.in_count});
        write.rows = TempSql(content);
        write.create = !IsThere(session, edit, companion);
        // A new table would raise the lake's schema version, after which every client reads its catalog again.
        write.replace = !write.create && !FillByDifference(session, edit, content, write);
        if (write.create || write.replace || write.in_count + write.out_count > 0) {
            edit.companions.push_back(write);
        }
    }
    return contents;
}

} // namespace freshet
