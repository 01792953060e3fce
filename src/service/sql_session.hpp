#pragma once

#include "service/operations.hpp"
#include "service/relations.hpp"
#include "service/service.hpp"

namespace freshet {

/// The one implementation of SqlSession.
class LakeSqlSession : public SqlSession {
public:
    explicit LakeSqlSession(Operations& operations)
        : operations_(operations), session_(operations.OpenUserSession()), relations_(*session_, operations) {}

    StatementResult Execute(const Excerpt& statement, const Source& source) override;
    void Interrupt() override { session_->Interrupt(); }

    Session& GetSession() { return *session_; }

private:
    StatementResult RunInEngine(const Excerpt& statement, const Source& source);
    void LoadSchemas();
    Table QueryPatiently(const std::string& sql);

    Operations& operations_;
    std::shared_ptr<Session> session_;
    SessionRelations relations_;
};

} // namespace freshet
