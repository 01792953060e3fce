#include "selftest/source_generator.hpp"

#include "selftest/bulk_insert.hpp"
#include "selftest/expressions.hpp"
#include "selftest/marked_text.hpp"
#include "selftest/values.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>

namespace freshet::selftest {

namespace {

constexpr int64_t kMostRows = 24; ///< at first

/// The second letter of a column's name says its type, so that scripts can be read.
char Letter(Type type) {
    switch (type) {
    case Type::Bigint:
        return 'l';
    case Type::Decimal:
        return 'm';
    case Type::Double:
        return 'f';
    case Type::Varchar:
        return 's';
    case Type::Date:
        return 'd';
    case Type::Timestamp:
        return 't';
    case Type::Boolean:
        return 'b';
    case Type::List:
        return 'n';
    case Type::Struct:
        return 'o';
    default:
        return 'i';
    }
}

} // namespace

std::vector<Step> SourceGenerator::Create() {
    static const std::vector<Type> kTypes = {Type::Integer,   Type::Bigint,  Type::Decimal, Type::Decimal,
                                             Type::Double,    Type::Varchar, Type::Varchar, Type::Date,
                                             Type::Timestamp, Type::Boolean, Type::List,    Type::Struct};
    std::vector<Step> steps;
    int64_t count = random_.Between(2, 3);
    for (int64_t number = 1; number <= count; number++) {
        std::string name = fmt::format("t{}", number);
        std::vector<Type> types = {Type::Integer, Type::Integer}; // something to group and join by is always there
        for (int64_t more = random_.Between(1, 4); more > 0; more--) {
            types.push_back(random_.Pick(kTypes));
        }
        Relation table{marked::Table(name), {}, static_cast<double>(kMostRows)};
        std::string columns;
        for (size_t i = 0; i < types.size(); i++) {
            table.columns.push_back({fmt::format("{}{}", Letter(types[i]), i), types[i]});
            columns += fmt::format("{}{} {}", i ? ", " : "", table.columns.back().name, SqlType(types[i]));
        }
        steps.push_back({StepKind::Source, {fmt::format("CREATE TABLE {} ({})", name, columns)}, {}});
        if (random_.Chance(30)) {
            steps.push_back({StepKind::Source, {Layout(table)}, {}});
        }
        int64_t rows = random_.Chance(10) ? 0 : random_.Between(3, kMostRows);
        if (rows > 0) {
            steps.push_back({StepKind::Source, {Insert(table, rows)}, {}});
        }
        for (int64_t left = many_rows_ ? kManyRows : 0; left > 0; left -= kManyRows / 2) {
            steps.push_back({StepKind::Source, {InsertMany(table, kManyRows / 2)}, {}});
        }
        table.rows += many_rows_ ? kManyRows : 0;
        tables_.push_back(std::move(table));
    }
    return steps;
}

std::string SourceGenerator::ColumnList(const Relation& table) {
    std::string list;
    for (const auto& column : table.columns) {
        list += (list.empty() ? "" : ", ") + column.name;
    }
    return list;
}

std::string SourceGenerator::Insert(const Relation& table, int64_t rows) {
    std::string text = fmt::format("INSERT INTO {} ({}) VALUES ", table.text, ColumnList(table));
    std::string previous;
    for (int64_t row = 0; row < rows; row++) {
        std::string values;
        for (const auto& column : table.columns) {
            values += (values.empty() ? "" : ", ") + LiteralOrNull(random_, column.type);
        }
        if (previous.empty() || !random_.Chance(15)) { // else the same row again
            previous = "(" + values + ")";
        }
        text += row + 1 < rows ? marked::Optional(previous + ", ") : previous;
    }
    return text;
}

/// How files of the rows to come are laid out.
std::string SourceGenerator::Layout(const Relation& table) {
    std::vector<ColumnInfo> columns;
    std::copy_if(table.columns.begin(), table.columns.end(), std::back_inserter(columns),
                 [](const ColumnInfo& column) { return IsPartitionable(column.type); });
    const ColumnInfo& column = random_.Pick(columns);
    if (random_.Chance(20)) {
        return fmt::format("ALTER TABLE {} SET SORTED BY ({} ASC)", table.text, column.name);
    }
    if (random_.Chance(15)) {
        return fmt::format("ALTER TABLE {} RESET PARTITIONED BY", table.text);
    }
    std::string key = column.name;
    if ((column.type == Type::Date || column.type == Type::Timestamp) && random_.Chance(60)) {
        key = fmt::format("{}({})", random_.Word({"year", "month", "day"}), column.name);
    } else if (random_.Chance(50)) {
        key = fmt::format("bucket({}, {})", random_.Between(2, 4), column.name);
    }
    return fmt::format("ALTER TABLE {} SET PARTITIONED BY ({})", table.text, key);
}

/// A type that holds all that the column's own does.
std::string SourceGenerator::Widening(const Relation& table) {
    const ColumnInfo& column = random_.Pick(table.columns);
    const char* type = column.type == Type::Integer   ? "BIGINT"
                       : column.type == Type::Decimal ? "DECIMAL(18, 2)"
                                                      : SqlType(column.type);
    return fmt::format("ALTER TABLE {} ALTER COLUMN {} SET TYPE {}", table.text, column.name, type);
}

/// Of all tables the same numbers, so that joins find some.
std::string SourceGenerator::InsertMany(const Relation& table, int64_t rows) {
    int64_t first = next_number_;
    next_number_ += rows / 3;
    return BulkInsert(random_, table, first, rows);
}

std::string SourceGenerator::Condition(const Relation& table) {
    Scope scope;
    for (const auto& column : table.columns) {
        scope.push_back({column.name, column.type});
    }
    return Expressions(random_, scope).Predicate();
}

/// The same rows again, or with one key for all.
std::string SourceGenerator::Copy(const Relation& table) {
    std::string columns = ColumnList(table);
    std::string selected = columns;
    if (random_.Chance(50)) {
        const std::string& first = table.columns[0].name; // an INTEGER
        selected = LiteralOrNull(random_, Type::Integer) + columns.substr(first.size());
    }
    std::string condition = Condition(table);
    return fmt::format("INSERT INTO {0} ({1}) SELECT {2} FROM {0} WHERE {3} AND {4} = {5}", table.text, columns,
                       selected, condition, table.columns[1].name, random_.Between(0, 3));
}

std::string SourceGenerator::Update(const Relation& table) {
    const ColumnInfo& column = random_.Pick(table.columns);
    std::string value = LiteralOrNull(random_, column.type);
    if (IsSummable(column.type) && column.type != Type::Bigint && random_.Chance(40)) {
        value = column.name + random_.Word({" + 1", " - 1"});
    }
    return fmt::format("UPDATE {} SET {} = {} WHERE {}", table.text, column.name, value, Condition(table));
}

std::string SourceGenerator::Statement() {
    const Relation& table = random_.Pick(tables_);
    if (many_rows_ && random_.Chance(25)) {
        return InsertMany(table, random_.Between(1, 300));
    }
    switch (random_.Weighted({9, 6, 8, 2, 1})) {
    case 0:
        return Insert(table, random_.Between(1, 5));
    case 1:
        return fmt::format("DELETE FROM {} WHERE {}", table.text, Condition(table));
    case 2:
        return Update(table);
    case 3:
        return Copy(table);
    default:
        return fmt::format("DELETE FROM {}", table.text);
    }
}

std::vector<std::string> SourceGenerator::Transaction() {
    if (random_.Chance(30)) { // rows that leave and come back: no change at all
        const Relation& table = random_.Pick(tables_);
        std::string columns = ColumnList(table);
        std::string condition = Condition(table);
        return {fmt::format("CREATE OR REPLACE TEMP TABLE away AS SELECT {} FROM {} WHERE {}", columns, table.text,
                            condition),
                fmt::format("DELETE FROM {} WHERE {}", table.text, condition),
                fmt::format("INSERT INTO {0} ({1}) SELECT {1} FROM away", table.text, columns)};
    }
    std::vector<std::string> statements;
    for (int64_t i = random_.Between(2, 4); i > 0; i--) {
        statements.push_back(Statement());
    }
    return statements;
}

Step SourceGenerator::Change() {
    return {StepKind::Change, random_.Chance(25) ? Transaction() : std::vector<std::string>{Statement()}, {}};
}

Step SourceGenerator::Maintenance() {
    const Relation& table = random_.Pick(tables_);
    std::string text;
    switch (random_.Weighted({3, 3, 2, 2, 2, 1, 2, 2})) {
    case 0:
        text = "CALL ducklake_merge_adjacent_files('lake')";
        break;
    case 1:
        text = "CALL ducklake_rewrite_data_files('lake', delete_threshold => 0)";
        break;
    case 2:
        text = "CALL ducklake_flush_inlined_data('lake')";
        break;
    case 3:
        text = fmt::format("CALL lake.set_option('data_inlining_row_limit', {}, table_name => '{}')",
                           random_.Between(0, 1) * 20, marked::Plain(table.text));
        break;
    case 4:
        text = fmt::format("ALTER TABLE {} ADD COLUMN more{} INTEGER", table.text, ++added_columns_);
        break;
    case 5:
        text = Layout(table);
        break;
    case 6:
        text = Widening(table);
        break;
    default:
        text = "CALL ducklake_expire_snapshots('lake', older_than => now()::TIMESTAMPTZ)";
    }
    return {StepKind::Maintenance, {text}, {}};
}

} // namespace freshet::selftest
