#pragma once

#include "lake/catalog.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>
#include <memory>
#include <string>
#include <unistd.h>

namespace freshet {

/// Environment variable with a libpq connection string to a database whose user may create databases.
inline constexpr const char* kTestPostgres = "FRESHET_TEST_POSTGRES";

/// A lake in a folder of its own that goes away with it. Inlining is off until SetInlining().
class TestLake {
public:
    explicit TestLake(CatalogKind kind) : kind_(kind) {
        static int made = 0;
        name_ = fmt::format("freshet_test_{}_{}", getpid(), made++);
        folder_ = std::filesystem::temp_directory_path() / name_;
        std::filesystem::create_directories(folder_);
        LakeOptions options;
        options.kind = kind;
        options.catalog = MakeCatalog();
        options.data_path = (folder_ / "data").string();
        options.threads = 2;
        options.create = true;
        engine_ = Engine::Open(options);
        session_ = engine_->NewSession();
    }

    ~TestLake() {
        session_.reset();
        engine_.reset();
        if (kind_ == CatalogKind::Postgres) {
            Administer("DROP DATABASE " + name_ + " WITH (FORCE)");
        }
        std::error_code ignored;
        std::filesystem::remove_all(folder_, ignored);
    }

    TestLake(const TestLake&) = delete;
    TestLake& operator=(const TestLake&) = delete;

    /// Why lakes of this kind can't be made here; empty if they can.
    static std::string Unavailable(CatalogKind kind) {
        return kind == CatalogKind::Postgres && std::getenv(kTestPostgres) == nullptr
                   ? fmt::format("{} names no PostgreSQL server", kTestPostgres)
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
    std::string MakeCatalog() {
        if (kind_ != CatalogKind::Postgres) {
            return (folder_ / "catalog").string();
        }
        Administer("CREATE DATABASE " + name_);
        return std::string(std::getenv(kTestPostgres)) + " dbname=" + name_;
    }

    static void Administer(const std::string& sql) {
        std::unique_ptr<PGconn, void (*)(PGconn*)> connection(PQconnectdb(std::getenv(kTestPostgres)), PQfinish);
        std::unique_ptr<PGresult, void (*)(PGresult*)> result(PQexec(connection.get(), sql.c_str()), PQclear);
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK) {
            ADD_FAILURE() << PQerrorMessage(connection.get());
        }
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
