#include "service/demo_lake.hpp"

#include "service/config.hpp"
#include "state/postgres/temporary_database.hpp"

#include <fmt/format.h>
#include <fstream>
#include <system_error>
#include <unistd.h>

namespace freshet {

namespace fs = std::filesystem;

namespace {

constexpr const char* kPostgres = "postgres:";

std::string FreeName() {
    return fmt::format("freshet_demo_{}_{}", getpid(), Now() % 1000000000);
}

Error FolderError(const fs::path& folder, const std::string& what) {
    return {Code::FileUnreadable, fmt::format("folder {}: {}", folder.string(), what)};
}

void Write(const fs::path& file, const std::string& text) {
    std::ofstream stream(file);
    stream << text;
    stream.close();
    if (!stream) {
        throw FolderError(file.parent_path(), "freshet.yml can't be written");
    }
}

/// As YAML takes any text.
std::string Quoted(const std::string& text) {
    std::string quoted = "'";
    for (char character : text) {
        quoted += character == '\'' ? "''" : std::string(1, character);
    }
    return quoted + "'";
}

} // namespace

DemoLake::DemoLake(const DemoLakeOptions& options) {
    MakeFolder(options);
    try {
        MakeProject(options);
    } catch (...) {
        Discard();
        throw;
    }
}

DemoLake::~DemoLake() {
    Discard();
}

void DemoLake::MakeFolder(const DemoLakeOptions& options) {
    kept_ = options.keep.has_value();
    folder_ = options.keep ? fs::absolute(*options.keep) : fs::temp_directory_path() / FreeName();
    std::error_code problem;
    fs::create_directories(folder_, problem);
    if (problem) {
        throw FolderError(folder_, problem.message());
    }
    if (!fs::is_empty(folder_, problem) || problem) {
        kept_ = true; // what is in it isn't ours
        throw FolderError(folder_, problem ? problem.message() : "it must be empty: the demo makes a lake of its own");
    }
}

/// The project's file holds no secrets: a password is taken from the environment by who uses it later.
void DemoLake::MakeProject(const DemoLakeOptions& options) {
    std::string catalog = options.catalog == "duckdb" ? "duckdb:lake.ducklake" : "sqlite:lake.sqlite";
    std::string with_secrets = catalog;
    if (options.catalog.rfind(kPostgres, 0) == 0) {
        database_ =
            std::make_unique<TemporaryDatabase>(options.catalog.substr(std::string(kPostgres).size()), FreeName());
        catalog = database_->Description();
        with_secrets = kPostgres + database_->Connection();
    }
    Write(folder_ / kConfigurationFile,
          fmt::format("lake:\n    catalog: {}\n    data: lake_data/\nengine: {{ memory_limit: {} }}\n", Quoted(catalog),
                      options.memory_limit));
    ConfigurationRequest request;
    request.directory = folder_;
    request.overrides["lake.catalog"] = with_secrets;
    request.environment = [](const std::string&) { return std::nullopt; }; // it is about the user's own lake
    options_ = LoadConfiguration(request).service;
    options_.lake.create = true;
    options_.state.create = true;
    auto& extensions = options_.lake.extensions;
    extensions.insert(extensions.end(), options.extensions.begin(), options.extensions.end());
    Reopen();
}

void DemoLake::Reopen() {
    session_.reset();
    service_.reset();
    service_ = Service::Open(options_);
    session_ = service_->NewSession();
}

void DemoLake::Discard() noexcept {
    session_.reset();
    service_.reset();
    if (kept_ && database_) {
        database_->Keep();
    }
    database_.reset();
    if (!kept_) {
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }
}

StatementResult DemoLake::Run(const std::string& sql) {
    return session_->Execute({sql, 0}, {"", sql});
}

void DemoLake::RunAtomically(const std::vector<std::string>& statements) {
    Run("BEGIN");
    try {
        for (const auto& statement : statements) {
            Run(statement);
        }
        Run("COMMIT");
    } catch (const Error&) {
        try {
            Run("ROLLBACK");
        } catch (const Error&) {
            // A COMMIT that failed has ended the transaction by itself.
        }
        throw;
    }
}

} // namespace freshet
