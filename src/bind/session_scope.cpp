#include "bind/session_scope.hpp"

#include "base/error.hpp"

#include <duckdb/common/string_util.hpp>
#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/set_statement.hpp>

namespace freshet {

namespace {

/// Whatever can't be told from 'ASC' is.
bool IsDescending(const duckdb::SetStatement& set) {
    bool variable = set.scope == duckdb::SetScope::VARIABLE;
    if (variable || duckdb::StringUtil::Lower(set.name) != "default_order" || set.set_type != duckdb::SetType::SET) {
        return false;
    }
    std::string value = duckdb::StringUtil::Lower(set.Cast<duckdb::SetVariableStatement>().value->ToString());
    return value != "'asc'" && value != "'ascending'";
}

} // namespace

std::string ForSessionAlone(const Excerpt& statement, const std::set<std::string>& settings) {
    duckdb::Parser parser;
    try {
        parser.ParseQuery(statement.text);
    } catch (const std::exception&) { // running it gives the error
        return statement.text;
    }
    if (parser.statements.size() != 1 || parser.statements[0]->type != duckdb::StatementType::SET_STATEMENT) {
        return statement.text;
    }
    auto& set = parser.statements[0]->Cast<duckdb::SetStatement>();
    if (IsDescending(set)) {
        throw Error(Code::Binding, "default_order can't be DESC where a lake is read: its columns have an order",
                    "write DESC in ORDER BY");
    }
    bool for_all = set.scope == duckdb::SetScope::AUTOMATIC || set.scope == duckdb::SetScope::GLOBAL;
    if (!for_all || settings.count(duckdb::StringUtil::Lower(set.name)) == 0) {
        return statement.text;
    }
    set.scope = duckdb::SetScope::SESSION;
    return set.ToString();
}

} // namespace freshet
