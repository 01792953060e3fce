#pragma once

#include "lake/session.hpp"

#include <filesystem>
#include <gtest/gtest.h>
#include <unistd.h>

namespace freshet {

/// A lake in a folder of its own, gone with the test.
class SmallLake : public testing::Test {
protected:
    explicit SmallLake(std::vector<std::string> extensions = {}) {
        std::string pattern = (std::filesystem::temp_directory_path() / "freshet_bind_XXXXXX").string();
        folder_ = mkdtemp(pattern.data());
        LakeOptions options;
        options.kind = CatalogKind::DuckDbFile;
        options.catalog = folder_ / "lake.ducklake";
        options.data_path = (folder_ / "data").string() + "/";
        options.create = true;
        options.extensions = std::move(extensions);
        engine_ = Engine::Open(options);
        session_ = engine_->NewSession();
    }
    ~SmallLake() override {
        session_.reset();
        engine_.reset();
        std::filesystem::remove_all(folder_);
    }

    Session& S() { return *session_; }
    void Run(const std::string& sql) { session_->Query(sql); }

    std::filesystem::path folder_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Session> session_;
};

/// With what makes the tables of TPC-H and TPC-DS.
class BenchmarkLake : public SmallLake {
protected:
    BenchmarkLake() : SmallLake({"tpch", "tpcds"}) {}

    /// Makes the empty tables of a benchmark in the lake: "CALL dbgen(sf = 0)".
    void MakeTables(const std::string& generate) {
        Run("USE memory; " + generate + "; USE lake");
        auto tables = S().Query("SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory'");
        for (const auto& row : tables.rows) {
            Run("CREATE TABLE " + AsText(row[0]) + " AS FROM memory.main." + AsText(row[0]));
        }
    }
};

} // namespace freshet
