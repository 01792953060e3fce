#pragma once

#include "service/demo_lake.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace freshet {

/// A dynamic table that a demo makes.
struct DemoTable {
    std::string name;
    std::string query;
};

/// What happens to the sources in one round. Each element of `commits` becomes one snapshot of the lake.
struct DemoChange {
    std::string title;
    std::vector<std::vector<std::string>> commits;
};

/// What one demo is about: its sources, its dynamic tables and what happens to the sources. The same arguments give the
/// same content, always.
class DemoSubject {
public:
    virtual ~DemoSubject() = default;

    /// DuckDB extensions that it needs.
    virtual std::vector<std::string> Extensions() const { return {}; }
    /// Makes and fills the source tables. Returns what is worth knowing of the data.
    virtual std::vector<std::string> Load(DemoLake& lake) = 0;
    /// Parents before children.
    virtual std::vector<DemoTable> Tables(DemoLake& lake) = 0;
    /// Rounds count from 1.
    virtual DemoChange Round(int64_t number) const = 0;
};

} // namespace freshet
