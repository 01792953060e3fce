#pragma once

#include "base/identifier.hpp"
#include "bind/statement.hpp"
#include "lake/session.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

enum class ObjectKind { DynamicTable, View, Macro };

/// "dynamic table", "view", "macro"
std::string KindText(ObjectKind kind);

/// A table, view or function that a text names, not yet looked up. Names of CTEs are none.
struct Reference {
    std::optional<std::string> schema;
    std::string name;
    size_t offset = 0; ///< in the Source
    size_t length = 0;
};

/// A statement of a project's model: what it makes and what it names.
struct ModelStatement {
    ObjectKind kind = ObjectKind::DynamicTable;
    std::optional<GivenName> name;         ///< nothing: a bare query
    std::optional<CreateStatement> create; ///< of CREATE DYNAMIC TABLE
    Excerpt body;                          ///< the query; of a view or macro the statement
    std::vector<Reference> references;
};

/// Parses without a lake: nothing is looked up. Throws Error with the place: Syntax, NotAModel for anything but CREATE
/// DYNAMIC TABLE, CREATE VIEW, CREATE MACRO or a query.
ModelStatement ParseModelStatement(const Excerpt& statement, const Source& source);

/// Options as a header gives them, "TARGET_LAG = '5 minutes', TAG = 'x'". Throws Error with the place.
TableOptions ParseOptions(const Excerpt& text, const Source& source);

/// The text of a CREATE VIEW or CREATE MACRO statement that is the same for statements that mean the same object,
/// whatever the name's qualification, OR REPLACE, blanks and comments.
std::string CanonicalText(const std::string& statement);

/// A canonical text as CREATE OR REPLACE.
std::string ReplacingText(const std::string& canonical);
/// What drops a view or macro that has this canonical text.
std::string DropText(ObjectKind kind, const TableName& name, const std::string& canonical);

/// The CREATE statement of a view or macro of the lake as its catalog has it; nothing if there is none.
std::optional<std::string> StoredObject(Session& session, ObjectKind kind, const TableName& name);

/// What CurrentSearchPath() gives where these schemas of the lake are the search path.
std::string SearchPathOf(const std::vector<std::string>& schemas);

/// The schemas of the lake that such a text names, in their order.
std::vector<std::string> SchemasOf(const std::string& search_path);

/// Runs statements with these schemas of the lake as the session's search path.
void QueryAlong(Session& session, const std::string& search_path, const std::string& sql);

} // namespace freshet
