#pragma once

#include "base/error.hpp"
#include "project/model.hpp"
#include "service/service.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

inline constexpr const char* kConfigurationFile = "freshet.yml";

/// Everything that is wrong with a configuration, in the order of its lines. As an Error it shows the first one.
class ConfigurationErrors : public SeveralErrors {
public:
    using SeveralErrors::SeveralErrors;
};

using Environment = std::function<std::optional<std::string>(const std::string& name)>;
/// The process's own environment.
Environment ProcessEnvironment();

struct ConfigurationRequest {
    std::filesystem::path directory = ".";        ///< where freshet.yml is; its parents are not searched
    std::optional<std::string> profile;           ///< --profile; else FRESHET_PROFILE; else none
    std::map<std::string, std::string> overrides; ///< --set, "lake.catalog" -> value
    Environment environment = ProcessEnvironment();
    bool file_required = true; ///< false: where there is no file, the other layers must say everything
};

/// One setting as `config show` tells it: nothing in it is secret.
struct ShownSetting {
    std::string key;    ///< "lake.catalog"
    std::string value;  ///< what holds, variables replaced; empty: none
    std::string origin; ///< "default", "freshet.yml:3", "freshet.yml:9 (profile prod)", "environment FRESHET_STATE" ...
};

struct Configuration {
    std::filesystem::path file;
    std::optional<std::string> profile;
    ServiceOptions service; ///< paths absolute; `create` flags unset
    ProjectSettings project;
    std::vector<ShownSetting> settings; ///< everything that was given, and the defaults of single values
};

/// Reads freshet.yml and lays over it, each beating the one before: the profile, FRESHET_... of the environment
/// (FRESHET_LAKE_CATALOG is lake.catalog), the overrides. Relative paths, wherever they were given, are relative to the
/// file. Values of secrets are told to Redact(). Touches nothing but the file.
/// Throws Error NoConfiguration, Error FileUnreadable or ConfigurationErrors.
Configuration LoadConfiguration(const ConfigurationRequest& request);

} // namespace freshet
