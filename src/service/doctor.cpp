#include "service/doctor.hpp"

#include "refresh/dependencies.hpp"
#include "refresh/lake_state.hpp"
#include "service/service.hpp"

#include <cstdlib>
#include <fmt/format.h>
#include <functional>

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

/// Difference between this machine's clock and the newest snapshot's time: a clock behind the lake's would make lags
/// look smaller than they are.
std::string Clock(Session& session) {
    int64_t newest = AsInt(session.QueryValue(
        fmt::format("SELECT coalesce(max(epoch_us(snapshot_time::TIMESTAMPTZ)), 0) FROM {}", MetadataTable("ducklake_snapshot"))));
    constexpr int64_t kTolerance = 5'000'000;
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
        if (const auto& error = dependencies.At(table.id).error) {
            throw Error(error->GetCode(), table.name.Text() + ": " + error->Message(), error->Hint());
        }
    }
    return fmt::format("{} dynamic tables, all bind", registry.Tables().size());
}

} // namespace

std::vector<DoctorCheck> CheckOpened(Operations& operations) {
    std::vector<DoctorCheck> checks;
    checks.push_back(Check("engine", [&] { return Versions(*operations.OpenSession()); }));
    checks.push_back(
        Check("lake", [&] { return fmt::format("snapshot {}", CurrentSnapshot(*operations.OpenSession())); }));
    checks.push_back(Check("state store", [&] { return operations.Books().Describe(); }));
    checks.push_back(Check("clock", [&] { return Clock(*operations.OpenSession()); }));
    checks.push_back(Check("definitions", [&] { return Definitions(*operations.OpenSession()); }));
    return checks;
}

std::vector<DoctorCheck> Diagnose(const ServiceOptions& options) {
    try {
        return Service::Open(options)->Doctor();
    } catch (const Error& error) {
        bool store = error.GetCode() == Code::StoreUnreachable || error.GetCode() == Code::StoreVersion ||
                     error.GetCode() == Code::StoreOfAnotherLake;
        return {{store ? "state store" : "lake", false, error.CodeText() + ": " + error.Message(), error.Hint()}};
    }
}

} // namespace freshet
