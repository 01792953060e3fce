#pragma once

#include <string>

namespace freshet {

struct Versions {
    std::string program;  ///< "0.1.0"
    std::string duckdb;   ///< of the library in use, "v1.5.5"
    std::string ducklake; ///< of the extension file, or "missing"
};

/// Quick: opens no database and loads no extension.
Versions ReadVersions();

} // namespace freshet
