#include "lake/spill_folder.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <random>
#include <regex>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace freshet {

namespace {

namespace fs = std::filesystem;

fs::path FolderOf(const fs::path& lock) {
    fs::path folder = lock;
    return folder.replace_extension();
}

std::string NewName() {
    std::random_device random;
    return fmt::format("freshet_{}_{:08x}", getpid(), random());
}

/// The folder may be shared with other programs.
bool IsOurLock(const fs::path& path) {
    static const std::regex ours(R"(freshet_\d+_[0-9a-f]{8}\.lock)");
    return std::regex_match(path.filename().string(), ours);
}

/// A descriptor that holds the lock of this file; -1 if another process has it, or it can't be opened.
int Lock(const fs::path& path, int flags) {
    int file = open(path.c_str(), O_RDWR | O_CLOEXEC | flags, 0600);
    struct stat state = {};
    bool locked = file >= 0 && flock(file, LOCK_EX | LOCK_NB) == 0;
    if (locked && fstat(file, &state) == 0 && state.st_nlink > 0) { // nobody has removed it meanwhile
        return file;
    }
    if (file >= 0) {
        close(file);
    }
    if (file >= 0 && (flags & O_CREAT) != 0) { // there are file systems without locks
        unlink(path.c_str());
    }
    return -1;
}

void Remove(const fs::path& lock_path, int lock) {
    std::error_code ignored;
    fs::remove_all(FolderOf(lock_path), ignored);
    fs::remove(lock_path, ignored);
    close(lock);
}

/// Nobody holds the locks of processes that are gone.
void RemoveAbandoned(const fs::path& base) {
    for (const auto& entry : fs::directory_iterator(base)) {
        int lock = IsOurLock(entry.path()) ? Lock(entry.path(), 0) : -1;
        if (lock >= 0) {
            Remove(entry.path(), lock);
        }
    }
}

} // namespace

SpillFolder::SpillFolder(const fs::path& base) noexcept {
    constexpr int kAttempts = 10;
    try {
        path_ = base / NewName();
        fs::create_directories(base);
        RemoveAbandoned(base);
        for (int attempt = 0; attempt < kAttempts && lock_ < 0; attempt++) {
            path_ = base / NewName();
            lock_path_ = path_;
            lock_path_ += ".lock";
            lock_ = Lock(lock_path_, O_CREAT | O_EXCL);
        }
    } catch (const std::exception&) { // it can't be written
    }
}

SpillFolder::~SpillFolder() {
    if (lock_ >= 0) {
        Remove(lock_path_, lock_);
    }
}

} // namespace freshet
