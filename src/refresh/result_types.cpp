#include "refresh/result_types.hpp"

#include "base/type_name.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>

namespace freshet {

namespace {

std::string Upper(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
    return text;
}

/// The type's text without what stands in quotes: names of struct fields and values of enums.
std::string WithoutQuoted(const std::string& type) {
    std::string plain;
    char quote = 0;
    for (char c : type) {
        if (quote != 0) {
            quote = c == quote ? 0 : quote;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else {
            plain += c;
        }
    }
    return plain;
}

bool HasFixedArray(const std::string& type) {
    for (size_t i = 0; i + 1 < type.size(); i++) {
        if (type[i] == '[' && type[i + 1] != ']') {
            return true;
        }
    }
    return false;
}

/// The words of a type's text, in upper case.
bool HasWord(const std::string& type, const std::string& word) {
    for (size_t at = type.find(word); at != std::string::npos; at = type.find(word, at + 1)) {
        auto is_letter = [&](size_t i) { return i < type.size() && (std::isalnum(type[i]) != 0 || type[i] == '_'); };
        if ((at == 0 || !is_letter(at - 1)) && !is_letter(at + word.size())) {
            return true;
        }
    }
    return false;
}

struct Unstorable {
    const char* word;
    const char* cast;
};
constexpr std::array<Unstorable, 6> kUnstorable = {{{"ENUM", "VARCHAR"},
                                                    {"BIT", "VARCHAR"},
                                                    {"UNION", "VARCHAR, or the member that is wanted"},
                                                    {"BIGNUM", "DECIMAL(38,0) or VARCHAR"},
                                                    {"TIME_NS", "TIME"},
                                                    {"NULL", "the type that is meant, e.g. NULL::INTEGER"}}};

std::optional<std::string> CastFor(const std::string& type) {
    std::string plain = Upper(WithoutQuoted(type));
    if (type == "\"NULL\"" || type == "NULL") {
        return kUnstorable.back().cast;
    }
    for (const auto& entry : kUnstorable) {
        if (HasWord(plain, entry.word)) {
            return entry.cast;
        }
    }
    if (HasFixedArray(plain)) {
        return std::string("a list, e.g. ") + type.substr(0, type.find('[')) + "[]";
    }
    return {};
}

std::string ReplaceWord(std::string type, const std::string& word, const std::string& by) {
    for (size_t at = type.find(word); at != std::string::npos; at = type.find(word, at + by.size())) {
        type.replace(at, word.size(), by);
    }
    return type;
}

/// SQL that is true for a value that storage changes, and what to do about it; nothing for harmless types.
struct Check {
    std::string condition;
    std::string hint;
};
std::optional<Check> CheckFor(const Column& column) {
    std::string name = QuoteIdentifier(column.name);
    std::string plain = Upper(WithoutQuoted(column.type));
    if (HasWord(plain, "HUGEINT") || HasWord(plain, "UHUGEINT")) {
        std::string stored = ReplaceWord(ReplaceWord(column.type, "UHUGEINT", "DOUBLE"), "HUGEINT", "DOUBLE");
        return Check{fmt::format("{0} IS DISTINCT FROM TRY_CAST({0}::{1} AS {2})", name, stored, column.type),
                     "cast it to DECIMAL(38,0)"};
    }
    if (plain == "INTERVAL") {
        return Check{fmt::format("{0} < INTERVAL 0 SECOND OR datepart('month', {0}) < 0 OR datepart('day', {0}) < 0 OR "
                                 "datepart('microsecond', {0}) % 1000 <> 0 OR datepart('hour', {0}) * 3600000 + "
                                 "datepart('minute', {0}) * 60000 + datepart('millisecond', {0}) > 4294967295",
                                 name),
                     "the lake keeps intervals in milliseconds, without negative parts, and with less than 50 days of "
                     "hours: cast it to VARCHAR, or keep a number of microseconds"};
    }
    if (plain == "TIME WITH TIME ZONE") {
        return Check{fmt::format("NOT ends_with({}::VARCHAR, '+00')", name),
                     "the lake keeps such times in UTC, without their offset: cast it to VARCHAR or TIME"};
    }
    return {};
}

constexpr std::array<const char*, 5> kSigned = {"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"};
constexpr std::array<const char*, 4> kUnsigned = {"UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT"};

template <size_t N>
int Position(const std::array<const char*, N>& types, const std::string& type) {
    auto found = std::find(types.begin(), types.end(), type);
    return found == types.end() ? -1 : static_cast<int>(found - types.begin());
}

} // namespace

void CheckResultColumns(const std::vector<Column>& columns) {
    for (const auto& column : columns) {
        if (HasUnnamedStruct(column.type)) {
            throw Error(Code::UnsupportedType,
                        fmt::format("column {} has type {}, whose fields have no names: the lake can't store it",
                                    QuoteIfNeeded(column.name), column.type),
                        "name them: struct_pack(a := a, b := b)");
        }
        if (auto cast = CastFor(column.type)) {
            throw Error(Code::UnsupportedType,
                        fmt::format("column {} has type {}, which the lake can't store", QuoteIfNeeded(column.name),
                                    column.type),
                        "cast it to " + *cast);
        }
    }
}

void CheckStorableValues(Session& session, const TableName& table, const std::vector<Column>& columns,
                         const std::string& content) {
    for (const auto& column : columns) {
        auto check = CheckFor(column);
        if (!check) {
            continue;
        }
        Table bad = session.Query(fmt::format("SELECT {}::VARCHAR FROM {} WHERE {} LIMIT 1",
                                              QuoteIdentifier(column.name), content, check->condition));
        if (!bad.rows.empty()) {
            throw Error(Code::InexactValue,
                        fmt::format("column {} of {} holds {} of type {}, which the lake would store changed",
                                    QuoteIfNeeded(column.name), table.Text(), AsText(bad.rows[0][0]), column.type),
                        check->hint);
        }
    }
}

bool NeedValueCheck(const std::vector<Column>& columns) {
    return std::any_of(columns.begin(), columns.end(),
                       [](const Column& column) { return CheckFor(column).has_value(); });
}

bool Widens(const std::string& from, const std::string& to) {
    if (from == "FLOAT" && to == "DOUBLE") {
        return true;
    }
    int from_signed = Position(kSigned, from), to_signed = Position(kSigned, to);
    int from_unsigned = Position(kUnsigned, from), to_unsigned = Position(kUnsigned, to);
    return (from_signed >= 0 && from_signed < to_signed) || (from_unsigned >= 0 && from_unsigned < to_unsigned) ||
           (from_unsigned >= 0 && from_unsigned < to_signed);
}

} // namespace freshet
