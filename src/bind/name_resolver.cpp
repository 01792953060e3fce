#include "bind/name_resolver.hpp"

#include "bind/asof_guard.hpp"
#include "bind/catalog_lookup.hpp"
#include "bind/time_functions.hpp"

#include <algorithm>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/schema_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/view_catalog_entry.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/main/config.hpp>
#include <duckdb/planner/binder.hpp>
#include <duckdb/planner/expression_binder/constant_binder.hpp>
#include <duckdb/planner/tableref/bound_at_clause.hpp>
#include <fmt/format.h>

namespace freshet {

namespace {

std::string Written(const duckdb::BaseTableRef& table) {
    std::string text;
    for (const auto& part : {table.catalog_name, table.schema_name}) {
        text += part.empty() ? "" : QuoteIfNeeded(part) + ".";
    }
    return text + QuoteIfNeeded(table.table_name);
}

std::unique_ptr<duckdb::BoundAtClause> BoundAt(duckdb::ClientContext& context, duckdb::AtClause* at) {
    if (at == nullptr) {
        return nullptr;
    }
    auto binder = duckdb::Binder::CreateBinder(context);
    duckdb::ConstantBinder constants(*binder, context, "AT clause");
    ExpressionPtr copy = at->ExpressionMutable()->Copy();
    auto bound = constants.Bind(copy);
    return std::make_unique<duckdb::BoundAtClause>(at->Unit(),
                                                   duckdb::ExpressionExecutor::EvaluateScalar(context, *bound));
}

/// An error of a view's text, which isn't the user's: its place is where the user names the view.
[[noreturn]] void ThrowInView(const std::string& view, const std::exception& problem, const Place& place) {
    Excerpt nowhere;
    Error error = TranslateBindError(TranslateError(duckdb::ErrorData(problem)), nowhere, {});
    throw Error(error.GetCode(), fmt::format("{} (in view {})", error.Message(), view), error.Hint()).At(place);
}

bool IsFile(duckdb::ClientContext& context, const duckdb::BaseTableRef& table) {
    duckdb::ReplacementScanInput input(table.catalog_name, table.schema_name, table.table_name);
    const auto& scans = duckdb::DBConfig::GetConfig(context).replacement_scans;
    return std::any_of(scans.begin(), scans.end(), [&](const duckdb::ReplacementScan& scan) {
        return scan.function(context, input, scan.data.get()) != nullptr;
    });
}

} // namespace

std::string Qualified(duckdb::CatalogEntry& entry) {
    return QuoteIfNeeded(entry.ParentCatalog().GetName()) + "." + NameOf(entry).Text();
}

NameResolver::NameResolver(duckdb::ClientContext& context, const QueryPlaces& places, Findings& findings)
    : context_(context), retriever_(context), places_(places), findings_(findings) {}

void NameResolver::Select(duckdb::SelectNode& node) {
    NoteSample(node.sample.get(), duckdb::optional_idx());
    SelectScope scope{&node, {}, false};
    for (auto& item : node.select_list) {
        scope.aliases.insert(item->GetAlias());
    }
    selects_.push_back(std::move(scope));
    AliasingWalker::Select(node);
    selects_.pop_back();
}

void NameResolver::From(TableRefPtr& from) {
    size_t scope = selects_.size() - 1;
    selects_[scope].in_from = true;
    AliasingWalker::From(from);
    selects_[scope].in_from = false;
    QualifyMacroArguments(*selects_[scope].node);
}

bool NameResolver::IsHidden(size_t depth, const std::string& alias) const {
    return std::any_of(selects_.begin() + static_cast<std::ptrdiff_t>(depth) + 1, selects_.end(),
                       [&](const SelectScope& inner) {
                           return inner.node->from_table && RelationNamed(*inner.node->from_table, alias) != nullptr;
                       });
}

void NameResolver::Ref(TableRefPtr& ref) {
    NoteSample(ref->sample.get(), ref->query_location);
    switch (ref->type) {
    case duckdb::TableReferenceType::JOIN:
        GuardAsof(ref->Cast<duckdb::JoinRef>());
        return AliasingWalker::Ref(ref);
    case duckdb::TableReferenceType::BASE_TABLE:
        return BaseTable(ref);
    case duckdb::TableReferenceType::TABLE_FUNCTION:
        return TableFunction(ref);
    case duckdb::TableReferenceType::SHOW_REF:
        if (!ref->Cast<duckdb::ShowRef>().query) {
            findings_.without_feed.push_back(Mentioned("SHOW", ref->query_location));
        }
        return AliasingWalker::Ref(ref);
    default:
        return AliasingWalker::Ref(ref);
    }
}

void NameResolver::BaseTable(TableRefPtr& ref) {
    auto& table = ref->Cast<duckdb::BaseTableRef>();
    if (IsCteReference(table)) {
        return;
    }
    Entry entry = FindTable(table);
    if (!entry) {
        RefuseVersionOfView(table);
        return FileOrNothing(table);
    }
    if (entry->ParentCatalog().GetName() == TEMP_CATALOG) {
        throw Error(Code::Binding, fmt::format("\"{}\" is temporary: no refresh could read it", table.table_name),
                    "keep it in the lake")
            .At(places_.At(table.query_location).value_or(places_.Find(table.table_name)));
    }
    bool view = entry->type == duckdb::CatalogType::VIEW_ENTRY;
    if (view && !entry->internal && !table.at_clause) {
        return InlineView(ref, entry->Cast<duckdb::ViewCatalogEntry>());
    }
    KeepTable(table, *entry);
}

NameResolver::Entry NameResolver::FindTable(duckdb::BaseTableRef& table) {
    auto at = BoundAt(context_, table.at_clause.get());
    duckdb::Binder::BindSchemaOrCatalog(context_, table.catalog_name, table.schema_name);
    duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, table.table_name, at.get(),
                                   duckdb::QueryErrorContext(table.query_location));
    return retriever_.GetEntry(table.catalog_name, table.schema_name, lookup, duckdb::OnEntryNotFound::RETURN_NULL);
}

