#include "refresh/difference.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Columns are c0, c1 ... inside: no name of the user's can then collide with ours.
std::string Numbered(size_t column) {
    return fmt::format("c{}", column);
}

std::string NumberedList(const std::vector<Column>& columns, const std::string& prefix = "") {
    std::string list;
    for (size_t i = 0; i < columns.size(); i++) {
        list += (i == 0 ? "" : ", ") + prefix + Numbered(i);
    }
    return list;
}

/// "a" AS c0, "b" AS c1
std::string ToNumbered(const std::vector<Column>& columns) {
    std::string list;
    for (size_t i = 0; i < columns.size(); i++) {
        list += (i == 0 ? "" : ", ") + QuoteIdentifier(columns[i].name) + " AS " + Numbered(i);
    }
    return list;
}

/// c0 AS "a", c1 AS "b"
std::string FromNumbered(const std::vector<Column>& columns) {
    std::string list;
    for (size_t i = 0; i < columns.size(); i++) {
        list += (i == 0 ? "" : ", ") + Numbered(i) + " AS " + QuoteIdentifier(columns[i].name);
    }
    return list;
}

std::string SameRow(const std::vector<Column>& columns, const std::string& left, const std::string& right) {
    std::string condition;
    for (size_t i = 0; i < columns.size(); i++) {
        condition +=
            fmt::format("{0}{1}.{3} IS NOT DISTINCT FROM {2}.{3}", i == 0 ? "" : " AND ", left, right, Numbered(i));
    }
    return condition;
}

