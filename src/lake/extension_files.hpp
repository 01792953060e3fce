#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace freshet {

/// Folder with the extension files: beside the engine library or above it, else beside the executable.
/// Throws Error EngineMismatch if there is none.
std::filesystem::path ExtensionFolder();

/// What an extension file's footer says, read without loading it.
struct ExtensionFile {
    std::filesystem::path path;
    std::string version;        ///< the extension's own, for example "d8a1881e"
    std::string engine_version; ///< of DuckDB that it was built for, for example "v1.5.5"; empty: any
    std::string platform;       ///< "linux_amd64"
};
/// Nothing if there is no such file or it has no footer.
std::optional<ExtensionFile> ReadExtensionFile(const std::string& name);

} // namespace freshet
