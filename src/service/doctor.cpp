#include "service/doctor.hpp"

#include "lake/extension_files.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/lake_state.hpp"
#include "service/service.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <functional>
#include <unistd.h>

namespace freshet {

namespace {

/// Runs a check; what it throws is its finding.
DoctorCheck Check(const std::string& name, const std::function<std::string()>& check) {
    try {
        return {name, true, check(), ""};
    } catch (const Error& error) {
        return {name, false, error.CodeText() + ": " + error.Message(), error.Hint()};
    }
}

std::string Versions(Session& session) {
    std::string text = "DuckDB " + Engine::LibraryVersion();
    Table extensions = session.Query(
        "SELECT extension_name || ' ' || extension_version FROM duckdb_extensions() WHERE loaded ORDER BY 1");
    for (const auto& row : extensions.rows) {
        text += ", " + AsText(row[0]);
    }
    return text;
}

/// A clock of this machine that is behind the lake's newest snapshot, or a state store's that is ahead, makes lags look
/// smaller than they are.
std::string Clock(Session& session, Timestamp store_now) {
    int64_t newest = AsInt(session.QueryValue(fmt::format(
        "SELECT coalesce(max(epoch_us(snapshot_time::TIMESTAMPTZ)), 0) FROM {}", MetadataTable("ducklake_snapshot"))));
    constexpr int64_t kTolerance = 5'000'000;
    if (store_now > Now() + kTolerance) {
        throw Error(Code::StoreUnreachable,
                    fmt::format("the state store's clock is {:.1f} seconds ahead of this machine's",
                                static_cast<double>(store_now - Now()) / 1e6),
                    "it has followed a clock that was ahead, and never goes back: until then lags are shown too short");
    }
    if (newest > Now() + kTolerance) {
        throw Error(Code::LakeUnreachable,
                    fmt::format("the lake's newest snapshot is {:.1f} seconds in the future",
                                static_cast<double>(newest - Now()) / 1e6),
                    "synchronize this machine's clock, and those of the lake's writers");
    }
    return "not behind the lake's newest snapshot";
}

std::string Definitions(Session& session) {
    Registry registry = ReadRegistry(session);
    Dependencies dependencies = Dependencies::OfAll(session, registry);
    for (const auto& table : registry.Tables()) {
        const TableNode& node = dependencies.At(table.id);
        try {
            if (node.error) {
                throw Error(*node.error);
            }
            ApplySettings(session, table.settings);
            BindDefinition(session, *node.definition, {table.definition, 0}, DefinitionSource(table));
        } catch (const Error& error) {
            throw Error(error.GetCode(), table.name.Text() + ": " + error.Message(), error.Hint());
        }
    }
    return fmt::format("{} dynamic tables, all bind", registry.Tables().size());
}

/// Each file must be built for this very library: DuckDB's own check comes only when it is loaded.
std::string ExtensionFiles(const LakeOptions& lake) {
    std::vector<std::string> names = {"ducklake", "json", "icu"};
    if (lake.kind != CatalogKind::DuckDbFile) {
        names.emplace_back(lake.kind == CatalogKind::Sqlite ? "sqlite_scanner" : "postgres_scanner");
    }
    for (const auto& name : names) {
        auto file = ReadExtensionFile(name);
        if (!file) {
            throw Error(Code::EngineMismatch, fmt::format("extension {} is missing", name),
                        "build or install Freshet again");
        }
        if (!file->engine_version.empty() && file->engine_version != Engine::LibraryVersion()) {
            throw Error(Code::EngineMismatch,
                        fmt::format("extension {} is for DuckDB {}, the library is {}", name, file->engine_version,
                                    Engine::LibraryVersion()),
                        "library and extensions must be of one version to the letter: install them together");
        }
    }
    return fmt::format("{} in {}", fmt::join(names, ", "), ExtensionFolder().string());
}

/// A folder that is still to be made is as good as the folder that it will be made in.
std::string DataPath(const LakeOptions& lake) {
    if (lake.data_path.empty()) {
        return "as the catalog records it";
    }
    if (lake.data_path.find("://") != std::string::npos) {
        return lake.data_path + " (object storage: writing is not tried)";
    }
    std::filesystem::path folder = lake.data_path;
    std::error_code problem;
    while (!std::filesystem::exists(folder, problem) && folder.has_relative_path()) {
        folder = folder.parent_path();
    }
    if (!std::filesystem::is_directory(folder, problem) || access(folder.c_str(), W_OK | X_OK) != 0) {
        throw Error(Code::LakeReadOnly, folder.string() + " is not a folder that can be written",
                    "correct lake.data in freshet.yml, or the folder's permissions");
    }
    return lake.data_path;
}

std::vector<DoctorCheck> DiagnoseOpening(const ServiceOptions& options) {
    try {
        return Service::Open(options)->Doctor();
    } catch (const Error& error) {
        bool store = error.GetCode() == Code::StoreUnreachable || error.GetCode() == Code::StoreVersion ||
                     error.GetCode() == Code::StoreOfAnotherLake;
        return {{store ? "state store" : "lake", false, error.CodeText() + ": " + error.Message(), error.Hint()}};
    }
}

} // namespace

std::vector<DoctorCheck> CheckOpened(Operations& operations) {
    std::vector<DoctorCheck> checks;
    checks.push_back(Check("engine", [&] { return Versions(*operations.OpenSession()); }));
    checks.push_back(
        Check("lake", [&] { return fmt::format("snapshot {}", CurrentSnapshot(*operations.OpenSession())); }));
    checks.push_back(Check("state store", [&] { return operations.Books().Describe(); }));
    checks.push_back(Check("clock", [&] { return Clock(*operations.OpenSession(), operations.Books().Now()); }));
    checks.push_back(Check("definitions", [&] { return Definitions(*operations.OpenSession()); }));
    return checks;
}

std::vector<DoctorCheck> Diagnose(const ServiceOptions& options) {
    std::vector<DoctorCheck> checks = {Check("extensions", [&] { return ExtensionFiles(options.lake); }),
                                       Check("data path", [&] { return DataPath(options.lake); })};
    std::vector<DoctorCheck> opened = DiagnoseOpening(options);
    checks.insert(checks.end(), opened.begin(), opened.end());
    return checks;
}

} // namespace freshet
