#include "base/identifier.hpp"
#include "base/redact.hpp"
#include "lake/avoided_optimizers.hpp"
#include "lake/engine_functions.hpp"
#include "lake/extension_files.hpp"
#include "lake/query_threads.hpp"
#include "lake/session.hpp"
#include "lake/spill_folder.hpp"

#include <algorithm>
#include <duckdb.hpp>
#include <duckdb/main/valid_checker.hpp>
#include <duckdb/storage/buffer_manager.hpp>
#include <filesystem>
#include <fmt/format.h>
#include <limits>

namespace freshet {

namespace {

namespace fs = std::filesystem;

std::vector<std::string> NeededExtensions(const LakeOptions& options) {
    std::vector<std::string> names = {"json", "icu"};
    if (options.kind == CatalogKind::Sqlite) {
        names.emplace_back("sqlite_scanner");
    } else if (options.kind == CatalogKind::Postgres) {
        names.emplace_back("postgres_scanner");
    }
    names.emplace_back("ducklake");
    if (options.data_path.find("://") != std::string::npos) {
        names.emplace_back("httpfs");
    }
    names.insert(names.end(), options.extensions.begin(), options.extensions.end());
    return names;
}

/// `target`: a file, or the name of one that DuckDB has installed.
void LoadExtension(duckdb::Connection& connection, const std::string& name, const std::string& target) {
    auto result = connection.Query("LOAD " + QuoteLiteral(target));
    if (result->HasError()) {
        throw Error(
            Code::EngineMismatch,
            fmt::format("extension {} can't be loaded: {}", name, Redact(result->GetErrorObject().RawMessage())),
            "library and extensions must be of one DuckDB version: see freshet doctor");
    }
}

/// The engine begins by admitting unsigned extensions, so that the program's own are not hashed at every start: that
/// takes longer than all else that opening a lake needs, and who can change them can change the program. Any other
/// must be signed.
void LoadExtensions(duckdb::Connection& connection, const std::vector<std::string>& names) {
    const fs::path folder = ExtensionFolder();
    std::vector<std::string> others;
    for (const auto& name : names) {
        fs::path file = folder / (name + ".duckdb_extension");
        if (fs::exists(file)) {
            LoadExtension(connection, name, file.string());
        } else {
            others.push_back(name);
        }
    }
    auto result = connection.Query("SET GLOBAL allow_unsigned_extensions = false");
    if (result->HasError()) {
        throw Error(Code::EngineMismatch, "the engine can't be set up: " + Redact(result->GetError()));
    }
    for (const auto& name : others) {
        LoadExtension(connection, name, name);
    }
}

std::string CatalogUri(const LakeOptions& options) {
    switch (options.kind) {
    case CatalogKind::DuckDbFile:
        return "ducklake:" + options.catalog;
    case CatalogKind::Sqlite:
        return "ducklake:sqlite:" + options.catalog;
    case CatalogKind::Postgres:
        return "ducklake:postgres:" + options.catalog;
    }
    throw Error(Code::Defect, "unknown catalog kind");
}

bool Contains(const std::string& text, const char* part) {
    return text.find(part) != std::string::npos;
}

bool LakeFileExists(const LakeOptions& options) {
    return options.kind == CatalogKind::Postgres || fs::exists(options.catalog);
}

constexpr const char* kHeldByAnother = "Could not set lock on file"; // a DuckDB file
constexpr const char* kPasswordSecret = "freshet_catalog";

/// duckdb_secrets() shows no values: that it may is off, and can't be changed in a running instance.
void CreatePasswordSecret(duckdb::Connection& connection, const std::string& password) {
    auto result = connection.Query(
        fmt::format("CREATE SECRET {} (TYPE postgres, PASSWORD {})", kPasswordSecret, QuoteLiteral(password)));
    if (result->HasError()) {
        throw Error(Code::EngineMismatch, "the catalog's password can't be kept: " + Redact(result->GetError()));
    }
}

Error AttachError(const LakeOptions& options, const std::string& raw) {
    std::string message = Redact(raw);
    if (Contains(raw, kHeldByAnother)) {
        return {Code::LakeUnreachable, "the lake's catalog is in use by another process: " + message,
                "a DuckDB file admits one process at a time: wait for it, or keep the lake on SQLite or PostgreSQL"};
    }
    if (Contains(raw, "does not exist") && !options.create) {
        return {Code::LakeMissing, "there is no lake at the configured catalog",
                "freshet sql, create, apply or demo makes one; check \"lake\" in freshet.yml"};
    }
    return {Code::LakeUnreachable, "the lake's catalog can't be opened: " + message,
            "check that the database runs, is reachable and of a version that DuckLake 1.5 reads"};
}

/// DuckLake's queries would find the columns of tables in reverse.
void CheckOrder(duckdb::Connection& connection) {
    auto result = connection.Query("SELECT current_setting('default_order') IN ('ASC', 'ASCENDING')");
    if (!result->HasError() && !result->GetValue(0, 0).GetValue<bool>()) {
        throw Error(Code::BadConfiguration, "a set-up statement sets default_order: a lake's columns have an order",
                    "write DESC in ORDER BY");
    }
}

} // namespace

Engine::Engine(LakeOptions options) : options_(std::move(options)) {}
Engine::~Engine() = default;

std::string Engine::LibraryVersion() {
    return duckdb::DuckDB::LibraryVersion();
}

std::unique_ptr<Engine> Engine::Open(const LakeOptions& options) {
    if (!options.create && !LakeFileExists(options)) {
        throw Error(Code::LakeMissing, "there is no lake at " + options.catalog,
                    "freshet sql, create, apply or demo makes one; check \"lake\" in freshet.yml");
    }
    std::unique_ptr<Engine> engine(new Engine(options));
    engine->Launch();
    return engine;
}

void Engine::Launch() {
    const LakeOptions& options = options_;
    duckdb::DBConfig config;
    config.SetOptionByName("autoinstall_known_extensions", duckdb::Value(false));
    config.SetOptionByName("autoload_known_extensions", duckdb::Value(false));
    config.SetOptionByName("allow_unredacted_secrets", duckdb::Value(false));
    config.SetOptionByName("allow_unsigned_extensions", duckdb::Value(true)); // until LoadExtensions() has run
    if (options.threads > 0) {
        config.SetOptionByName("threads", duckdb::Value::BIGINT(options.threads));
    }
    if (!options.memory_limit.empty()) {
        config.SetOptionByName("memory_limit", duckdb::Value(options.memory_limit));
    }
    auto spill = std::make_shared<SpillFolder>(options.temp_directory.empty() ? fs::temp_directory_path() / "freshet"
                                                                              : fs::path(options.temp_directory));
    config.SetOptionByName("temp_directory", duckdb::Value(spill->Path().string()));
    auto database = std::make_shared<duckdb::DuckDB>(nullptr, &config);
    duckdb::Connection connection(*database);
    const auto extensions = NeededExtensions(options);
    LoadExtensions(connection, extensions);
    RegisterEngineFunctions(*database->instance);
    for (const auto& statement : options.setup) {
        auto result = connection.Query(statement);
        if (result->HasError()) {
            throw Error(Code::BadConfiguration, "set-up statement failed: " + Redact(result->GetError()));
        }
    }
    CheckOrder(connection);
    Attach(connection);
    auto memory = std::make_shared<EngineMemory>();
    if (std::find(extensions.begin(), extensions.end(), "httpfs") == extensions.end()) {
        memory->Get<QueryThreads>().Start(database);
    }
    instance_ = {std::move(spill), std::move(database), std::move(memory)}; // not before: the next session tries again
}

void Engine::Attach(duckdb::Connection& connection) {
    std::string parameters = "DATA_INLINING_ROW_LIMIT 0";
    if (!options_.data_path.empty()) {
        parameters += ", DATA_PATH " + QuoteLiteral(options_.data_path);
    }
    if (options_.kind == CatalogKind::Sqlite && !options_.read_only) {
        parameters += ", META_JOURNAL_MODE 'WAL'";
    }
    if (!options_.password.empty()) {
        CreatePasswordSecret(connection, options_.password);
        parameters += fmt::format(", META_SECRET {}", QuoteLiteral(kPasswordSecret));
    }
    if (!options_.create) {
        parameters += ", CREATE_IF_NOT_EXISTS false";
    }
    if (options_.read_only) {
        parameters += ", READ_ONLY";
    }
    constexpr int kAttempts = 50; // nine seconds: processes that open one file at once, or hold a DuckDB file shortly
    for (int attempt = 1;; attempt++) {
        auto result = connection.Query(
            fmt::format("ATTACH {} AS {} ({})", QuoteLiteral(CatalogUri(options_)), kLake, parameters));
        if (!result->HasError()) {
            break;
        }
        std::string raw = result->GetErrorObject().RawMessage();
        bool busy = Contains(raw, "database is locked") || Contains(raw, kHeldByAnother);
        if (attempt == kAttempts || !busy) {
            throw AttachError(options_, raw);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(20 * std::min(attempt, 10)));
    }
    auto result = connection.Query(fmt::format("SET GLOBAL disabled_optimizers = '{}'", kAvoidedOptimizers));
    if (result->HasError()) {
        throw Error(Code::EngineMismatch, "the engine can't be set up: " + Redact(result->GetError()));
    }
}

std::unique_ptr<Session> Engine::NewSession() {
    std::lock_guard lock(mutex_);
    if (duckdb::ValidChecker::IsInvalidated(*instance_.database->instance)) {
        Launch();
    }
    return std::make_unique<Session>(instance_, options_.kind, options_.tell_progress,
                                     [this](const EngineInstance& old) { return Next(old); });
}

/// Sessions that give up the same instance share the next one.
EngineInstance Engine::Next(const EngineInstance& old) {
    std::lock_guard lock(mutex_);
    if (instance_.database == old.database || duckdb::ValidChecker::IsInvalidated(*instance_.database->instance)) {
        Launch();
    }
    return instance_;
}

MemoryUse Engine::ReadMemoryUse() {
    constexpr duckdb::idx_t kMost = std::numeric_limits<int64_t>::max();
    std::lock_guard lock(mutex_);
    auto& buffers = duckdb::BufferManager::GetBufferManager(*instance_.database->instance);
    MemoryUse use;
    use.limit = static_cast<int64_t>(std::min(buffers.GetMaxMemory(), kMost));
    for (const auto& part : buffers.GetMemoryUsageInfo()) {
        bool cache = part.tag == duckdb::MemoryTag::EXTERNAL_FILE_CACHE || part.tag == duckdb::MemoryTag::OBJECT_CACHE;
        use.used += cache ? 0 : static_cast<int64_t>(part.size);
    }
    return use;
}

} // namespace freshet
