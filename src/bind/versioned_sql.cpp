#include "base/identifier.hpp"
#include "bind/aliasing_walker.hpp"
#include "bind/definition_tree.hpp"
#include "bind/moment.hpp"
#include "bind/time_functions.hpp"

namespace freshet {

namespace {

/// Replaces lake tables and time functions in a copy of a definition's tree.
class Versioner : public AliasingWalker {
public:
    Versioner(const RelationFor& relation_for, std::optional<Timestamp> now) : relation_for_(relation_for), now_(now) {}

    void Ref(TableRefPtr& ref) override {
        if (ref->type == duckdb::TableReferenceType::BASE_TABLE) {
            auto& table = ref->Cast<duckdb::BaseTableRef>();
            return table.catalog_name == kLake && !table.at_clause ? Replace(table) : void();
        }
        AliasingWalker::Ref(ref);
    }

    void Expression(ExpressionPtr& expression) override {
        AliasingWalker::Expression(expression);
        bool function = expression->GetExpressionClass() == duckdb::ExpressionClass::FUNCTION;
        if (function && IsTimeFunction(expression->Cast<duckdb::FunctionExpression>())) {
            now_ ? FixTime(expression, *now_) : LeaveOpen(expression->Cast<duckdb::FunctionExpression>());
        }
    }

    /// The printed text gives a column without a name another one where parsing it makes another tree, as of the cast
    /// in INTERVAL 3 DAY.
    void SelectItem(ExpressionPtr& item) override {
        bool computed = item->GetExpressionClass() != duckdb::ExpressionClass::COLUMN_REF && !ContainsStar(*item);
        std::string name = item->GetName();
        AliasingWalker::SelectItem(item);
        if (computed && !item->HasAlias()) {
            auto again = duckdb::Parser::ParseExpressionList(item->ToString());
            if (again.size() != 1 || again[0]->GetName() != name) {
                item->SetAlias(name);
            }
        }
    }

private:
    static void LeaveOpen(duckdb::FunctionExpression& call) {
        if (IsMomentFunction(call.function_name)) {
            call.function_name = kMomentPrefix + duckdb::StringUtil::Lower(call.function_name);
        }
    }

    void Replace(duckdb::BaseTableRef& table) {
        TableName name{table.schema_name, table.table_name};
        Relation relation = relation_for_(name);
        if (const auto* lake = std::get_if<LakeRelation>(&relation)) {
            // Under its own name a table without alias can also be referred to as schema.table.
            if (lake->table != name) {
                Name(table, kLake, lake->table.schema, lake->table.name);
            }
            Fix(table, lake->version);
        } else {
            const auto& other = std::get<OtherRelation>(relation);
            bool temporary = other.catalog.empty();
            Name(table, temporary ? "temp" : other.catalog, temporary ? "main" : other.schema, other.name);
        }
    }

    void Name(duckdb::BaseTableRef& table, const std::string& catalog, const std::string& schema,
              const std::string& name) {
        if (table.alias.empty()) {
            table.alias = AliasFor(table.catalog_name, table.schema_name, table.table_name);
        }
        table.catalog_name = catalog;
        table.schema_name = schema;
        table.table_name = name;
    }

    static void Fix(duckdb::BaseTableRef& table, std::optional<Snapshot> version) {
        if (version) {
            auto number = duckdb::make_uniq<duckdb::ConstantExpression>(duckdb::Value::BIGINT(*version));
            table.at_clause = duckdb::make_uniq<duckdb::AtClause>("VERSION", std::move(number));
        }
    }

    const RelationFor& relation_for_;
    std::optional<Timestamp> now_;
};

} // namespace

std::string Definition::VersionedSql(const RelationFor& relation_for, std::optional<Timestamp> now) const {
    auto copy = CopyOf(*tree_->statement);
    Versioner(relation_for, now).Node(*copy->node);
    return copy->ToString();
}

std::string Definition::VersionedSql(Snapshot version, std::optional<Timestamp> now) const {
    return VersionedSql([version](const TableName& table) { return LakeRelation{table, version}; }, now);
}

} // namespace freshet
