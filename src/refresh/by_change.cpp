#include "refresh/by_change.hpp"

#include "base/identifier.hpp"
#include "base/netting.hpp"
#include "lake/whole_table.hpp"
#include "refresh/compute.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/session_runtime.hpp"
#include "refresh/shared_changes.hpp"
#include "refresh/source_intervals.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>
#include <tuple>
#include <utility>

namespace freshet {

namespace {

std::vector<std::string> NamesAt(const InputVersion& input, const InputVersion& before,
                                 const std::vector<Column>& columns) {
    std::vector<std::string> names;
    for (const auto& column : columns) {
        auto now = std::find_if(input.columns.begin(), input.columns.end(),
                                [&](const auto& candidate) { return candidate.name == column.name; });
        auto then = std::find_if(before.columns.begin(), before.columns.end(), [&](const auto& candidate) {
            return now != input.columns.end() && candidate.id == now->id;
        });
        names.push_back(then == before.columns.end() ? "" : then->name);
    }
    return names;
}

/// Under today's names: a column that nothing but count(*) reads may have been renamed, or be new.
std::string OldRelation(Session& session, const plan::Source& source, const InputVersion& then,
                        const std::vector<std::string>& names) {
    std::string list;
    bool same = true;
    for (size_t i = 0; i < names.size(); i++) {
        std::string today = QuoteIdentifier(source.columns[i].name);
        std::string column =
            names[i].empty() ? fmt::format("CAST(NULL AS {})", source.columns[i].type) : QuoteIdentifier(names[i]);
        list += (list.empty() ? "" : ", ") + column + " AS " + today;
        same = same && column == today;
    }
    std::string whole = WholeTable(session, then.name, then.version, AtVersion(then.name, then.version));
    return same ? fmt::format("(FROM {})", whole) : fmt::format("(SELECT {} FROM {})", list, whole);
}

/// Reads the changes of one source after another.
class ChangeReader {
public:
    ChangeReader(Session& session, const Pass& pass, const Frontier& before, const Inputs& inputs, Snapshot pin,
                 std::string prefix, WrittenInWindows written)
        : session_(session), pass_(pass), before_(before), inputs_(inputs), pin_(pin), prefix_(std::move(prefix)) {
        changes_.written = std::move(written);
    }

    InputChanges Run(const plan::Query& query) {
        for (const auto& source : query.sources) {
            const InputVersion& input = InputOf(inputs_.versions, source.table);
            Read(source, input, InputOf(before_.inputs, source.table));
            if (!changes_.usable) {
                break;
            }
        }
        return std::move(changes_);
    }

private:
    void Read(const plan::Source& source, const InputVersion& input, const InputVersion& then) {
        delta::SourceInterval interval;
        interval.new_relation = NewRelation(inputs_, input);
        Snapshot until = input.own_commit ? pin_ : input.version;
        FeedRequest request;
        request.table = input.name;
        request.table_at_from = then.name;
        request.table_id = input.table_id;
        request.from = then.version;
        request.to = until;
        for (const auto& column : source.columns) {
            request.columns.push_back(column.name);
        }
        request.columns_at_from = NamesAt(input, then, source.columns);
        interval.old_relation = OldRelation(session_, source, then, request.columns_at_from);
        request.weight = kWeight;
        Window& window = Look(then.version, until);
        request.changes = window.log.Of(input.table_id);
        request.from_exists = window.complete;
        request.deleted_later = until < pin_ && ChangeLog::Remembered(session_, until, pin_).Of(input.table_id).deleted;
        request.rows_at_from = then.rows;
        request.written = [&window, this, id = input.table_id] { return Files(window)[id]; };
        if (!request.changes.Any() && !request.deleted_later && !input.own_commit) {
            interval.rows = then.rows;
            changes_.sources.push_back(interval);
            return;
        }
        if (Feed(request)) {
            AddMember(source, input);
            Finish(input, interval);
        }
    }

    struct Window {
        Snapshot from = 0;
        Snapshot until = 0;
        bool complete = false; ///< every snapshot from its start on is there
        ChangeLog log;
    };

