#include "service/versions.hpp"

#include "base/error.hpp"
#include "lake/extension_files.hpp"
#include "lake/session.hpp"

namespace freshet {

namespace {

std::string DuckLakeVersion() {
    try {
        auto file = ReadExtensionFile("ducklake");
        return file ? file->version : "missing";
    } catch (const Error&) { // no folder of extensions: doctor tells more
        return "missing";
    }
}

} // namespace

Versions ReadVersions() {
    return {FRESHET_VERSION, Engine::LibraryVersion(), DuckLakeVersion()};
}

} // namespace freshet
