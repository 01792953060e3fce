#pragma once

#include "delta/runtime.hpp"
#include "lake/session.hpp"

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
    /// Drops every TEMP table made so far. Never throws.
    void DropTables() noexcept;
    /// Those tables, as generated SQL names them.
    const std::vector<std::string>& Tables() const { return tables_; }
    /// The statements in order, as they ran.
    const std::vector<std::string>& Statements() const { return statements_; }

private:
    void LookInto(const std::string& name, bool weighted, const std::vector<std::string>& null_columns,
                  delta::Facts& facts);

    Session& session_;
    std::vector<std::string> tables_;
    std::vector<std::string> statements_;
};

} // namespace freshet
