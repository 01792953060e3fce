#include "base/row_place.hpp"
#include "bind/moment.hpp"
#include "bind/translate.hpp"
#include "delta/exactness.hpp"
#include "plan/representatives.hpp"
#include "refresh/compute.hpp"
#include "refresh/derived.hpp"
#include "refresh/result_types.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

/// Why the definition can't be refreshed by change whatever its operators are; empty if it can.
std::string WholeReason(const Definition& definition) {
    if (!definition.VolatileFunctions().empty()) {
        return definition.VolatileFunctions()[0].name + " gives another value at every evaluation";
    }
    if (!definition.WithoutFeed().empty()) {
        return definition.WithoutFeed()[0].name + " has no change feed";
    }
    if (!definition.PinnedTables().empty()) {
        return definition.PinnedTables().begin()->Text() + " is read at a version of its own";
    }
    return "";
}

bool IsFloating(const std::string& type) {
    return type == "DOUBLE" || type == "FLOAT";
}

std::string PlaceText(const std::optional<Place>& place) {
    if (!place) {
        return "";
    }
    return place->file.empty() ? fmt::format(" (line {}, column {})", place->Line(), place->Column())
                               : fmt::format(" ({}:{}:{})", place->file, place->Line(), place->Column());
}

void AddUndetermined(const Definition& definition, Analysis& analysis) {
    for (const auto& part : definition.UndeterminedParts()) {
        analysis.warnings.push_back("the input does not determine " + part.what + PlaceText(part.place) +
                                    ": any correct value is kept");
        analysis.rows_undetermined = analysis.rows_undetermined || part.columns.empty();
        if (!part.columns.empty()) {
            size_t width = analysis.columns.size();
            size_t position = static_cast<size_t>(part.position) + (part.position < 0 ? width : 0);
            analysis.undetermined.insert(analysis.columns.at(position).name);
        }
    }
}

void AddWarnings(const Definition& definition, Analysis& analysis) {
    for (const auto& mention : definition.VolatileFunctions()) {
        analysis.warnings.push_back(fmt::format("{}{} gives another value at every evaluation: the table is refreshed "
                                                "in full",
                                                mention.name, PlaceText(mention.place)));
    }
    for (const auto& mention : definition.WithoutFeed()) {
        analysis.warnings.push_back(fmt::format("{}{} has no change feed: the table is refreshed in full", mention.name,
                                                PlaceText(mention.place)));
    }
    AddUndetermined(definition, analysis);
}

std::string UnversionedSql(const Definition& definition, std::optional<Timestamp> now) {
    auto unversioned = [](const TableName& table) -> Relation { return LakeRelation{table, std::nullopt}; };
    return definition.VersionedSql(unversioned, now);
}

/// With the data timestamp left open. DuckDB evaluates some arguments while it binds: the definition then is none over
/// all moments.
Translation TranslateOpen(Session& session, const Definition& definition) {
    try {
        return Translate(session, UnversionedSql(definition, std::nullopt));
    } catch (const EngineError&) {
        if (definition.TimeFunctions().empty()) {
            throw;
        }
        Translation translation;
        translation.refusal = "DuckDB takes its value as it binds the query, as in LIMIT, range() and other functions "
                              "in FROM, and parameters of aggregates";
        return translation;
    }
}

/// The definition as a plan, with now() and its synonyms kept where a rule knows them, else as of some moment: the
/// definition is then evaluated whole, but the plan tells the lineage of its columns.
std::optional<delta::Analysis> PlanOf(Session& session, const Definition& definition, Translation& translation) {
    std::optional<delta::Analysis> plan;
    const auto& times = definition.TimeFunctions();
    if (std::all_of(times.begin(), times.end(), [](const auto& call) { return IsMomentFunction(call.name); })) {
        translation = TranslateOpen(session, definition);
        plan = translation.query ? std::optional(delta::Analyze(*translation.query)) : std::nullopt;
    } else {
        translation.refusal = "there is no rule for it";
    }
    if (times.empty() || (plan && plan->incremental)) {
        return plan;
    }
    std::string reason =
        fmt::format("{} moves with the data timestamp: {}", times[0].name, plan ? plan->reason : translation.refusal);
    translation = Translate(session, UnversionedSql(definition, Timestamp{0}));
    if (!translation.query) {
        translation.refusal = reason;
        return std::nullopt;
    }
    plan = delta::Analyze(*translation.query);
    plan->reason = plan->incremental ? reason : plan->reason;
    plan->incremental = false;
    return plan;
}

