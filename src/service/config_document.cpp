#include "service/config_document.hpp"

#include "base/utf8.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <regex>
#include <set>
#include <yaml-cpp/yaml.h>

namespace freshet {

namespace {

/// yaml-cpp counts lines and columns from 0, columns in bytes.
Place PlaceOf(const Source& source, const YAML::Mark& mark, size_t length) {
    if (mark.is_null()) {
        return source.At(0);
    }
    size_t offset = 0;
    for (int line = 0; line < mark.line; line++) {
        size_t newline = source.text.find('\n', offset);
        if (newline == std::string::npos) {
            break;
        }
        offset = newline + 1;
    }
    offset = std::min(offset + static_cast<size_t>(mark.column), source.text.size());
    return source.At(offset, std::max<size_t>(length, 1));
}

size_t Indentation(const std::string& line) {
    return std::min(line.find_first_not_of(" \t\r"), line.size());
}

/// The text with what may be secret starred out, byte for byte: errors show lines of it, and secrets may stand in the
/// file, also where it is damaged. Values of the section `secrets` and of lines that look like credentials are starred.
std::string WithoutSecrets(const std::string& text) {
    static const std::regex sensitive("pass|pwd|secret|token|key|credential|://[^/]*@", std::regex::icase);
    std::string masked = text;
    bool in_section = false;
    size_t section_indentation = 0;
    for (size_t start = 0; start < text.size();) {
        size_t end = std::min(text.find('\n', start), text.size());
        std::string line = text.substr(start, end - start);
        size_t indentation = Indentation(line);
        if (indentation <= section_indentation && indentation < line.size()) {
            in_section = false;
        }
        if (in_section || std::regex_search(line, sensitive)) {
            size_t colon = line.find(':');
            size_t first = colon == std::string::npos ? indentation : colon + 1;
            for (size_t at = first; at < line.size(); at++) {
                masked[start + at] = line[at] == ' ' ? ' ' : '*';
            }
        }
        if (!in_section && line.compare(indentation, 8, "secrets:") == 0) {
            in_section = true;
            section_indentation = indentation;
        }
        start = end + 1;
    }
    return masked;
}

std::string Joined(const std::vector<std::string>& names) {
    return fmt::format("{}", fmt::join(names, ", "));
}

class DocumentReader {
public:
    explicit DocumentReader(const Source& source) : source_(source), shown_{source.file, WithoutSecrets(source.text)} {}

    ConfigurationDocument Read() {
        if (auto wrong = FirstWrongByte(source_.text)) {
            Error error = NotUtf8(source_.file, source_.text, *wrong);
            Place place = *error.Where();
            place.text = WithoutSecrets(place.text);
            throw error.At(place);
        }
        try {
            YAML::Node root = YAML::Load(source_.text);
            ReadRoot(root);
        } catch (const YAML::Exception& problem) {
            Place place = PlaceOf(shown_, problem.mark, 1);
            bool variable = place.LineText().find("${") != std::string::npos;
            Fail(place, "not valid YAML: " + problem.msg,
                 variable ? "within { } and [ ] put a value with ${NAME} into quotes: { threads: \"${NAME:-2}\" }"
                          : "");
        }
        return std::move(document_);
    }

private:
    void Fail(const Place& place, const std::string& message, const std::string& hint = "") {
        Error error(Code::BadConfiguration, message, hint);
        error.At(place);
        document_.errors.push_back(std::move(error));
    }

    Place At(const YAML::Node& node) const {
        return PlaceOf(shown_, node.Mark(), node.IsScalar() ? node.Scalar().size() : 1);
    }

    /// Calls `use(key, key node, value node)` for each entry of a map; complains of anything else, of keys that aren't
    /// among `known` (where that isn't empty) and of keys given twice.
    template <typename Use>
    void ForEach(const YAML::Node& map, const std::string& what, const std::vector<std::string>& known, Use use) {
        if (map.IsNull()) {
            return;
        }
        if (!map.IsMap()) {
            Fail(At(map), fmt::format("{} must be a map of keys and values", what));
            return;
        }
        std::set<std::string> seen;
        for (const auto& entry : map) {
            if (!entry.first.IsScalar()) {
                Fail(At(entry.first), fmt::format("a key in {} must be a plain word", what));
                continue;
            }
            const std::string& key = entry.first.Scalar();
            if (!seen.insert(key).second) {
                Fail(At(entry.first), fmt::format("key \"{}\" is given twice in {}", key, what));
            } else if (!known.empty() && std::find(known.begin(), known.end(), key) == known.end()) {
                FailUnknown(entry.first, what, known);
            } else {
                use(key, entry.first, entry.second);
            }
        }
    }

