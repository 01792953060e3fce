#pragma once

#include "bind/statement.hpp"
#include "service/service.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>
#include <vector>

namespace freshet {

/// A service on a lake (SQLite) in a folder of its own, with one SQL session.
class TestService {
public:
    explicit TestService(CatalogKind kind = CatalogKind::Sqlite) {
        static int made = 0;
        folder_ = std::filesystem::temp_directory_path() / fmt::format("freshet_service_{}_{}", getpid(), made++);
        std::filesystem::create_directories(folder_);
        options_.lake.kind = kind;
        options_.lake.catalog = (folder_ / "lake.catalog").string();
        options_.lake.data_path = (folder_ / "data").string();
        options_.lake.threads = 2;
        options_.lake.create = true;
        options_.state.address = "sqlite:" + (folder_ / "state.sqlite").string();
        options_.state.create = true;
        Reopen();
    }
    ~TestService() {
        session_.reset();
        service_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    /// As a new process would.
    void Reopen() {
        session_.reset();
        service_.reset();
        service_ = Service::Open(options_);
        session_ = service_->NewSession();
    }
    void LoseStateStore() {
        session_.reset();
        service_.reset();
        std::filesystem::remove(folder_ / "state.sqlite");
        std::filesystem::remove(folder_ / "state.sqlite-wal");
        std::filesystem::remove(folder_ / "state.sqlite-shm");
        Reopen();
    }

    Service& Get() { return *service_; }
    const ServiceOptions& Options() const { return options_; }

    /// Runs all statements; returns the last one's result.
    StatementResult Run(const std::string& sql) { return RunIn(*session_, sql); }
    static StatementResult RunIn(SqlSession& session, const std::string& sql) {
        Source source{"", sql};
        StatementResult result;
        for (const auto& statement : SplitStatements(sql)) {
            result = session.Execute(statement, source);
        }
        return result;
    }

    /// The code of the error that the statements end with; fails the test if there is none.
    Code ErrorOf(const std::string& sql) {
        try {
            Run(sql);
        } catch (const Error& error) {
            last_error_ = error.Message();
            return error.GetCode();
        }
        ADD_FAILURE() << "no error from: " << sql;
        return Code::Defect;
    }
    const std::string& LastError() const { return last_error_; }

    int64_t Number(const std::string& sql) { return AsInt(Run(sql).rows.at(0).at(0)); }
    std::string Text(const std::string& sql) { return AsText(Run(sql).rows.at(0).at(0)); }

    /// Refreshes one table by name and returns its entry; fails the test if the content is not the query's at the
    /// reported snapshot.
    RefreshEntry Refresh(const std::string& name, bool full = false) {
        RefreshRequest request;
        request.names = {name};
        request.full = full;
        auto entries = service_->Refresh(request);
        Check(name);
        return entries.back();
    }

    /// The content equals the definition over today's tables (views and all), both ways.
    void Check(const std::string& name) {
        std::string query = service_->Describe(name).definition;
        EXPECT_EQ(Number(fmt::format("SELECT count(*) FROM (FROM {} EXCEPT ALL ({}))", name, query)), 0) << name;
        EXPECT_EQ(Number(fmt::format("SELECT count(*) FROM (({}) EXCEPT ALL FROM {})", query, name)), 0) << name;
        auto entries = service_->Verify({{name}, false, false, {}});
        EXPECT_TRUE(entries.at(0).Good()) << name << " " << entries[0].missing << " " << entries[0].extra
                                          << (entries[0].error ? entries[0].error->Message() : "");
    }

    /// Number of lake snapshots so far: tells whether something was committed.
    int64_t Newest() { return Number("SELECT id::BIGINT FROM lake.current_snapshot() AS s(id)"); }

private:
    std::filesystem::path folder_;
    ServiceOptions options_;
    std::unique_ptr<Service> service_;
    std::unique_ptr<SqlSession> session_;
    std::string last_error_;
};

} // namespace freshet
