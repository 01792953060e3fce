#include "service/process_identity.hpp"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <optional>
#include <sstream>
#include <system_error>
#include <unistd.h>

namespace freshet {

namespace {

/// Field 22 of /proc/<id>/stat; the second one, the command, may hold anything, blanks and parentheses too.
std::optional<int64_t> StartOf(int64_t process) {
    std::ifstream file(fmt::format("/proc/{}/stat", process));
    std::string text((std::istreambuf_iterator<char>(file)), {});
    size_t end = text.rfind(')');
    if (end == std::string::npos) {
        return {};
    }
    std::istringstream fields(text.substr(end + 1));
    std::string field;
    for (int number = 3; number <= 22; number++) {
        fields >> field;
        if (number == 3 && (field == "Z" || field == "X")) {
            return {}; // ended, and not yet waited for
        }
    }
    return fields ? std::optional<int64_t>(std::stoll(field)) : std::nullopt;
}

std::string HostIdentity() {
    std::string boot;
    std::ifstream("/proc/sys/kernel/random/boot_id") >> boot;
    std::error_code problem;
    std::string space = std::filesystem::read_symlink("/proc/self/ns/pid", problem).string();
    return boot.empty() || problem ? "" : boot + " " + space;
}

} // namespace

ProcessIdentity OwnIdentity() {
    ProcessIdentity identity;
    identity.host = HostIdentity();
    identity.process = getpid();
    identity.started = StartOf(identity.process).value_or(0);
    return identity;
}

bool MayLive(const std::string& host, int64_t process, int64_t started) {
    if (host.empty() || host != HostIdentity()) {
        return true;
    }
    auto found = StartOf(process);
    return found && *found == started;
}

std::string HostName() {
    char name[256] = {};
    return gethostname(name, sizeof(name) - 1) == 0 ? name : "host";
}

} // namespace freshet
