#include "cli/pager.hpp"

#include "cli/interrupt.hpp"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <string_view>

namespace freshet {

namespace {

bool IsInstalled(const std::string& program) {
    const char* path = std::getenv("PATH");
    std::istringstream folders(path == nullptr ? "" : path);
    std::error_code problem;
    for (std::string folder; std::getline(folders, folder, ':');) {
        if (std::filesystem::exists(folder + "/" + program, problem)) {
            return true;
        }
    }
    return false;
}

/// The command; empty: no pager.
std::string PagerCommand() {
    const char* terminal = std::getenv("TERM");
    if (terminal == nullptr || std::string_view(terminal) == "dumb") {
        return "";
    }
    if (const char* wanted = std::getenv("PAGER")) {
        return std::string_view(wanted) == "cat" ? "" : wanted;
    }
    return IsInstalled("less") ? "less" : "";
}

} // namespace

bool ShowInPager(const std::string& text) {
    std::string command = PagerCommand();
    if (command.empty()) {
        return false;
    }
    setenv("LESS", "FRSX", 0); // long lines are cut, not wrapped; what fits is just printed
    RepeatedInterrupts ignored([] {});
    std::fflush(stdout);
    std::FILE* pager = popen(command.c_str(), "w");
    if (pager == nullptr) {
        return false;
    }
    std::fwrite(text.data(), 1, text.size(), pager); // a pager that was left early wants no more
    constexpr int kNotFound = 127 << 8;              // of the shell's
    return pclose(pager) != kNotFound;
}

} // namespace freshet
