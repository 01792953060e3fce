#include "refresh/new_definition.hpp"

#include "base/caseless.hpp"
#include "base/random_hex.hpp"
#include "refresh/lake_state.hpp"
#include "refresh/layout.hpp"
#include "refresh/result_types.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>

namespace freshet {

namespace {

bool IsView(Session& session, const TableName& name) {
    auto views = ListViews(session, CurrentSnapshot(session));
    return std::find(views.begin(), views.end(), name) != views.end();
}

/// The text at a place, without quotes.
std::string Marked(const Place& place) {
    std::string text = place.text.substr(std::min(place.offset, place.text.size()), place.length);
    std::erase(text, '"');
    return text;
}

/// Reading a table that is only being created is a cycle of length one, not a missing table.
[[noreturn]] void ThrowParseError(const Error& error, const TableName& name) {
    bool missing = error.GetCode() == Code::UnknownTable && error.Where();
    if (missing) {
        std::string text = Lower(Marked(*error.Where()));
        size_t dot = text.rfind('.');
        std::string last = dot == std::string::npos ? text : text.substr(dot + 1);
        if (last == Lower(name.name)) {
            Error cycle(Code::Cycle, fmt::format("{0} would read itself: {0} -> {0}", name.Text()),
                        "a definition can't read its own table");
            throw cycle.At(*error.Where());
        }
    }
    throw error;
}

Definition ParseNew(Session& session, const Excerpt& query, const std::string& search_path, const Source& source,
                    const TableName& name) {
    try {
        return ParseDefinition(session, query, search_path, source);
    } catch (const EngineError&) {
        throw;
    } catch (const Error& error) {
        ThrowParseError(error, name);
    }
}

void CheckOwnTables(const Definition& definition) {
    for (const auto& table : definition.Tables()) {
        if (table.schema == kOwnSchema) {
            throw Error(Code::BadName,
                        table.Text() + " is one of Freshet's own tables and can't be read by a definition");
        }
    }
}

void CheckColumnNames(const std::vector<std::string>& names, size_t columns, const Place& place) {
    if (names.size() > columns) {
        Error error(Code::BadName,
                    fmt::format("{} column names are given for {} result columns", names.size(), columns));
        throw error.At(place);
    }
    std::set<std::string> seen;
    for (const auto& name : names) {
        if (!seen.insert(Lower(name)).second) {
            throw Error(Code::BadName, fmt::format("two columns are named {}", QuoteIfNeeded(name))).At(place);
        }
    }
}

/// The place of the query, for errors that concern it as a whole.
Place PlaceOf(const Excerpt& query, const Source& source) {
    size_t end = query.text.find('\n');
    return source.At(query.offset, std::max<size_t>(1, std::min(end, query.text.size())));
}

template <class Check>
void WithPlace(const Place& place, const Check& check) {
    try {
        check();
    } catch (Error& error) {
        if (!error.Where()) {
            error.At(place);
        }
        throw;
    }
}

void CheckCycle(Session& session, const Registry& registry, const DynamicTable& table, const Place& place) {
    Registry with = registry;
    with.Replace(table);
    WithPlace(place, [&] { Dependencies::Of(session, with, {table.id}).CheckAcyclic(table.id); });
}

/// Where that stands which keeps the definition from being refreshed by change, as far as it is known.
Place PlaceOfReason(const Definition& definition, const Analysis& analysis, const Place& query) {
    for (const auto* mentions : {&definition.VolatileFunctions(), &definition.WithoutFeed()}) {
        for (const auto& mention : *mentions) {
            if (mention.place && analysis.mode_reason.starts_with(mention.name + " ")) {
                return *mention.place;
            }
        }
    }
    return query;
}

void CheckMode(const Analysis& analysis, const TableOptions& options, const Place& place) {
    if (options.Mode() == RefreshMode::Incremental && analysis.mode != "INCREMENTAL") {
        Error error(Code::NotIncremental, "REFRESH_MODE = INCREMENTAL can't be kept: " + analysis.mode_reason,
                    "use REFRESH_MODE = AUTO, which refreshes such a table by difference");
        throw error.At(place);
    }
}

void CheckAdoption(Session& session, const DynamicTable& table, const std::vector<Column>& columns,
                   const Place& place) {
    std::vector<Column> stored = ResultColumns(session, "SELECT * FROM " + table.name.Sql());
    if (stored == columns) {
        return;
    }
    auto text = [](const std::vector<Column>& list) {
        std::string result;
        for (const auto& column : list) {
            result += (result.empty() ? "" : ", ") + QuoteIfNeeded(column.name) + " " + column.type;
        }
        return result;
    };
    Error error(Code::NotADynamicTable,
                fmt::format("{} can't be adopted: it has columns ({}), the query gives ({})", table.name.Text(),
                            text(stored), text(columns)),
                "make the query's names and types those of the table");
    throw error.At(place);
}

std::vector<std::string> OptionWarnings(const TableOptions& options) {
    std::vector<std::string> warnings = options.WithoutEffect();
    if (options.target_lag && options.target_lag->downstream) {
        warnings.emplace_back(kWarningOfDownstream);
    }
    return warnings;
}

/// Parses, binds and checks the query; `check_cycle` comes before it is bound.
template <class CheckCycles>
CheckedQuery Checked(Session& session, DynamicTable& table, const Excerpt& query, const Source& source,
                     const CheckCycles& check_cycle) {
    ApplySettings(session, table.settings);
    Place place = PlaceOf(query, source);
    TableNode node;
    node.definition = ParseNew(session, query, table.search_path, source, table.name);
    WithPlace(place, [&] { CheckOwnTables(*node.definition); });
    check_cycle(place);
    size_t width = BindDefinition(session, *node.definition, query, source).size();
    CheckColumnNames(table.column_names, width, place);
    node.table = table;
    Analysis analysis = *Analyze(session, node);
    WithPlace(place, [&] {
        CheckResultColumns(analysis.columns);
        CheckLayout(table, analysis.columns);
    });
    CheckMode(analysis, table.options, PlaceOfReason(*node.definition, analysis, place));
    table.mode = analysis.mode;
    table.mode_reason = analysis.mode_reason;
    return {*node.definition, analysis};
}

/// Checks the query of `plan.change.table`.
void CheckQuery(Session& session, const Registry& registry, const Excerpt& query, const Source& source,
                PlannedDefinition& plan) {
    DynamicTable& table = plan.change.table;
    plan.analysis = Checked(session, table, query, source, [&](const Place& place) {
                        CheckCycle(session, registry, table, place);
                    }).analysis;
    plan.warnings = OptionWarnings(table.options);
    plan.warnings.insert(plan.warnings.end(), plan.analysis.warnings.begin(), plan.analysis.warnings.end());
}

} // namespace

void CheckNotInTheWay(Session& session, const NewDefinition& definition) {
    bool is_view = IsView(session, definition.name);
    bool is_table = !is_view && FindTable(session, definition.name, CurrentSnapshot(session)).has_value();
    if ((!is_view && !is_table) || (is_table && definition.options.Adopt())) {
        return;
    }
    Error error(Code::NotADynamicTable,
                fmt::format("{} exists as an ordinary {}", definition.name.Text(), is_view ? "view" : "table"),
                is_view ? "choose another name, or drop the view first"
                        : "choose another name, drop the table first, or take it over with ADOPT = TRUE if its columns "
                          "are the query's");
    throw error.At(definition.name_place);
}

CheckedQuery CheckQueryAlone(Session& session, DynamicTable& table, const Excerpt& query, const Source& source) {
    return Checked(session, table, query, source, [](const Place&) {});
}

PlannedDefinition PlanDefinition(Session& session, const Registry& registry, const NewDefinition& definition,
                                 const Source& source, Timestamp now) {
    PlannedDefinition plan;
    const DynamicTable* existing = registry.Find(definition.name);
    if (existing != nullptr && definition.if_not_exists) {
        plan.exists = true;
        return plan;
    }
    if (existing != nullptr && !definition.or_replace) {
        Error error(Code::AlreadyExists, fmt::format("dynamic table {} already exists", definition.name.Text()),
                    "use CREATE OR REPLACE DYNAMIC TABLE, or IF NOT EXISTS");
        throw error.At(definition.name_place);
    }
    if (existing == nullptr) {
        CheckNotInTheWay(session, definition);
    }
    DynamicTable& table = plan.change.table;
    table.id = existing != nullptr ? existing->id : RandomHex(12);
    table.name = definition.name;
    table.definition = definition.query.text;
    table.column_names = definition.column_names;
    table.search_path = definition.search_path;
    table.settings = definition.settings;
    table.options = definition.options;
    table.options.adopt.reset();
    table.created_at = now;
    table.definition_version = existing != nullptr ? existing->definition_version + 1 : 1;
    plan.change.is_new = existing == nullptr;
    plan.change.expected_version = existing != nullptr ? existing->definition_version : 0;
    plan.change.leave_empty = definition.options.FirstFill() == Initialize::OnSchedule;
    CheckQuery(session, registry, definition.query, source, plan);
    bool table_exists = FindTable(session, definition.name, CurrentSnapshot(session)).has_value();
    if (existing == nullptr && definition.options.Adopt() && table_exists) {
        CheckAdoption(session, table, plan.analysis.columns, definition.name_place);
        plan.change.adopt = true;
    }
    return plan;
}

PlannedDefinition PlanNewQuery(Session& session, const Registry& registry, const DynamicTable& table,
                               const Excerpt& query, const std::string& search_path, const Settings& settings,
                               const Source& source) {
    PlannedDefinition plan;
    plan.change.table = table;
    plan.change.table.definition = query.text;
    plan.change.table.search_path = search_path;
    plan.change.table.settings = settings;
    plan.change.table.column_names.clear();
    plan.change.table.definition_version = table.definition_version + 1;
    plan.change.expected_version = table.definition_version;
    CheckQuery(session, registry, query, source, plan);
    return plan;
}

} // namespace freshet
