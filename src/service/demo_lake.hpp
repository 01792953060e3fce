#pragma once

#include "service/service.hpp"

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

class TemporaryDatabase;

struct DemoLakeOptions {
    std::string catalog = "sqlite";            ///< sqlite, duckdb, or postgres: and a libpq connection string or URI
    std::optional<std::filesystem::path> keep; ///< folder that stays afterwards; must be empty or new
    std::string memory_limit = "1200MB";       ///< of the engine; the process takes some 300 MB more
    std::vector<std::string> extensions;       ///< loaded besides those of every lake
};

/// A new lake with everything that belongs to it in one folder, and on PostgreSQL a database of its own. Both go away
/// with this object, unless they are to be kept: then the folder is a project that `freshet -C` takes.
class DemoLake {
public:
    /// Throws Error.
    explicit DemoLake(const DemoLakeOptions& options);
    ~DemoLake();
    DemoLake(const DemoLake&) = delete;
    DemoLake& operator=(const DemoLake&) = delete;

    Service& GetService() { return *service_; }
    SqlSession& GetSession() { return *session_; }
    /// For another engine on the same lake; holds secrets. Not of a DuckDB file, which one process opens once.
    const LakeOptions& Lake() const { return options_.lake; }

    /// Opens the lake anew, as another process would. Throws Error, after which it can't be used.
    void Reopen();

    /// One statement of the lake's user.
    StatementResult Run(const std::string& sql);
    /// Several statements as one commit.
    void RunAtomically(const std::vector<std::string>& statements);

private:
    void MakeFolder(const DemoLakeOptions& options);
    void MakeProject(const DemoLakeOptions& options);
    void Discard() noexcept;

    std::filesystem::path folder_;
    bool kept_ = false;
    std::unique_ptr<TemporaryDatabase> database_;
    ServiceOptions options_; ///< that it was opened with
    std::unique_ptr<Service> service_;
    std::unique_ptr<SqlSession> session_;
};

} // namespace freshet