    /// What is there of the log now: what expired may be gone from the feed as well. Most sources have one window.
    Window& Look(Snapshot from, Snapshot until) {
        auto known = windows_.find({from, until});
        if (known == windows_.end()) {
            bool complete = SnapshotsExist(session_, from, until);
            ChangeLog log =
                complete ? ChangeLog::Remembered(session_, from, until) : ChangeLog::Read(session_, from, until);
            known = windows_.emplace(std::pair(from, until), Window{from, until, complete, std::move(log)}).first;
        }
        return known->second;
    }

    /// Of all inputs that have changed, asked for once.
    std::map<int64_t, WrittenFiles>& Files(const Window& window) {
        std::pair ends(window.from, window.until);
        if (!changes_.written.contains(ends)) {
            std::vector<int64_t> changed;
            for (const auto& input : inputs_.versions) {
                if (window.log.Of(input.table_id).Any()) {
                    changed.push_back(input.table_id);
                }
            }
            changes_.written[ends] = ReadWrittenFiles(session_, changed, window.from, window.until);
        }
        return changes_.written[ends];
    }

    std::string OwnTable() {
        std::string table = fmt::format("{}_delta{}", prefix_, changes_.sources.size());
        changes_.tables.insert(TempSql(table));
        return table;
    }

    FeedResult Stage(const FeedRequest& request) {
        if (pass_.shared != nullptr && pass_.shared->Concerns(request.table)) {
            SharedChanges::Change change = pass_.shared->Read(request);
            staged_ = change.table;
            return change.result;
        }
        staged_ = OwnTable();
        return ReadChanges(session_, request, staged_);
    }

    bool Feed(const FeedRequest& request) {
        FeedResult result = Stage(request);
        if (!result.usable) {
            changes_.usable = false;
            changes_.problem = fmt::format("{}: {}", request.table.Text(), result.problem);
            return false;
        }
        rows_ = result.method == FeedMethod::Unchanged ? request.rows_at_from : result.rows_at_to;
        counts_.reset();
        if (result.inserted == 0 || result.deleted == 0) { // nothing was netted
            counts_ = {result.inserted, result.deleted};
        }
        method_ = FeedMethodName(result.method) + (result.note.empty() ? "" : "; " + result.note);
        return true;
    }

    /// What the same commit does to a dynamic input comes on top of what earlier commits did.
    void AddMember(const plan::Source& source, const InputVersion& input) {
        auto member = pass_.members.find(input.dynamic_id);
        if (member == pass_.members.end() || !member->second.writes) {
            return;
        }
        counts_.reset();
        std::string list = ColumnList(source.columns);
        std::string weight = QuoteIdentifier(kWeight);
        std::string all =
            fmt::format("SELECT {0}, {1} FROM {2} UNION ALL SELECT {0}, -1 FROM {3} UNION ALL SELECT "
                        "{0}, 1 FROM {4}",
                        list, weight, TempSql(staged_), input.name.Sql(), TempSql(member->second.relation));
        staged_ = OwnTable();
        session_.Query(
            fmt::format("CREATE OR REPLACE TEMP TABLE {0} AS SELECT {1}, sign({2})::TINYINT AS {2} FROM "
                        "(SELECT {1}, {2}, unnest(range(abs({2}))) FROM (SELECT {1}, sum({2})::BIGINT AS {2} "
                        "FROM ({3}) GROUP BY {4} HAVING sum({2}) <> 0))",
                        QuoteIdentifier(staged_), list, weight, all, IdentityGroups(source.columns, "")));
    }

    /// Rows that come and rows that leave.
    std::pair<int64_t, int64_t> Count() {
        std::string weight = QuoteIdentifier(kWeight);
        Table counts = session_.Query(fmt::format(
            "SELECT count(*) FILTER ({0} > 0), count(*) FILTER ({0} < 0) FROM {1}", weight, TempSql(staged_)));
        return {AsInt(counts.rows[0][0]), AsInt(counts.rows[0][1])};
    }

