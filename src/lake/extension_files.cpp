#include "lake/extension_files.hpp"

#include "base/error.hpp"

#include <array>
#include <fmt/format.h>
#include <fstream>

namespace freshet {

namespace fs = std::filesystem;

fs::path ExtensionFolder() {
    fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
    for (const auto& candidate : {here / "extensions", here / "../lib/freshet/extensions", here / "../extensions"}) {
        if (fs::is_directory(candidate)) {
            return fs::canonical(candidate);
        }
    }
    throw Error(Code::EngineMismatch, fmt::format("no folder \"extensions\" beside {}", here.string()),
                "build or install Freshet again; the README's first command puts the extensions there");
}

std::optional<ExtensionFile> ReadExtensionFile(const std::string& name) {
    // The last 512 bytes: eight fields of 32 bytes, the last one first, then the signature.
    constexpr int kFooter = 512;
    constexpr size_t kField = 32;
    constexpr size_t kVersion = 4, kEngineVersion = 5, kPlatform = 6, kMagic = 7;
    fs::path path = ExtensionFolder() / (name + ".duckdb_extension");
    std::ifstream file(path, std::ios::binary);
    std::array<char, kFooter> footer{};
    if (!file.seekg(-kFooter, std::ios::end) || !file.read(footer.data(), kFooter)) {
        return std::nullopt;
    }
    auto field = [&](size_t index) {
        std::string text(footer.data() + index * kField, kField);
        return text.substr(0, text.find('\0'));
    };
    if (field(kMagic) != "4") {
        return std::nullopt;
    }
    return ExtensionFile{path, field(kVersion), field(kEngineVersion), field(kPlatform)};
}

} // namespace freshet
