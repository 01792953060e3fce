#include "base/identifier.hpp"
#include "base/netting.hpp"
#include "delta/exactness.hpp"
#include "delta/rules.hpp"

#include <algorithm>
#include <fmt/format.h>

// How far a change reaches, and the rows that it reaches: rules decide by bounds at hand (row counts, and how many
// different values a key can have) in which order to join, and what to evaluate once instead of twice.

namespace freshet::delta {

namespace {

/// The scan's column that an expression over a plain scan is; -1 if it is computed.
int ScannedColumn(const plan::NodePtr& node, const plan::ExprPtr& expression, const plan::Scan*& scan) {
    if (expression->kind != plan::ExprKind::Column) {
        return -1;
    }
    auto column = static_cast<size_t>(expression->column);
    switch (node->kind) {
    case plan::NodeKind::Filter:
        return ScannedColumn(node->inputs[0], expression, scan);
    case plan::NodeKind::Project:
        return ScannedColumn(node->inputs[0], node->As<plan::Project>().expressions[column], scan);
    case plan::NodeKind::Scan:
        scan = &node->As<plan::Scan>();
        return scan->source_columns[column];
    default:
        return -1;
    }
}

} // namespace

bool IsPlainScan(const plan::NodePtr& node) {
    if (node->kind == plan::NodeKind::Filter || node->kind == plan::NodeKind::Project) {
        return IsPlainScan(node->inputs[0]);
    }
    return node->kind == plan::NodeKind::Scan || node->kind == plan::NodeKind::Constants;
}

std::vector<bool> Rules::Carriers(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions) const {
    std::vector<bool> carry;
    for (const auto& expression : expressions) {
        carry.push_back(emit::RestrictionReachesScan(node, {expression}, *this));
    }
    bool any = std::find(carry.begin(), carry.end(), true) != carry.end();
    return any ? carry : std::vector<bool>(expressions.size(), true);
}

int64_t SourceRows(const plan::NodePtr& node, const std::vector<SourceInterval>& sources) {
    constexpr int64_t kUnknown = int64_t{1} << 40;
    if (node->kind == plan::NodeKind::Scan) {
        int64_t rows = sources[static_cast<size_t>(node->As<plan::Scan>().source)].rows;
        return rows < 0 ? kUnknown : rows;
    }
    int64_t rows = 0;
    for (const auto& input : node->inputs) {
        rows += SourceRows(input, sources);
    }
    return rows;
}

double MostValues(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions,
                  const std::vector<SourceInterval>& sources) {
    auto scanned = ScannedColumns(node, expressions);
    double most = scanned && !sources[scanned->source].distinct.empty() ? 1 : 0;
    for (size_t i = 0; most > 0 && i < scanned->columns.size(); i++) {
        most *= sources[scanned->source].distinct[scanned->columns[i]];
    }
    return most;
}

std::optional<SourceColumns> ScannedColumns(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions) {
    SourceColumns found;
    for (const auto& expression : expressions) {
        const plan::Scan* scan = nullptr;
        int column = ScannedColumn(node, expression, scan);
        if (column < 0) {
            return std::nullopt;
        }
        found.source = static_cast<size_t>(scan->source);
        found.columns.push_back(static_cast<size_t>(column));
    }
    return expressions.empty() ? std::nullopt : std::optional(found);
}

double Rules::RowsPerKey(const plan::NodePtr& node, const std::vector<plan::ExprPtr>& expressions) const {
    double distinct = 0;
    for (const auto& expression : expressions) {
        const plan::Scan* scan = nullptr;
        int column = ScannedColumn(node, expression, scan);
        if (column < 0) {
            continue;
        }
        const auto& bounds = interval_.sources[static_cast<size_t>(scan->source)].distinct;
        double bound = bounds.empty() ? 0 : bounds[static_cast<size_t>(column)];
        if (bound > 0) {
            distinct = std::max(distinct, 1.0) * bound;
        }
    }
    auto rows = static_cast<double>(SourceRows(node, interval_.sources));
    return distinct > 0 ? std::max(1.0, rows / std::min(rows, distinct)) : 0;
}

bool Rules::IsReproducible(const plan::NodePtr& node) {
    auto inexact = InexactColumns(node, Exactness::Reproducible);
    return std::find(inexact.begin(), inexact.end(), true) == inexact.end();
}

bool Rules::IsWorthReadingOnce(const plan::NodePtr& node, const emit::Restriction& restriction, int64_t keys) {
    constexpr int64_t kManyKeys = 1000; // of so many, each is likely to have few rows
    constexpr double kManyRows = 4e6;
    if (!IsReproducible(node)) {
        return false;
    }
    double per_key = RowsPerKey(node, restriction.expressions);
    return per_key > 0 ? per_key * static_cast<double>(keys) <= kManyRows : keys >= kManyKeys && !IsPlainScan(node);
}

Rules::BothSides Rules::ReadOnce(const plan::NodePtr& node, const emit::Restriction& restriction,
                                 const NodeDelta& change) {
    BothSides sides{NewName("rows"), NewName("rows_before")};
    Make(sides.new_rows, emit::SelectSql(node, emit::Side::New, *this, restriction), false);
    std::string list;
    for (const auto& column : node->columns) {
        list += "t." + QuoteIdentifier(column.name) + ", ";
    }
    // Rows of other keys are in the change, too: those that came have no counterpart, those that went match nothing.
    std::string weight = QuoteIdentifier(kWeight);
    Make(sides.old_rows,
         fmt::format("SELECT * EXCLUDE (__copies, __copy) FROM (SELECT *, unnest(range(__copies)) AS __copy FROM ("
                     "SELECT {0}CAST(sum(t.{1}) AS BIGINT) AS __copies FROM (SELECT {0}1 AS {1} FROM {2} AS t UNION "
                     "ALL SELECT {0}-t.{1} FROM {3} AS t) AS t GROUP BY {4} HAVING sum(t.{1}) > 0))",
                     list, weight, sides.new_rows, change.table, IdentityGroups(node->columns, "t.")),
         false);
    return sides;
}

void Rules::EvaluateFor(const plan::NodePtr& node, const emit::Restriction& restriction, const NodeDelta& change,
                        bool with_old, const std::function<std::string(const std::string& rows)>& sql,
                        GroupChange& out) {
    auto evaluate = [&](const std::string& rows, const char* what) {
        std::string name = NewName(what);
        Make(name, sql(rows), false);
        return name;
    };
    auto rows = [&](emit::Side side) { return "(" + emit::SelectSql(node, side, *this, restriction) + ")"; };
    if (with_old && IsWorthReadingOnce(node, restriction, out.key_facts.rows)) {
        BothSides sides = ReadOnce(node, restriction, change);
        out.new_rows = evaluate(sides.new_rows, "new");
        out.old_rows = evaluate(sides.old_rows, "old");
        return;
    }
    out.new_rows = evaluate(rows(emit::Side::New), "new");
    out.old_rows = with_old ? evaluate(rows(emit::Side::Old), "old") : "";
}

} // namespace freshet::delta
