#include "lake/column_types.hpp"

#include "base/caseless.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace freshet {

namespace {

using Children = std::map<int64_t, std::vector<const ColumnRow*>>;

/// DuckLake's words for types whose name in DuckDB is another one than the word in capitals.
const std::map<std::string, std::string> kTypeNames = {{"int8", "TINYINT"},
                                                       {"int16", "SMALLINT"},
                                                       {"int32", "INTEGER"},
                                                       {"int64", "BIGINT"},
                                                       {"int128", "HUGEINT"},
                                                       {"uint8", "UTINYINT"},
                                                       {"uint16", "USMALLINT"},
                                                       {"uint32", "UINTEGER"},
                                                       {"uint64", "UBIGINT"},
                                                       {"uint128", "UHUGEINT"},
                                                       {"float32", "FLOAT"},
                                                       {"float64", "DOUBLE"},
                                                       {"timestamp_us", "TIMESTAMP"},
                                                       {"timestamptz", "TIMESTAMP WITH TIME ZONE"},
                                                       {"timetz", "TIME WITH TIME ZONE"}};

std::string SimpleType(const std::string& word) {
    auto known = kTypeNames.find(Lower(word));
    if (known != kTypeNames.end()) {
        return known->second;
    }
    std::string upper = word;
    std::transform(upper.begin(), upper.end(), upper.begin(), [](unsigned char c) { return std::toupper(c); });
    return upper;
}

std::string TypeOf(const ColumnRow& row, const Children& children);

std::string StructType(const std::vector<const ColumnRow*>& fields, const Children& children) {
    std::string text = "STRUCT(";
    for (const ColumnRow* field : fields) {
        text += text.back() == '(' ? "" : ", ";
        text += QuoteIfNeeded(field->name) + " " + TypeOf(*field, children);
    }
    return text + ")";
}

std::string TypeOf(const ColumnRow& row, const Children& children) {
    auto found = children.find(row.id);
    if (found == children.end()) {
        return SimpleType(row.type);
    }
    const auto& fields = found->second;
    if (row.type == "list" && fields.size() == 1) {
        return TypeOf(*fields[0], children) + "[]";
    }
    if (row.type == "map" && fields.size() == 2) {
        return "MAP(" + TypeOf(*fields[0], children) + ", " + TypeOf(*fields[1], children) + ")";
    }
    return StructType(fields, children);
}

void CollectFields(const ColumnRow& row, const Children& children, std::vector<int64_t>& ids) {
    auto found = children.find(row.id);
    if (found == children.end()) {
        return;
    }
    for (const ColumnRow* field : found->second) {
        ids.push_back(field->id);
        CollectFields(*field, children, ids);
    }
}

} // namespace

std::vector<ColumnInfo> ColumnsFromRows(const std::vector<ColumnRow>& rows) {
    Children children;
    for (const ColumnRow& row : rows) {
        children[row.parent].push_back(&row);
    }
    std::vector<ColumnInfo> columns;
    for (const ColumnRow* row : children[-1]) {
        ColumnInfo column{row->id, row->name, TypeOf(*row, children), {}};
        CollectFields(*row, children, column.fields);
        columns.push_back(std::move(column));
    }
    return columns;
}

} // namespace freshet