    void Finish(const InputVersion& input, delta::SourceInterval& interval) {
        std::tie(interval.inserted, interval.deleted) = counts_ ? *counts_ : Count();
        interval.rows = rows_;
        if (interval.inserted + interval.deleted > 0) {
            interval.delta = TempSql(staged_);
            changes_.rows += interval.inserted + interval.deleted;
            changes_.summary += fmt::format("{}{} +{} -{} ({})", changes_.summary.empty() ? "" : ", ",
                                            input.name.Text(), interval.inserted, interval.deleted, method_);
        }
        changes_.sources.push_back(interval);
    }

    Session& session_;
    const Pass& pass_;
    const Frontier& before_;
    const Inputs& inputs_;
    Snapshot pin_;
    std::string prefix_;
    std::map<std::pair<Snapshot, Snapshot>, Window> windows_;
    std::string staged_; ///< the change being read: plain name of its TEMP table
    std::string method_;
    int64_t rows_ = -1;
    std::optional<std::pair<int64_t, int64_t>> counts_; ///< of the staged change, where the feed knows them
    InputChanges changes_;
};

/// s."x" = k."x" AND ...: plain equality prunes files and row groups, NULL-safe finds NULL.
std::string SameKeys(const std::vector<std::string>& columns, bool null_safe) {
    std::string condition;
    for (const auto& column : columns) {
        condition += fmt::format("{}s.{} {} k.{}", condition.empty() ? "" : " AND ", QuoteIdentifier(column),
                                 null_safe ? "IS NOT DISTINCT FROM" : "=", QuoteIdentifier(column));
    }
    return condition;
}

/// Turns the rules' result into rows that leave and rows that come.
class ResultEditor {
public:
    ResultEditor(Session& session, Edit& edit) : session_(session), edit_(edit), prefix_(EditPrefix(edit.table)) {}

    void Apply(const delta::ResultEdit& result) {
        switch (result.kind) {
        case delta::ResultEdit::Kind::Nothing:
            return;
        case delta::ResultEdit::Kind::Bag:
            return ApplyBag(result);
        case delta::ResultEdit::Kind::Keys:
            return ApplyKeys(result);
        case delta::ResultEdit::Kind::Known:
            return ApplyKnown(result);
        }
    }

private:
    void ApplyBag(const delta::ResultEdit& result) {
        edit_.rows.in = prefix_ + "_in";
        session_.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {} FROM {}",
                                   QuoteIdentifier(edit_.rows.in), ColumnList(edit_.columns), result.plus));
        edit_.rows.in_count = result.plus_rows;
        if (result.minus_rows > 0) {
            edit_.rows.out = prefix_ + "_out";
            edit_.rows.out_count = LocateRows(session_, edit_.stored, edit_.columns, result.minus, edit_.rows.out);
        }
    }

    /// Stored rows of the touched keys against the new rows of those keys.
    void ApplyKeys(const delta::ResultEdit& result) {
        std::string stored = prefix_ + "_stored";
        std::string join;
        if (!result.key_columns.empty()) {
            join = fmt::format(" SEMI JOIN {} AS k ON {}", result.keys, SameKeys(result.key_columns, NullSafe(result)));
        }
        int64_t stored_rows = AsInt(session_.QueryValue(
            fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {}, s.filename, s.file_row_number FROM {} AS "
                        "s{}",
                        QuoteIdentifier(stored), ColumnList(edit_.columns, "s."), edit_.stored, join)));
        bool compared = edit_.table.options.Deduplicate();
        edit_.rows = DifferenceOfParts(session_, TempSql(stored), edit_.columns, result.plus, prefix_, compared);
        int64_t equal = compared ? stored_rows - edit_.rows.out_count : 0;
        edit_.extent.recomputed_rows = equal + edit_.rows.in_count;
        edit_.extent.equal_rows = compared ? std::optional(equal) : std::nullopt;
        session_.Query("DROP TABLE " + TempSql(stored));
    }

    /// Known old rows against new ones: the table itself isn't read before rows leave. A delete by key would filter its
    /// scan, though, which not every column bears.
    void ApplyKnown(const delta::ResultEdit& result) {
        bool in_step = result.stored_rows == edit_.before.row_count;
        if (!in_step || !BearsDeleteByKey(result.key_columns)) {
            delta::ResultEdit by_keys = result;
            by_keys.keys = result.minus;
            return ApplyKeys(by_keys);
        }
        PartByKey part{result.minus, result.key_columns, NullSafe(result)};
        bool compared = edit_.table.options.Deduplicate();
        edit_.rows = DifferenceByKey(session_, part, edit_.columns, result.plus, prefix_, compared);
        int64_t equal = result.minus_rows - edit_.rows.out_count;
        edit_.extent.recomputed_rows = equal + edit_.rows.in_count;
        edit_.extent.equal_rows = compared ? std::optional(equal) : std::nullopt;
    }

    /// Where the table is read whole, equality would prune nothing.
    bool NullSafe(const delta::ResultEdit& result) const {
        return result.null_keys || delta::IsReadWhole(edit_.before.row_count);
    }

    bool BearsDeleteByKey(const std::vector<std::string>& keys) {
        std::set<std::string> unfiltered = UnfilteredColumns(session_, edit_.table.name, edit_.read_at);
        return edit_.target == TargetChange::Keep &&
               std::none_of(keys.begin(), keys.end(), [&](const auto& key) { return unfiltered.count(key) > 0; });
    }

    Session& session_;
    Edit& edit_;
    std::string prefix_;
};

