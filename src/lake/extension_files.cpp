#include "lake/extension_files.hpp"

#include "base/error.hpp"

#include <array>
#include <dlfcn.h>
#include <duckdb.hpp>
#include <fmt/format.h>
#include <fstream>

namespace freshet {

namespace fs = std::filesystem;

namespace {

/// Where libduckdb was loaded from: the extensions lie near it, also where another program embeds Freshet.
fs::path EngineLibraryFolder() {
    Dl_info library{};
    bool known = dladdr(reinterpret_cast<const void*>(&duckdb::DuckDB::LibraryVersion), &library) != 0;
    return known && library.dli_fname != nullptr ? fs::path(library.dli_fname).parent_path() : fs::path();
}

} // namespace

fs::path ExtensionFolder() {
    fs::path library = EngineLibraryFolder();
    fs::path program = fs::read_symlink("/proc/self/exe").parent_path();
    for (const auto& candidate : {library / "extensions", library / "../extensions", program / "extensions",
                                  program / "../lib/freshet/extensions"}) {
        if (fs::is_directory(candidate)) {
            return fs::canonical(candidate);
        }
    }
    throw Error(Code::EngineMismatch,
                fmt::format("no folder \"extensions\" beside {} or {}", library.string(), program.string()),
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
