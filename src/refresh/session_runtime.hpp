#pragma once

#include "delta/runtime.hpp"
#include "lake/session.hpp"

#include <functional>
#include <string>
#include <vector>

namespace freshet {

/// Runs the delta rules' statements in a session, inside the refresh's read transaction. Remembers the TEMP tables, so
/// that they can be dropped, and the SQL, for explain. Not thread-safe.
class SessionRuntime : public delta::Runtime {
public:
    explicit SessionRuntime(Session& session) : session_(session) {}

    delta::Facts Make(const std::string& name, const std::string& sql, bool weighted,
                      const std::vector<std::string>& null_columns) override;
    std::vector<emit::ValueRange> Ranges(const std::string& table, int64_t rows, const std::string& column,
                                         const std::string& type) override;
    /// Drops every TEMP table made so far. Never throws.
    void DropTables() noexcept;
    /// Those tables, as generated SQL names them.
    const std::vector<std::string>& Tables() const { return tables_; }
    /// The statements in order, as they ran.
    const std::vector<std::string>& Statements() const { return statements_; }

    /// What it makes of the query for a TEMP table runs in its place, in every session. For tests that break rules on
    /// purpose, to see that this is noticed; nothing else sets it, and it is not thread-safe.
    using Rewrite = std::function<std::string(const std::string& name, const std::string& sql)>;
    static void RewriteStatements(Rewrite rewrite);

private:
    void LookInto(const std::string& name, bool weighted, const std::vector<std::string>& null_columns,
                  delta::Facts& facts);

    Session& session_;
    std::vector<std::string> tables_;
    std::vector<std::string> statements_;
};

} // namespace freshet