std::map<int, std::string> StoredCompanions(Session& session, const Edit& edit) {
    std::map<int, std::string> relations;
    for (const auto& companion : edit.before.companions) {
        relations[companion.operator_id] = WholeTableWithPlaces(session, {kOwnSchema, companion.table}, edit.read_at);
    }
    return relations;
}

void EditCompanions(const std::vector<delta::Companion>& planned, const delta::Change& change, Edit& edit) {
    for (const auto& companion_edit : change.companions) {
        auto found = std::find_if(planned.begin(), planned.end(), [&](const auto& companion) {
            return companion.operator_id == companion_edit.operator_id;
        });
        CompanionWrite write;
        write.companion = *found;
        write.rows = companion_edit.rows_table;
        write.out = companion_edit.old_table;
        write.in_count = companion_edit.rows;
        write.out_count = companion_edit.old_rows;
        for (auto& version : edit.after.companions) {
            if (version.operator_id == companion_edit.operator_id) {
                version.rows += write.in_count - write.out_count;
            }
        }
        edit.companions.push_back(write);
    }
}

void TakeKeys(const delta::Analysis& analysis, const delta::Change& change, Edit& edit) {
    if (change.affected_keys < 0) {
        return;
    }
    edit.extent.affected_keys = change.affected_keys;
    if (analysis.keyed && analysis.keyed->kind == plan::NodeKind::Aggregate) { // a group is one row of the result
        edit.extent.result_keys = edit.before.row_count;
    }
}

} // namespace

InputChanges ReadInputChanges(Session& session, const Pass& pass, const plan::Query& query, const Frontier& before,
                              const Inputs& inputs, Snapshot pin, const std::string& prefix, WrittenInWindows written) {
    return ChangeReader(session, pass, before, inputs, pin, prefix, std::move(written)).Run(query);
}

void ComputeByChange(Session& session, const delta::Analysis& analysis, const InputChanges& changes, Edit& edit) {
    delta::Interval interval;
    interval.sources = changes.sources;
    TakeBounds(session, analysis.query, edit.after.inputs, interval.sources);
    interval.companions = StoredCompanions(session, edit);
    for (const auto& companion : edit.before.companions) {
        interval.companion_rows[companion.operator_id] = companion.rows;
    }
    for (const auto& column : edit.columns) {
        interval.result_columns.push_back(column.name);
    }
    interval.prefix = EditPrefix(edit.table);
    interval.old_moment = MomentSql(edit.before);
    interval.new_moment = MomentSql(edit.after);
    SessionRuntime runtime(session);
    delta::Change change = delta::ComputeChange(analysis, interval, runtime);
    ResultEditor(session, edit).Apply(change.result);
    EditCompanions(delta::PlanCompanions(analysis), change, edit);
    edit.strategy = change.strategy;
    TakeKeys(analysis, change, edit);
    edit.operators = change.operators;
    edit.temporary_tables = runtime.Tables();
    edit.temporary_tables.insert(edit.temporary_tables.end(), changes.tables.begin(), changes.tables.end());
    edit.statements = runtime.Statements();
}

} // namespace freshet
