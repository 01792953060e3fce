#include "bind/session_scope.hpp"

#include "base/caseless.hpp"
#include "base/error.hpp"
#include "bind/lexical.hpp"

#include <duckdb/parser/parser.hpp>
#include <duckdb/parser/statement/set_statement.hpp>

namespace freshet {

namespace {

/// Whatever can't be told from 'ASC' is.
bool IsDescending(const duckdb::SetStatement& set) {
    bool variable = set.scope == duckdb::SetScope::VARIABLE;
    if (variable || Lower(set.name) != "default_order" || set.set_type != duckdb::SetType::SET) {
        return false;
    }
    std::string value = Lower(set.Cast<duckdb::SetVariableStatement>().value->ToString());
    return value != "'asc'" && value != "'ascending'";
}

bool BeginsAsSetting(const std::string& text) {
    size_t begin = SkipBlanks(text, 0);
    size_t end = begin < text.size() ? NextStretch(text, begin).end : begin;
    std::string word = Lower(text.substr(begin, end - begin));
    return word == "set" || word == "reset" || word == "pragma";
}

} // namespace

std::string ForSessionAlone(const Excerpt& statement, const std::set<std::string>& settings) {
    if (!BeginsAsSetting(statement.text)) { // large ones need not be parsed once more
        return statement.text;
    }
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
    if (!for_all || settings.count(Lower(set.name)) == 0) {
        return statement.text;
    }
    set.scope = duckdb::SetScope::SESSION;
    return set.ToString();
}

} // namespace freshet