/// Without a plan there is no lineage: every floating column of a definition may come from a floating aggregate.
void AssumeInexact(Analysis& analysis) {
    for (const auto& column : analysis.columns) {
        if (IsFloating(column.type)) {
            analysis.inexact.insert(column.name);
        }
    }
}

/// What the query tells from values that are equal to it, and the input leaves open.
void AddRepresentatives(const plan::Query& query, Analysis& analysis) {
    plan::Determination known = plan::DeterminationOf(query.root);
    auto add = [&](const std::string& what) {
        analysis.warnings.push_back(fmt::format("the input does not determine {}: it comes of one of several values "
                                                "that are equal but told apart (0.0 and -0.0, a month and 30 days); "
                                                "any correct value is kept",
                                                what));
    };
    for (size_t i = 0; i < analysis.columns.size() && i < known.columns.size(); i++) {
        const std::string& name = analysis.columns[i].name;
        if (known.columns[i] == plan::Determined::No) {
            add("column " + QuoteIfNeeded(name));
            analysis.undetermined.insert(name);
        } else if (known.columns[i] == plan::Determined::UpToSign && IsFloating(analysis.columns[i].type)) {
            analysis.signless.insert(name);
        }
    }
    if (known.rows == plan::Determined::No) {
        add("which rows there are");
        analysis.rows_undetermined = analysis.count_undetermined = true;
    }
}

void UsePlan(Session& session, const TableNode& node, Analysis& analysis) {
    Translation translation;
    analysis.plan = PlanOf(session, *node.definition, translation);
    if (!analysis.plan) {
        analysis.mode_reason = translation.refusal;
        return AssumeInexact(analysis);
    }
    if (!analysis.plan->incremental) {
        analysis.mode_reason = analysis.plan->reason;
    }
    analysis.query = translation.query;
    AddRepresentatives(*translation.query, analysis);
    std::vector<bool> inexact = delta::InexactColumns(translation.query->root);
    for (size_t i = 0; i < analysis.columns.size() && i < inexact.size(); i++) {
        if (inexact[i] && IsFloating(analysis.columns[i].type)) {
            analysis.inexact.insert(analysis.columns[i].name);
        }
    }
}

Analysis AnalyzeAnew(Session& session, const TableNode& node) {
    ApplySettings(session, node.table.settings);
    Analysis analysis;
    Source source = DefinitionSource(node.table);
    analysis.columns = WithTableNames(BindDefinition(session, *node.definition, {node.table.definition, 0}, source),
                                      node.table.column_names);
    AddWarnings(*node.definition, analysis);
    UsePlan(session, node, analysis);
    if (std::string reason = WholeReason(*node.definition); !reason.empty()) {
        analysis.mode_reason = reason;
    }
    if (HidesPhysicalPlace(analysis.columns)) {
        analysis.mode_reason = "a column named filename or file_row_number hides the physical place of rows";
    }
    analysis.mode = analysis.mode_reason.empty() ? "INCREMENTAL" : "FULL";
    return analysis;
}

} // namespace

bool HidesPhysicalPlace(const std::vector<Column>& columns) {
    return std::any_of(columns.begin(), columns.end(), [](const Column& column) { return IsRowPlace(column.name); });
}

std::string Analysis::WhyAutoDoesNot() const {
    if (!plan || !plan->incremental) {
        return "";
    }
    // A copy is read whole at every refresh, and has to be filled first: that seldom beats evaluating the definition.
    if (!plan->copies.empty()) {
        return "by change it would have to keep a copy of rows that are read whole, which AUTO does not";
    }
    return plan->settled
               ? "by change it would have to aggregate in the order of values, so that floating-point sums and "
                 "lists come out the same every time, which AUTO does not"
               : "";
}

std::shared_ptr<const Analysis> Analyze(Session& session, const TableNode& node) {
    if (!node.derived) {
        return std::make_shared<const Analysis>(AnalyzeAnew(session, node));
    }
    std::lock_guard lock(node.derived->mutex);
    if (!node.derived->analysis) {
        node.derived->analysis = std::make_shared<const Analysis>(AnalyzeAnew(session, node));
    }
    return node.derived->analysis;
}

} // namespace freshet
