#pragma once

#include "base/identifier.hpp"
#include "base/table_options.hpp"
#include "bind/source.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace freshet {

/// Cuts at semicolons outside quotes, dollar quotes and comments, before any parsing: a syntax error costs only its own
/// statement. Empty statements are dropped; blanks around a statement too, comments stay.
std::vector<Excerpt> SplitStatements(const std::string& text);

/// Does the text end behind a semicolon, outside quotes and comments? Then a word put after it is a new statement.
bool EndsStatement(const std::string& text);

/// A name as written: unquoted words keep their case. Its catalog was given as `lake` or not at all.
struct GivenName {
    std::optional<std::string> schema;
    std::string name;
    size_t offset = 0; ///< in the Source
    size_t length = 0;
};

struct GivenColumn {
    std::string name;
    size_t offset = 0;
    size_t length = 0;
};

struct CreateStatement {
    bool or_replace = false;
    bool or_alter = false;
    bool if_not_exists = false;
    GivenName name;
    std::vector<GivenColumn> columns; ///< empty: the query's names
    TableOptions options;             ///< target_lag is set
    Excerpt query;                    ///< behind AS, byte for byte
};

struct RefreshStatement {
    bool if_exists = false;
    std::vector<GivenName> names;
    bool full = false;
};

struct SuspendStatement {
    bool if_exists = false;
    GivenName name;
};

struct ResumeStatement {
    bool if_exists = false;
    GivenName name;
};

struct SetOptionsStatement {
    bool if_exists = false;
    GivenName name;
    TableOptions options;
};

struct UnsetOptionsStatement {
    bool if_exists = false;
    GivenName name;
    std::vector<Option> options;
};

struct RenameStatement {
    bool if_exists = false;
    GivenName name;
    GivenName to;
};

struct SwapStatement {
    bool if_exists = false;
    GivenName name;
    GivenName with;
};

struct AlterQueryStatement {
    bool if_exists = false;
    GivenName name;
    Excerpt query;
};

struct DropStatement {
    bool if_exists = false;
    GivenName name;
    bool cascade = false;
};

struct UndropStatement {
    GivenName name;
};

struct ShowStatement {
    std::optional<std::string> like;
};

struct DescribeStatement {
    GivenName name;
};

struct ExplainStatement {
    bool analyze = false;
    GivenName name;
};

struct ExplainCreateStatement {
    bool analyze = false;
    CreateStatement create;
};

struct VerifyStatement {
    GivenName name;
    std::optional<int64_t> version;
};

using Statement = std::variant<CreateStatement, RefreshStatement, SuspendStatement, ResumeStatement,
                               SetOptionsStatement, UnsetOptionsStatement, RenameStatement, SwapStatement,
                               AlterQueryStatement, DropStatement, UndropStatement, ShowStatement, DescribeStatement,
                               ExplainStatement, ExplainCreateStatement, VerifyStatement>;

/// The statement, if it is one of ours; nothing if DuckDB is to run it. Throws Error with the place in `source` for a
/// statement of ours that is wrong.
std::optional<Statement> ParseStatement(const Excerpt& statement, const Source& source);

/// One name that stands alone, as on the command line or in a model's header: "t", "s.t", "lake.s.\"T x\"".
/// Throws Error BadName.
GivenName ParseName(const std::string& text);

} // namespace freshet