    void FailUnknown(const YAML::Node& key, const std::string& what, const std::vector<std::string>& known) {
        auto nearest = NearestName(key.Scalar(), known);
        Fail(At(key), fmt::format("unknown key \"{}\" in {}", key.Scalar(), what),
             nearest ? fmt::format("did you mean \"{}\"?", *nearest) : "known keys: " + Joined(known));
    }

    void ReadRoot(const YAML::Node& root) {
        ForEach(root, kConfigurationTitle,
                {"lake", "state", "engine", "secrets", "attach", "extensions", "project", "vars", "profiles"},
                [&](const std::string& key, const YAML::Node& word, const YAML::Node& value) {
                    if (key == "lake") {
                        document_.lake = At(word);
                    }
                    if (key == "profiles") {
                        ReadProfiles(value);
                    } else {
                        ReadSection(key, value, document_.file);
                    }
                });
    }

    void ReadProfiles(const YAML::Node& profiles) {
        ForEach(profiles, "profiles", {}, [&](const std::string& name, const YAML::Node&, const YAML::Node& profile) {
            SettingLayer& layer = document_.profiles[name];
            ForEach(profile, fmt::format("profile \"{}\"", name),
                    {"lake", "state", "engine", "secrets", "attach", "extensions", "vars"},
                    [&](const std::string& key, const YAML::Node&, const YAML::Node& value) {
                        ReadSection(key, value, layer);
                    });
        });
    }

    void ReadSection(const std::string& key, const YAML::Node& value, SettingLayer& layer) {
        if (key == "lake") {
            ReadValues(key, {"catalog", "data"}, value, layer);
        } else if (key == "engine") {
            ReadValues(key, {"threads", "memory_limit", "temp_directory"}, value, layer);
        } else if (key == "project") {
            ReadValues(key, {"name", "models", "format"}, value, layer);
        } else if (key == "vars") {
            ForEach(value, key, {}, [&](const std::string& name, const YAML::Node&, const YAML::Node& variable) {
                ReadScalar("vars." + name, variable,
                           [&](Setting setting) { layer.variables[name] = std::move(setting); });
            });
        } else if (key == "state") {
            ReadScalar(key, value, [&](Setting setting) { layer.values["state"] = std::move(setting); });
        } else if (key == "secrets") {
            ReadSecrets(value, layer);
        } else if (key == "attach") {
            ForEach(value, key, {}, [&](const std::string& name, const YAML::Node&, const YAML::Node& address) {
                ReadScalar("attach." + name, address,
                           [&](Setting setting) { layer.attach[name] = std::move(setting); });
            });
        } else {
            layer.extensions = ReadList(key, value);
        }
    }

    void ReadValues(const std::string& section, const std::vector<std::string>& keys, const YAML::Node& map,
                    SettingLayer& layer) {
        ForEach(map, section, keys, [&](const std::string& key, const YAML::Node&, const YAML::Node& value) {
            std::string name = section + "." + key;
            ReadScalar(name, value, [&](Setting setting) { layer.values[name] = std::move(setting); });
        });
    }

    void ReadSecrets(const YAML::Node& secrets, SettingLayer& layer) {
        ForEach(secrets, "secrets", {}, [&](const std::string& name, const YAML::Node& key, const YAML::Node& secret) {
            NamedSecret& named = layer.secrets[name];
            named.place = At(key);
            ForEach(secret, fmt::format("secret \"{}\"", name), {},
                    [&](const std::string& property, const YAML::Node&, const YAML::Node& value) {
                        named.settings[property] = ReadList(fmt::format("secrets.{}.{}", name, property), value);
                    });
        });
    }

    template <typename Use>
    void ReadScalar(const std::string& name, const YAML::Node& value, Use use) {
        if (!value.IsScalar() || value.Scalar().empty()) {
            Fail(At(value), fmt::format("{} must be a single value", name));
        } else {
            use(Setting{value.Scalar(), At(value), ""});
        }
    }

    /// A list of single values; one value stands for a list of one.
    std::vector<Setting> ReadList(const std::string& name, const YAML::Node& value) {
        std::vector<Setting> settings;
        auto add = [&](Setting setting) { settings.push_back(std::move(setting)); };
        if (value.IsSequence()) {
            for (const auto& element : value) {
                ReadScalar(name, element, add);
            }
        } else {
            ReadScalar(name, value, add);
        }
        return settings;
    }

    static constexpr const char* kConfigurationTitle = "freshet.yml";
    const Source& source_;
    Source shown_;
    ConfigurationDocument document_;
};

} // namespace

ConfigurationDocument ReadConfigurationDocument(const Source& source) {
    return DocumentReader(source).Read();
}

const std::vector<std::string>& ConfigurationKeys() {
    static const std::vector<std::string> keys = {"lake.catalog",   "lake.data",           "state",
                                                  "engine.threads", "engine.memory_limit", "engine.temp_directory",
                                                  "project.name",   "project.models"};
    return keys;
}

} // namespace freshet
