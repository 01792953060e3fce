#pragma once

#include "state/postgres/handles.hpp"
#include "state/store.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>
#include <stdexcept>
#include <string>
#include <unistd.h>

namespace freshet {

/// A place for a state store that exists for one test. For tests only.
class ThrowawayPlace {
public:
    virtual ~ThrowawayPlace() = default;
    virtual std::string Address() const = 0;

    std::unique_ptr<StateStore> Open() const { return OpenStateStore({.address = Address(), .create = true}); }
};

/// "freshet_test_<process>_<number>": tests run side by side.
inline std::string ThrowawayName() {
    static int number = 0;
    return fmt::format("freshet_test_{}_{}", getpid(), ++number);
}

class ThrowawayFile : public ThrowawayPlace {
public:
    ThrowawayFile() { std::filesystem::create_directories(folder_); }
    ~ThrowawayFile() override { std::filesystem::remove_all(folder_); }

    std::filesystem::path Folder() const { return folder_; }
    std::filesystem::path File() const { return folder_ / "new folder" / "state.sqlite"; }
    std::string Address() const override { return "sqlite:" + File().string(); }

private:
    std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ThrowawayName();
};

/// A database on the server that FRESHET_TEST_POSTGRES names.
class ThrowawayDatabase : public ThrowawayPlace {
public:
    static const char* Server() { return std::getenv("FRESHET_TEST_POSTGRES"); }

    ThrowawayDatabase() { Administer("CREATE DATABASE " + name_); }
    ~ThrowawayDatabase() override {
        try {
            Administer(fmt::format("DROP DATABASE IF EXISTS {} WITH (FORCE)", name_));
        } catch (const std::exception&) {
            // The server is a throwaway too.
        }
    }

    const std::string& Name() const { return name_; }
    /// The last dbname in a connection string counts.
    std::string Connection() const { return fmt::format("{} dbname={}", Server(), name_); }
    std::string Address() const override { return "postgres:" + Connection(); }
    void Administer(const std::string& sql) const { Run(Server(), sql); }
    /// Runs a statement in this database, as anybody but Freshet would.
    void Run(const std::string& sql) const { Run(Connection(), sql); }

private:
    static void Run(const std::string& connection, const std::string& sql) {
        postgres::Connection admin(PQconnectdb(connection.c_str()));
        PQsetNoticeProcessor(
            admin.get(), [](void*, const char*) {}, nullptr);
        postgres::Result result(PQexec(admin.get(), sql.c_str()));
        ExecStatusType status = PQresultStatus(result.get());
        if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
            throw std::runtime_error(PQerrorMessage(admin.get()));
        }
    }

    std::string name_ = ThrowawayName();
};

} // namespace freshet
