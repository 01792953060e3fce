#pragma once

#include "service/demo_subject.hpp"

#include <filesystem>

namespace freshet {

/// The OpenFlights files as they are published, uncleaned: routes come in batches, airports and airlines are corrected
/// and withdrawn, an airline analyst's tables follow. The folder is read in place.
class FlightsDemo : public DemoSubject {
public:
    /// What the folder must have.
    static constexpr const char* kFiles[] = {"airports.csv", "airlines.csv", "planes.csv", "routes.csv"};

    FlightsDemo(std::filesystem::path folder, int64_t batches) : folder_(std::move(folder)), batches_(batches) {}

    std::vector<std::string> Load(DemoLake& lake) override;
    std::vector<DemoTable> Tables(DemoLake& lake) override;
    DemoChange Round(int64_t number) const override;

private:
    std::string File(const std::string& name, const std::string& columns) const;
    std::string Routes(int64_t batch) const;

    std::filesystem::path folder_;
    int64_t batches_; ///< in which the routes come; the first one is there before round 1
};

} // namespace freshet