/// Gives the number of its rows.
int64_t MakeTemp(Session& session, const std::string& name, const std::string& select) {
    return AsInt(
        session.QueryValue(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS {}", QuoteIdentifier(name), select)));
}

/// Signed copies per differing row: w > 0 comes, w < 0 leaves.
void NetRows(Session& session, const std::string& stored, const std::vector<Column>& columns,
             const std::string& content, const std::string& target) {
    std::string numbered = NumberedList(columns);
    session.Query(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {} AS SELECT {}, sum(w)::BIGINT AS w FROM (SELECT {}, 1 AS w FROM {} UNION ALL "
        "SELECT {}, -1 FROM {}) GROUP BY {} HAVING sum(w) <> 0",
        QuoteIdentifier(target), numbered, ToNumbered(columns), content, ToNumbered(columns), stored, numbered));
}

std::string Near(const std::string& a, const std::string& b) {
    return fmt::format(
        "({0} IS NOT DISTINCT FROM {1} OR (isfinite({0}) AND isfinite({1}) AND abs({0} - {1}) <= 1e-12 * "
        "greatest(abs({0}), abs({1}))))",
        a, b);
}

/// Takes pairs of an outgoing and an incoming row out of the net rows where they differ in inexact values only, and
/// only by noise. Candidates are paired in the order of their inexact values, within equal exact ones.
void DropNoise(Session& session, const std::vector<Column>& columns, const std::set<std::string>& inexact,
               const std::string& net) {
    std::string exact, order, condition;
    for (size_t i = 0; i < columns.size(); i++) {
        std::string c = Numbered(i);
        if (inexact.count(columns[i].name) == 0) {
            exact += (exact.empty() ? "" : ", ") + c;
            condition += fmt::format(" AND o.{0} IS NOT DISTINCT FROM n.{0}", c);
        } else {
            order += (order.empty() ? "" : ", ") + c;
            condition += " AND " + Near("o." + c, "n." + c);
        }
    }
    std::string numbered = NumberedList(columns);
    std::string copies = net + "_copies";
    session.Query(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {0} AS SELECT {1}, sign(w)::TINYINT AS s, row_number() OVER (PARTITION BY {2}"
        "sign(w) ORDER BY {3}) AS k FROM (SELECT *, unnest(range(abs(w))) FROM {4})",
        QuoteIdentifier(copies), numbered, exact.empty() ? "" : exact + ", ", order, TempSql(net)));
    std::string pairs =
        fmt::format("SELECT o.rowid AS a, n.rowid AS b FROM {0} o JOIN {0} n ON o.s = -1 AND n.s = 1 AND "
                    "o.k = n.k{1}",
                    TempSql(copies), condition);
    session.Query(fmt::format(
        "CREATE OR REPLACE TEMP TABLE {0} AS WITH noise AS MATERIALIZED ({1}) SELECT {2}, sum(s)::BIGINT AS w FROM {3} "
        "WHERE rowid NOT IN (SELECT a FROM noise UNION ALL SELECT b FROM noise) GROUP BY {2} HAVING sum(s) <> 0",
        QuoteIdentifier(net), pairs, numbered, TempSql(copies)));
    session.Query("DROP TABLE " + TempSql(copies));
}

void NetDifference(Session& session, const std::string& stored, const std::vector<Column>& columns,
                   const std::set<std::string>& inexact, const std::string& content, const std::string& net) {
    NetRows(session, stored, columns, content, net);
    bool compared = std::any_of(columns.begin(), columns.end(),
                                [&](const Column& column) { return inexact.count(column.name) > 0; });
    if (compared) {
        DropNoise(session, columns, inexact, net);
    }
}

/// Locates -w copies of each row of TEMP table `net` (c0 ..., w < 0).
int64_t LocateNet(Session& session, const std::string& stored, const std::vector<Column>& columns,
                  const std::string& net, const std::string& target) {
    return MakeTemp(
        session, target,
        fmt::format(
            "SELECT filename, file_row_number FROM (SELECT s.filename, s.file_row_number, row_number() OVER (PARTITION "
            "BY g.id) AS k, -g.w AS copies FROM (SELECT {}, filename, file_row_number FROM {}) s "
            "JOIN (SELECT *, rowid AS id FROM {} WHERE w < 0) g ON {}) WHERE k <= copies",
            ToNumbered(columns), stored, TempSql(net), SameRow(columns, "s", "g")));
}

void CheckFound(const std::string& stored, int64_t found, int64_t wanted) {
    if (found != wanted) {
        throw Error(Code::InvariantBroken,
                    fmt::format("{} of {} rows to delete were found in {}; nothing was written", found, wanted, stored),
                    "refresh again with FULL; if it persists, please report it");
    }
}

/// The rows that come, of TEMP table `net`.
void MakeIncoming(Session& session, const std::vector<Column>& columns, const std::string& net,
                  const std::string& prefix, RowEdit& edit) {
    edit.in = prefix + "_in";
    edit.in_count = MakeTemp(session, edit.in,
                             fmt::format("SELECT {} FROM (SELECT *, unnest(range(w)) FROM {} WHERE w > 0)",
                                         FromNumbered(columns), TempSql(net)));
}

RowEdit EditFrom(Session& session, const std::string& stored, const std::vector<Column>& columns,
                 const std::set<std::string>& inexact, const std::string& content, const std::string& prefix) {
    std::string net = prefix + "_net";
    NetDifference(session, stored, columns, inexact, content, net);
    RowEdit edit;
    MakeIncoming(session, columns, net, prefix, edit);
    int64_t wanted =
        AsInt(session.QueryValue(fmt::format("SELECT coalesce(-sum(w), 0)::BIGINT FROM {} WHERE w < 0", TempSql(net))));
    if (wanted > 0) {
        edit.out = prefix + "_out";
        edit.out_count = LocateNet(session, stored, columns, net, edit.out);
        CheckFound(stored, edit.out_count, wanted);
    }
    session.Query("DROP TABLE " + TempSql(net));
    return edit;
}

} // namespace

std::string TempSql(const std::string& name) {
    return "temp.main." + QuoteIdentifier(name);
}

std::string ColumnList(const std::vector<Column>& columns, const std::string& prefix) {
    std::string list;
    for (const auto& column : columns) {
        list += (list.empty() ? "" : ", ") + prefix + QuoteIdentifier(column.name);
    }
    return list;
}

RowEdit ComputeDifference(Session& session, const std::string& stored, const std::vector<Column>& columns,
                          const std::set<std::string>& inexact, const std::string& content, const std::string& prefix) {
    return EditFrom(session, stored, columns, inexact, content, prefix);
}

RowEdit DifferenceOfParts(Session& session, const std::string& part, const std::vector<Column>& columns,
                          const std::string& content, const std::string& prefix, bool deduplicate) {
    if (deduplicate) {
        return EditFrom(session, part, columns, {}, content, prefix);
    }
    RowEdit edit;
    edit.in = prefix + "_in";
    edit.out = prefix + "_out";
    edit.in_count = MakeTemp(session, edit.in, fmt::format("SELECT {} FROM {}", ColumnList(columns), content));
    edit.out_count = MakeTemp(session, edit.out, "SELECT filename, file_row_number FROM " + part);
    return edit;
}

RowEdit DifferenceByKey(Session& session, const PartByKey& part, const std::vector<Column>& columns,
                        const std::string& content, const std::string& prefix, bool deduplicate) {
    RowEdit edit;
    edit.out = prefix + "_out";
    edit.is_out.clear();
    std::string keys, numbered;
    for (const auto& key : part.keys) {
        std::string comma = keys.empty() ? "" : ", ", also = keys.empty() ? "" : " AND ";
        std::string name = QuoteIdentifier(key);
        auto column = std::find_if(columns.begin(), columns.end(),
                                   [&](const Column& candidate) { return candidate.name == key; });
        keys += comma + name;
        numbered += fmt::format("{}{} AS {}", comma, Numbered(static_cast<size_t>(column - columns.begin())), name);
        edit.is_out += fmt::format("{0}t.{1} {2} o.{1}", also, name, part.null_safe ? "IS NOT DISTINCT FROM" : "=");
    }
    if (!deduplicate) {
        edit.in = prefix + "_in";
        edit.in_count = MakeTemp(session, edit.in, fmt::format("SELECT {} FROM {}", ColumnList(columns), content));
        edit.out_count = MakeTemp(session, edit.out, fmt::format("SELECT {} FROM {}", keys, part.rows));
        return edit;
    }
    std::string net = prefix + "_net";
    NetRows(session, part.rows, columns, content, net);
    MakeIncoming(session, columns, net, prefix, edit);
    edit.out_count = MakeTemp(session, edit.out, fmt::format("SELECT {} FROM {} WHERE w < 0", numbered, TempSql(net)));
    session.Query("DROP TABLE " + TempSql(net));
    return edit;
}

void DifferingRows(Session& session, const std::string& stored, const std::vector<Column>& columns,
                   const std::set<std::string>& inexact, const std::string& content, const std::string& target) {
    std::string net = target + "_net";
    NetDifference(session, stored, columns, inexact, content, net);
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {}, w AS {} FROM {}", QuoteIdentifier(target),
                              FromNumbered(columns), QuoteIdentifier(kWeight), TempSql(net)));
    session.Query("DROP TABLE " + TempSql(net));
}

