#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/json_text.hpp"
#include "cli/project_files.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>

namespace freshet {

namespace {

namespace fs = std::filesystem;

[[noreturn]] void FailToWrite(const fs::path& path, const std::string& problem) {
    throw Error(Code::FileUnreadable, fmt::format("{} can't be written: {}", path.string(), problem));
}

/// False, and nothing written, if something of that name is there.
bool WriteNewFile(const fs::path& path, const std::string& text) {
    constexpr mode_t kPermissions = 0666; // less what umask takes away
    int file = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL, kPermissions);
    if (file < 0 && errno == EEXIST) {
        return false;
    }
    bool written = file >= 0 && write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    std::string problem = written ? "" : std::strerror(errno);
    if (file >= 0 && close(file) != 0 && written) {
        written = false, problem = std::strerror(errno);
    }
    if (!written) {
        FailToWrite(path, problem);
    }
    return true;
}

void MakeFolder(const fs::path& folder) {
    std::error_code problem;
    fs::create_directories(folder, problem);
    if (problem || !fs::is_directory(folder)) {
        FailToWrite(folder, problem ? problem.message() : "it is not a folder");
    }
}

/// As a shell takes it.
std::string ShellWord(const std::string& text) {
    constexpr const char* kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    if (text.find_first_not_of(kPlain) == std::string::npos && !text.starts_with('-')) {
        return text;
    }
    std::string quoted = text.starts_with('-') ? "-- '" : "'";
    for (char c : text) {
        quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    }
    return quoted + "'";
}

struct InitOptions : CommandOptions {
    std::optional<std::string> directory;

    int Run(Invocation& invocation) const {
        fs::path folder = fs::path(directory.value_or("."));
        std::vector<std::string> created, kept;
        for (const auto& file : ProjectFiles()) {
            fs::path path = folder / file.path;
            MakeFolder(path.parent_path().empty() ? "." : path.parent_path());
            (WriteNewFile(path, file.text) ? created : kept).push_back(file.path);
        }
        Show(invocation, created, kept);
        return 0;
    }

private:
    void Show(Invocation& invocation, const std::vector<std::string>& created,
              const std::vector<std::string>& kept) const {
        if (invocation.Options().json) {
            invocation.Out().Line(ListsJson({{"created", created}, {"kept", kept}}));
            return;
        }
        for (const auto& path : created) {
            invocation.Out().Line("created  " + path);
        }
        for (const auto& path : kept) {
            invocation.Out().Line("kept     " + path + "  (it was there before)");
        }
        std::string enter = directory.value_or("").empty() ? "" : "cd " + ShellWord(*directory) + " && ";
        invocation.Note("\nnext:\n  " + enter +
                        "freshet sql -f seed.sql && freshet apply && freshet sql 'FROM daily_revenue LIMIT 5'");
    }
};

} // namespace

void RegisterInit(CommandTree& tree) {
    tree.Add<InitOptions>("init", "a project that runs: freshet.yml, models/, a first example",
                          [](Arguments& arguments, InitOptions& options) {
                              arguments.Text("DIR", options.directory, "folder of the project (default: this one)");
                          });
}

} // namespace freshet
