#pragma once

#include "base/error.hpp"
#include "bind/source.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// One value as written, `${...}` not yet replaced, and where it stands: in the file, or else what gave it.
struct Setting {
    std::string text;
    std::optional<Place> place;
    std::string origin; ///< "FRESHET_LAKE_DATA", "--set lake.data"; empty: the file
};

/// A secret's properties; several values where a list was given.
using SecretSettings = std::map<std::string, std::vector<Setting>>;

struct NamedSecret {
    SecretSettings settings;
    Place place;
};

/// What a file or one of its profiles sets.
struct SettingLayer {
    std::map<std::string, Setting> values; ///< "lake.catalog" -> value
    std::map<std::string, NamedSecret> secrets;
    std::map<std::string, Setting> attach;
    std::map<std::string, Setting> variables; ///< of models
    std::optional<std::vector<Setting>> extensions;
};

struct ConfigurationDocument {
    SettingLayer file;
    std::optional<Place> lake; ///< the key of the file's section `lake`
    std::map<std::string, SettingLayer> profiles;
    std::vector<Error> errors; ///< damaged YAML, unknown keys, values of the wrong shape
};

/// Reads the YAML text against the keys that exist. Never throws for what the user wrote.
ConfigurationDocument ReadConfigurationDocument(const Source& source);

/// Keys of single values, "lake.catalog" ...
const std::vector<std::string>& ConfigurationKeys();

} // namespace freshet
