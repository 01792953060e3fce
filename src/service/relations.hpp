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

private:
    void Fill(const std::string& name, const Table& content, const std::string& filter_column);

    Session& session_;
    Operations& operations_;
};

} // namespace freshet