void NameResolver::KeepTable(duckdb::BaseTableRef& table, duckdb::CatalogEntry& entry) {
    TableName name = NameOf(entry);
    if (!IsLake(entry.ParentCatalog())) {
        findings_.without_feed.push_back(Mentioned(Qualified(entry), table.query_location));
    } else if (table.at_clause) {
        findings_.pinned.insert(name);
    } else {
        findings_.tables.insert(name);
    }
    table.catalog_name = entry.ParentCatalog().GetName();
    table.schema_name = name.schema;
    table.table_name = name.name;
}

void NameResolver::RefuseVersionOfView(const duckdb::BaseTableRef& table) const {
    auto entry =
        table.at_clause ? FindRelation(context_, table.catalog_name, table.schema_name, table.table_name) : nullptr;
    if (entry && entry->type == duckdb::CatalogType::VIEW_ENTRY) {
        throw Error(Code::Binding, fmt::format("view \"{}\" can't be read AT a version", table.table_name),
                    "write AT behind the tables that it reads")
            .At(places_.At(table.query_location).value_or(places_.Find(table.table_name)));
    }
}

void NameResolver::FileOrNothing(duckdb::BaseTableRef& table) {
    if (IsFile(context_, table)) {
        findings_.without_feed.push_back(Mentioned(Written(table), table.query_location));
        return;
    }
    duckdb::EntryLookupInfo lookup(duckdb::CatalogType::TABLE_ENTRY, table.table_name,
                                   duckdb::QueryErrorContext(table.query_location));
    retriever_.GetEntry(table.catalog_name, table.schema_name, lookup, duckdb::OnEntryNotFound::THROW_EXCEPTION);
}

void NameResolver::InlineView(TableRefPtr& ref, duckdb::ViewCatalogEntry& view) {
    std::string name = Qualified(view);
    if (std::find(views_.begin(), views_.end(), name) != views_.end()) {
        throw Error(Code::Cycle, fmt::format("view {} contains itself", name)).At(places_.Find(view.name));
    }
    auto body = duckdb::unique_ptr_cast<duckdb::SQLStatement, duckdb::SelectStatement>(view.GetQuery().Copy());
    std::string text = fmt::format("({}) {}", fmt::join(view.aliases, ", "), body->ToString());
    findings_.inlined.insert({Inlined::Kind::View, name, text});
    ForgetLocations(*body->node);

    NameResolver inner(context_, places_, findings_);
    inner.views_ = views_;
    inner.views_.push_back(name);
    const auto& catalog = view.ParentCatalog().GetName();
    inner.retriever_.SetSearchPath({{catalog, view.ParentSchema().name}, {catalog, INVALID_SCHEMA, true}});
    try {
        inner.Node(*body->node);
    } catch (const Error&) {
        throw;
    } catch (const std::exception& problem) {
        ThrowInView(name, problem, places_.At(ref->query_location).value_or(places_.Find(view.name)));
    }

    auto names = view.aliases;
    const auto& given = ref->column_name_alias;
    names.resize(std::max(names.size(), given.size()));
    std::copy(given.begin(), given.end(), names.begin());
    if (ref->alias.empty()) {
        ref->alias = AliasFor(catalog, view.ParentSchema().name, view.name);
    }
    ref->column_name_alias = names;
    Inline(ref, std::move(body->node));
}

void NameResolver::Inline(TableRefPtr& ref, duckdb::unique_ptr<duckdb::QueryNode> body) {
    auto statement = duckdb::make_uniq<duckdb::SelectStatement>();
    statement->node = std::move(body);
    auto subquery = duckdb::make_uniq<duckdb::SubqueryRef>(std::move(statement), ref->alias);
    subquery->column_name_alias = ref->column_name_alias;
    subquery->sample = std::move(ref->sample);
    subquery->query_location = ref->query_location;
    ref = std::move(subquery);
}

void NameResolver::NoteSample(const void* sample, duckdb::optional_idx location) {
    if (sample != nullptr) {
        findings_.volatile_functions.push_back(Mentioned("SAMPLE", location));
    }
}

Mention NameResolver::Mentioned(const std::string& name, duckdb::optional_idx location) const {
    return {name, places_.At(location)};
}

} // namespace freshet
