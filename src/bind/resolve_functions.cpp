#include "bind/catalog_lookup.hpp"
#include "bind/distinct_guard.hpp"
#include "bind/macro_expansion.hpp"
#include "bind/name_resolver.hpp"
#include "bind/time_functions.hpp"

#include <algorithm>
#include <array>
#include <duckdb/catalog/catalog.hpp>
#include <duckdb/catalog/catalog_entry/scalar_function_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/scalar_macro_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_function_catalog_entry.hpp>
#include <duckdb/catalog/catalog_entry/table_macro_catalog_entry.hpp>
#include <duckdb/execution/expression_executor.hpp>
#include <duckdb/parser/parsed_expression_iterator.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/select_statement.hpp>
#include <duckdb/planner/binder.hpp>
#include <duckdb/planner/expression_binder/table_function_binder.hpp>
#include <fmt/format.h>
#include <string_view>

namespace freshet {

namespace {

/// Deeper nesting than any honest macro has: it calls itself.
constexpr size_t kDeepestMacro = 100;

template <size_t N>
bool IsOneOf(const std::string& name, const std::array<std::string_view, N>& names) {
    std::string lower = duckdb::StringUtil::Lower(name);
    return std::find(names.begin(), names.end(), lower) != names.end();
}

/// Table functions whose result follows from their arguments.
bool IsPureTableFunction(const std::string& name) {
    constexpr std::array<std::string_view, 8> kPure = {"range",      "generate_series", "unnest",    "repeat",
                                                       "repeat_row", "json_each",       "json_tree", "unnest_ordered"};
    return IsOneOf(name, kPure);
}

/// Scalar functions that read the session or the environment although DuckDB calls them constant.
bool ReadsSession(const std::string& name) {
    constexpr std::array<std::string_view, 9> kReaders = {"getvariable",  "current_setting", "getenv",
                                                          "current_user", "session_user",    "current_role",
                                                          "user",         "version",         "current_catalog"};
    return IsOneOf(name, kReaders);
}

bool IsVolatile(const duckdb::CatalogEntry& entry) {
    // error() never gives a value, so that it can't give a changing one.
    if (entry.type != duckdb::CatalogType::SCALAR_FUNCTION_ENTRY || entry.name == "error") {
        return false;
    }
    const auto& overloads = entry.Cast<duckdb::ScalarFunctionCatalogEntry>().functions.functions;
    return std::any_of(overloads.begin(), overloads.end(), [](const duckdb::ScalarFunction& overload) {
        return overload.GetStability() != duckdb::FunctionStability::CONSISTENT;
    });
}

/// Columns that DuckLake gives every table: where a row lies, not what it says.
bool IsPhysicalColumn(const std::string& name) {
    constexpr std::array<std::string_view, 5> kPhysical = {"rowid", "snapshot_id", "filename", "file_row_number",
                                                           "file_index"};
    return IsOneOf(name, kPhysical);
}

/// Does a body hold anything that the resolver has to see? Most of DuckDB's own macros don't and stay as calls.
class Inspection : public TreeWalker {
public:
    static bool NeedsInlining(ExpressionPtr& body) {
        Inspection inspection;
        inspection.Expression(body);
        return inspection.found_;
    }
    void Node(duckdb::QueryNode&) override { found_ = true; }
    void Expression(ExpressionPtr& expression) override {
        if (expression->GetExpressionClass() == duckdb::ExpressionClass::COLUMN_REF) {
            auto& column = expression->Cast<duckdb::ColumnRefExpression>();
            found_ = found_ || (!column.IsQualified() && ValueFunction(column.GetColumnName()));
        } else if (expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION) {
            auto& function = expression->Cast<duckdb::FunctionExpression>();
            found_ = found_ || IsTimeFunction(function) || function.function_name.rfind("current_", 0) == 0;
        }
        TreeWalker::Expression(expression);
    }

private:
    bool found_ = false;
};

/// The value of a table function's argument, in which a word stands for itself.
duckdb::Value ConstantArgument(duckdb::ClientContext& context, const std::string& function,
                               const duckdb::ParsedExpression& argument) {
    auto binder = duckdb::Binder::CreateBinder(context);
    duckdb::TableFunctionBinder constants(*binder, context, function);
    ExpressionPtr copy = argument.Copy();
    auto bound = constants.Bind(copy);
    return duckdb::ExpressionExecutor::EvaluateScalar(context, *bound, true);
}

/// `parameters`: of the lambdas around it.
bool ReadsNothing(const duckdb::ParsedExpression& expression, duckdb::case_insensitive_set_t parameters = {}) {
    switch (expression.GetExpressionClass()) {
    case duckdb::ExpressionClass::SUBQUERY:
        return false;
    case duckdb::ExpressionClass::COLUMN_REF: {
        const auto& names = expression.Cast<duckdb::ColumnRefExpression>().column_names;
        return parameters.count(names.front()) > 0;
    }
    case duckdb::ExpressionClass::LAMBDA: {
        const auto& lambda = expression.Cast<duckdb::LambdaExpression>();
        if (lambda.syntax_type == duckdb::LambdaSyntaxType::LAMBDA_KEYWORD) {
            std::string problem;
            for (const auto& parameter : lambda.ExtractColumnRefExpressions(problem)) {
                parameters.insert(parameter.get().GetName());
            }
        }
        break;
    }
    default:
        break;
    }
    bool nothing = true;
    duckdb::ParsedExpressionIterator::EnumerateChildren(expression, [&](const duckdb::ParsedExpression& child) {
        nothing = nothing && ReadsNothing(child, parameters);
    });
    return nothing;
}

} // namespace

void NameResolver::TableFunction(TableRefPtr& ref) {
    auto& table_function = ref->Cast<duckdb::TableFunctionRef>();
    auto& function = table_function.function->Cast<duckdb::FunctionExpression>();
    Entry entry = FindFunction(function, duckdb::CatalogType::TABLE_FUNCTION_ENTRY);
    if (entry && entry->type == duckdb::CatalogType::TABLE_MACRO_ENTRY) {
        auto& macro = entry->Cast<duckdb::TableMacroCatalogEntry>();
        if (!entry->internal) {
            findings_.inlined.insert({Inlined::Kind::TableMacro, Qualified(*entry), MacroText(macro)});
        }
        Inline(ref, ExpandTableMacro(context_, macro, function));
        return InMacro([&] { Ref(ref); });
    }
    if (entry && InlineQueryFunction(ref, entry->Cast<duckdb::TableFunctionCatalogEntry>())) {
        return Ref(ref);
    }
    if (InlineNumbered(ref)) {
        return Ref(ref);
    }
    if (entry && !IsPureTableFunction(function.function_name)) {
        findings_.without_feed.push_back(Mentioned(function.function_name + "()", ref->query_location));
    }
    for (auto& argument : function.children) {
        Expression(argument);
    }
    if (table_function.subquery) {
        Node(*table_function.subquery->node);
    }
}

/// FROM unnest(...), range(...) or generate_series(...) WITH ORDINALITY, of constants: two lists side by side are the
/// same, and unlike the function DuckDB 1.5 can plan them without its optimizer.
bool NameResolver::InlineNumbered(TableRefPtr& ref) {
    auto& table_function = ref->Cast<duckdb::TableFunctionRef>();
    auto& function = table_function.function->Cast<duckdb::FunctionExpression>();
    constexpr std::array<std::string_view, 3> kLists = {"unnest", "range", "generate_series"};
    if (table_function.with_ordinality != duckdb::OrdinalityType::WITH_ORDINALITY ||
        !IsOneOf(function.function_name, kLists) || function.children.empty() || !ReadsNothing(function)) {
        return false;
    }
    bool is_list = duckdb::StringUtil::Lower(function.function_name) == "unnest";
    std::string list = is_list ? function.children[0]->ToString() : function.ToString();
    duckdb::Parser parser;
    parser.ParseQuery(fmt::format("SELECT unnest({0}) AS {1}, unnest(generate_series(1, len({0}))) AS ordinality", list,
                                  duckdb::StringUtil::Lower(function.function_name)));
    auto body = std::move(parser.statements[0]->Cast<duckdb::SelectStatement>().node);
    ForgetLocations(*body);
    ref->alias = ref->alias.empty() ? function.function_name : ref->alias;
    Inline(ref, std::move(body));
    return true;
}

bool NameResolver::InlineQueryFunction(TableRefPtr& ref, duckdb::TableFunctionCatalogEntry& entry) {
    if (entry.name != "query" && entry.name != "query_table") {
        return false;
    }
    auto& function = ref->Cast<duckdb::TableFunctionRef>().function->Cast<duckdb::FunctionExpression>();
    duckdb::vector<duckdb::Value> values;
    for (auto& argument : function.children) {
        values.push_back(ConstantArgument(context_, entry.name, *argument));
    }
    duckdb::named_parameter_map_t named;
    duckdb::vector<duckdb::LogicalType> types;
    duckdb::vector<std::string> names;
    auto overload = entry.functions.GetFunctionByOffset(0);
    duckdb::TableFunctionBindInput input(values, named, types, names, nullptr, nullptr, overload,
                                         ref->Cast<duckdb::TableFunctionRef>());
    auto replacement = overload.bind_replace(context_, input);
    auto& body = replacement->Cast<duckdb::SubqueryRef>().subquery->node;
    ForgetLocations(*body);
    // DuckDB names the subquery after the function if the user gives no name.
    ref->alias = ref->alias.empty() ? entry.name : ref->alias;
    Inline(ref, std::move(body));
    return true;
}

void NameResolver::Expression(ExpressionPtr& expression) {
    switch (expression->GetExpressionClass()) {
    case duckdb::ExpressionClass::FUNCTION:
        return Function(expression);
    case duckdb::ExpressionClass::COLUMN_REF:
        return Word(expression);
    case duckdb::ExpressionClass::PARAMETER:
        throw Error(Code::NotAQuery, "a definition can't have parameters")
            .At(places_.At(expression->GetQueryLocation()).value_or(places_.Find(expression->ToString())));
    default:
        GuardDistinctFrom(*expression);
        return AliasingWalker::Expression(expression);
    }
}

void NameResolver::Function(ExpressionPtr& expression) {
    auto& function = expression->Cast<duckdb::FunctionExpression>();
    if (!function.is_operator) {
        Entry entry = FindFunction(function, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY);
        if (entry && entry->type == duckdb::CatalogType::MACRO_ENTRY && InlineScalarMacro(expression, *entry)) {
            return;
        }
        NoteFunction(function, entry);
    }
    AliasingWalker::Expression(expression);
}

NameResolver::Entry NameResolver::FindFunction(duckdb::FunctionExpression& function, duckdb::CatalogType type) {
    auto find = [&](const std::string& catalog, const std::string& schema) {
        duckdb::EntryLookupInfo lookup(type, function.function_name);
        return retriever_.GetEntry(catalog, schema, lookup, duckdb::OnEntryNotFound::RETURN_NULL);
    };
    std::string catalog = function.catalog, schema = function.schema;
    duckdb::Binder::BindSchemaOrCatalog(context_, catalog, schema);
    Entry entry = find(catalog, schema);
    if (entry || function.schema.empty() || !function.catalog.empty()) {
        return entry;
    }
    // x.f(y) is f(x, y) where no schema x has an f.
    entry = find("", "");
    if (entry) {
        auto first = duckdb::make_uniq<duckdb::ColumnRefExpression>(function.schema);
        function.children.insert(function.children.begin(), std::move(first));
        function.schema.clear();
    }
    return entry;
}

bool NameResolver::InlineScalarMacro(ExpressionPtr& expression, duckdb::CatalogEntry& entry) {
    auto& macro = entry.Cast<duckdb::ScalarMacroCatalogEntry>();
    auto body = ExpandScalarMacro(context_, macro, expression->Cast<duckdb::FunctionExpression>());
    if (entry.internal && !Inspection::NeedsInlining(body)) {
        return false;
    }
    if (!entry.internal) {
        findings_.inlined.insert({Inlined::Kind::ScalarMacro, Qualified(entry), MacroText(macro)});
    }
    body->SetAlias(expression->GetAlias());
    expression = std::move(body);
    InMacro([&] { Expression(expression); });
    return true;
}

void NameResolver::NoteFunction(const duckdb::FunctionExpression& function, const Entry& entry) {
    const std::string& name = function.function_name;
    if (IsTimeFunction(function)) {
        findings_.time_functions.push_back(Mentioned(name, function.GetQueryLocation()));
    } else if ((entry && IsVolatile(*entry)) || ReadsSession(name)) {
        findings_.volatile_functions.push_back(Mentioned(name + "()", function.GetQueryLocation()));
    }
}

void NameResolver::Word(ExpressionPtr& expression) {
    AliasingWalker::Expression(expression);
    auto& column = expression->Cast<duckdb::ColumnRefExpression>();
    if (IsPhysicalColumn(column.GetColumnName()) && !MayBeColumn(column.GetColumnName())) {
        findings_.volatile_functions.push_back(Mentioned(column.GetColumnName(), column.GetQueryLocation()));
        findings_.reads_physical_columns = true;
    }
    auto function = column.IsQualified() ? std::nullopt : ValueFunction(column.GetColumnName());
    if (!function || MayBeColumn(column.GetColumnName())) {
        return;
    }
    auto call = duckdb::make_uniq<duckdb::FunctionExpression>(*function, duckdb::vector<ExpressionPtr>());
    call->SetAlias(column.GetAlias());
    call->SetQueryLocation(column.GetQueryLocation());
    NoteFunction(*call, FindFunction(*call, duckdb::CatalogType::SCALAR_FUNCTION_ENTRY));
    expression = std::move(call);
}

void NameResolver::InMacro(const std::function<void()>& walk) {
    if (macro_depth_ == kDeepestMacro) {
        throw Error(Code::Cycle, "a macro calls itself");
    }
    macro_depth_++;
    walk();
    macro_depth_--;
}

} // namespace freshet
