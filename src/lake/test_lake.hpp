#pragma once

#include "lake/catalog.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <memory>
#include <string>
#include <unistd.h>

namespace freshet {

/// A lake in a folder of its own that goes away with it. Inlining is off until SetInlining().
class TestLake {
public:
    explicit TestLake(CatalogKind kind) : kind_(kind) {
        static int made = 0;
        name_ = fmt::format("freshet_lake_{}_{}", getpid(), made++);
        folder_ = std::filesystem::temp_directory_path() / name_;
        std::filesystem::create_directories(folder_);
        LakeOptions options;
        options.kind = kind;
        options.catalog = (folder_ / "catalog").string();
        if (kind == CatalogKind::Postgres) {
            options.catalog = fmt::format("{} dbname={}", Server(), name_);
            options.setup = Administer("CREATE DATABASE " + name_);
        }
        // Readers of files may take a folder name=value for a column.
        options.data_path = (folder_ / "pos=3" / "_ducklake_internal_snapshot_id=999").string();
        options.threads = 2;
        options.create = true;
        engine_ = Engine::Open(options);
        session_ = engine_->NewSession();
    }

    ~TestLake() {
        if (kind_ == CatalogKind::Postgres) {
            session_->Rollback();
            session_->Query(fmt::format("USE memory; DETACH {}", kLake));
            for (const std::string& statement : Administer("DROP DATABASE " + name_ + " WITH (FORCE)")) {
                session_->Query(statement);
            }
        }
        session_.reset();
        engine_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    TestLake(const TestLake&) = delete;
    TestLake& operator=(const TestLake&) = delete;

    /// Why lakes of this kind can't be made here; empty if they can.
    static std::string Unavailable(CatalogKind kind) {
        return kind == CatalogKind::Postgres && Server() == nullptr
                   ? "FRESHET_TEST_POSTGRES names no server; run the tests under tools/with_postgres"
                   : "";
    }

    Session& Main() { return *session_; }
    std::unique_ptr<Session> NewSession() { return engine_->NewSession(); }
    Table Run(const std::string& sql) { return session_->Query(sql); }
    int64_t Number(const std::string& sql) { return AsInt(session_->QueryValue(sql)); }
    Snapshot Newest() { return CurrentSnapshot(*session_); }
    /// Runs `sql`; returns the snapshot that is newest afterwards.
    Snapshot After(const std::string& sql) {
        Run(sql);
        return Newest();
    }

    void SetInlining(int rows) { Run(fmt::format("CALL {}.set_option('data_inlining_row_limit', {})", kLake, rows)); }
    void Flush() { Run(fmt::format("CALL ducklake_flush_inlined_data('{}')", kLake)); }
    void Merge() { Run(fmt::format("CALL ducklake_merge_adjacent_files('{}')", kLake)); }
    void Rewrite(const std::string& table) {
        Run(fmt::format("CALL ducklake_rewrite_data_files('{}', '{}', delete_threshold => 0.0)", kLake, table));
    }
    void Expire(Snapshot snapshot) {
        Run(fmt::format("CALL ducklake_expire_snapshots('{}', versions => [{}])", kLake, snapshot));
    }

private:
    static const char* Server() { return std::getenv("FRESHET_TEST_POSTGRES"); }

    /// Statements that have the engine run one on the server itself, outside any transaction.
    static std::vector<std::string> Administer(const std::string& sql) {
        return {fmt::format("ATTACH {} AS server (TYPE postgres)", QuoteLiteral(Server())),
                fmt::format("CALL postgres_execute('server', {}, use_transaction = false)", QuoteLiteral(sql)),
                "DETACH server"};
    }

    CatalogKind kind_;
    std::string name_;
    std::filesystem::path folder_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Session> session_;
};

/// Fixture of tests that hold for every kind of catalog.
class EveryCatalog : public testing::TestWithParam<CatalogKind> {
protected:
    void SetUp() override {
        if (std::string reason = TestLake::Unavailable(GetParam()); !reason.empty()) {
            GTEST_SKIP() << reason;
        }
        lake_ = std::make_unique<TestLake>(GetParam());
    }
    TestLake& Lake() { return *lake_; }

    std::unique_ptr<TestLake> lake_;
};

inline std::string CatalogKindName(const testing::TestParamInfo<CatalogKind>& kind) {
    switch (kind.param) {
    case CatalogKind::DuckDbFile:
        return "DuckDbFile";
    case CatalogKind::Sqlite:
        return "Sqlite";
    case CatalogKind::Postgres:
        return "Postgres";
    }
    return "";
}

inline auto EveryCatalogKind() {
    return testing::Values(CatalogKind::DuckDbFile, CatalogKind::Sqlite, CatalogKind::Postgres);
}

} // namespace freshet
