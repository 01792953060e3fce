#pragma once

#include <cstddef>
#include <functional>
#include <set>
#include <string>
#include <vector>

namespace freshet::selftest {

/// Generated SQL carries marks, which are taken out before it runs: which tables it names, so that they can be read at
/// a version, and which parts may be left out, so that a failing script can be made smaller without parsing SQL.
namespace marked {

/// The data timestamp.
inline constexpr const char* kNow = "now()";
/// The text with that constant, SQL, in place of the data timestamp.
std::string AtMoment(const std::string& text, const std::string& moment);

/// A lake table, by name.
std::string Table(const std::string& name);
/// A part without which the text still means something. May hold others.
std::string Optional(const std::string& text);

/// What stands for a query: a view's name, or a table macro's call. `query` has no parts that may be left out.
std::string Named(const std::string& name, const std::string& query);
/// With no parts that may be left out: none of them is.
std::string Whole(const std::string& text);

/// Fit to run: no marks, tables by their names.
std::string Plain(const std::string& text);
/// No marks; each table is what `written` gives for its name, and a query stands where its name did.
std::string WithTables(const std::string& text, const std::function<std::string(const std::string&)>& written);
/// Names of the tables in it.
std::set<std::string> Tables(const std::string& text);

/// How many parts may be left out.
size_t CountOptional(const std::string& text);
/// Without those parts; they are counted in the order in which they begin.
std::string Without(const std::string& text, const std::set<size_t>& parts);

} // namespace marked

} // namespace freshet::selftest
