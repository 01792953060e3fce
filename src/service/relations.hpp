#pragma once

#include "lake/session.hpp"
#include "service/operations.hpp"

#include <string>

namespace freshet {

/// freshet_tables(), freshet_refresh_history([name]) and freshet_graph() as relations of one user's session: TEMP table
/// macros over TEMP tables, which are filled before a statement that mentions them.
class SessionRelations {
public:
    SessionRelations(Session& session, Operations& operations) : session_(session), operations_(operations) {}

    /// Fills what `statement` mentions with today's content.
    void Prepare(const std::string& statement);

    /// Throws NothingMatches if `error` is that of a freshet_refresh_history() for a table that doesn't exist.
    void CheckUnknown(const EngineError& error, const Excerpt& statement, const Source& source) const;

private:
    /// TEMP table __<name>, which the macro reads; its name in SQL.
    std::string Store(const std::string& name, const Table& content);
    void Fill(const std::string& name, const Table& content);
    void FillHistory();

    Session& session_;
    Operations& operations_;
};

} // namespace freshet