BagDifference CompareBags(Session& session, const std::string& stored, const std::vector<Column>& columns,
                          const std::set<std::string>& inexact, const std::string& content, const std::string& prefix) {
    std::string net = prefix + "_net";
    NetDifference(session, stored, columns, inexact, content, net);
    Table counts =
        session.Query(fmt::format("SELECT coalesce(-sum(w) FILTER (w < 0), 0)::BIGINT, coalesce(sum(w) FILTER "
                                  "(w > 0), 0)::BIGINT FROM {}",
                                  TempSql(net)));
    session.Query("DROP TABLE " + TempSql(net));
    return {AsInt(counts.rows[0][0]), AsInt(counts.rows[0][1])};
}

int64_t LocateRows(Session& session, const std::string& stored, const std::vector<Column>& columns,
                   const std::string& minus, const std::string& target) {
    std::string net = target + "_net";
    session.Query(fmt::format("CREATE OR REPLACE TEMP TABLE {} AS SELECT {}, -count(*) AS w FROM (SELECT {} FROM {}) "
                              "GROUP BY {}",
                              QuoteIdentifier(net), NumberedList(columns), ToNumbered(columns), minus,
                              NumberedList(columns)));
    int64_t wanted = AsInt(session.QueryValue("SELECT coalesce(-sum(w), 0)::BIGINT FROM " + TempSql(net)));
    int64_t found = LocateNet(session, stored, columns, net, target);
    CheckFound(stored, found, wanted);
    session.Query("DROP TABLE " + TempSql(net));
    return found;
}

} // namespace freshet
