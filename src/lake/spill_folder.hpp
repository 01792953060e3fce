#pragma once

#include <filesystem>

namespace freshet {

/// A folder of its own for what one DuckDB instance spills: DuckDB names the files only by size and number and takes no
/// lock, so that two instances in one folder overwrite each other's rows, without an error. Goes away with this object;
/// what a killed process left goes when the next one comes.
class SpillFolder {
public:
    /// Below `base`, which is made if it isn't there. Never throws: where nothing can be made, DuckDB says so once it
    /// spills.
    explicit SpillFolder(const std::filesystem::path& base) noexcept;
    ~SpillFolder();
    SpillFolder(const SpillFolder&) = delete;
    SpillFolder& operator=(const SpillFolder&) = delete;

    /// DuckDB makes it when it first spills.
    const std::filesystem::path& Path() const { return path_; }

private:
    std::filesystem::path path_;
    std::filesystem::path lock_path_;
    int lock_ = -1; ///< held as long as the folder is used
};

} // namespace freshet
