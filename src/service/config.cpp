#include "service/config.hpp"

#include "base/identifier.hpp"
#include "base/redact.hpp"
#include "service/config_document.hpp"
#include "service/config_secrets.hpp"
#include "state/postgres/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <fmt/format.h>
#include <fstream>
#include <regex>
#include <sstream>

namespace freshet {

namespace {

namespace fs = std::filesystem;

std::string ReadFile(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!fs::is_regular_file(file) || !in) {
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read", file.string()));
    }
    return text.str();
}

std::string EnvironmentName(const std::string& key) {
    std::string name = "FRESHET_" + key;
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return c == '.' ? '_' : static_cast<char>(std::toupper(c)); });
    return name;
}

bool StartsWith(const std::string& text, const std::string& start) {
    return text.compare(0, start.size(), start) == 0;
}

std::vector<std::string> SplitList(const std::string& text) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, ',');) {
        if (!part.empty()) {
            parts.push_back(part);
        }
    }
    return parts;
}

/// Turns what the layers say into service options; collects what is wrong instead of stopping at it.
class ConfigurationBuilder {
public:
    ConfigurationBuilder(const ConfigurationRequest& request, fs::path file)
        : request_(request), file_(std::move(file)), folder_(file_.parent_path()) {}

    Configuration Build(bool from_file) {
        if (from_file) {
            document_ = ReadConfigurationDocument({kConfigurationFile, ReadFile(file_)});
            errors_ = std::move(document_.errors);
        }
        Configuration configuration;
        configuration.file = file_;
        configuration.profile = request_.profile ? request_.profile : request_.environment("FRESHET_PROFILE");
        LayOver(configuration.profile);
        ReadLake(configuration.service.lake);
        ReadState(configuration.service);
        ReadEngine(configuration.service.lake);
        ReadSecrets(configuration.service.lake);
        ReadAttachments(configuration.service.lake);
        ReadExtensions(configuration.service.lake);
        ReadProject(configuration.project);
        ThrowErrors();
        configuration.settings = Show(configuration);
        return configuration;
    }

private:
    void Fail(const std::optional<Place>& place, const std::string& message, const std::string& hint = "") {
        Error error(Code::BadConfiguration, message, hint);
        if (place) {
            error.At(*place);
        }
        errors_.push_back(std::move(error));
    }

    void Fail(const Setting& setting, const std::string& message, const std::string& hint = "") {
        Fail(setting.place, setting.origin.empty() ? message : setting.origin + ": " + message, hint);
    }

    void ThrowErrors() {
        if (errors_.empty()) {
            return;
        }
        std::stable_sort(errors_.begin(), errors_.end(), [](const Error& a, const Error& b) {
            return (a.Where() ? a.Where()->offset : 0) < (b.Where() ? b.Where()->offset : 0);
        });
        throw ConfigurationErrors(std::move(errors_));
    }

    // --- layers ------------------------------------------------------------------------------------------------------

    void LayOver(const std::optional<std::string>& profile) {
        settings_ = document_.file;
        if (profile) {
            LayOverProfile(*profile);
        }
        for (const auto& key : ConfigurationKeys()) {
            LayOverValue(key, request_.environment(EnvironmentName(key)), EnvironmentName(key));
        }
        if (auto extensions = request_.environment("FRESHET_EXTENSIONS")) {
            LayOverExtensions(*extensions, "FRESHET_EXTENSIONS");
        }
        for (const auto& [key, value] : request_.overrides) {
            LayOverOverride(key, value);
        }
    }

    void LayOverProfile(const std::string& name) {
        auto profile = document_.profiles.find(name);
        if (profile == document_.profiles.end()) {
            std::vector<std::string> known;
            for (const auto& [known_name, layer] : document_.profiles) {
                known.push_back(known_name);
            }
            auto nearest = NearestName(name, known);
            std::string names =
                known.empty() ? "freshet.yml has no profiles" : fmt::format("profiles: {}", fmt::join(known, ", "));
            Fail(std::optional<Place>(), fmt::format("unknown profile \"{}\"", name),
                 nearest ? fmt::format("did you mean \"{}\"?", *nearest) : names);
            return;
        }
        for (const auto& [key, value] : profile->second.values) {
            settings_.values[key] = value;
        }
        for (const auto& [key, secret] : profile->second.secrets) {
            settings_.secrets[key] = secret;
        }
        for (const auto& [key, address] : profile->second.attach) {
            settings_.attach[key] = address;
        }
        for (const auto& [key, value] : profile->second.variables) {
            settings_.variables[key] = value;
        }
        if (profile->second.extensions) {
            settings_.extensions = profile->second.extensions;
        }
    }

    void LayOverValue(const std::string& key, const std::optional<std::string>& value, const std::string& origin) {
        if (value && !value->empty()) {
            settings_.values[key] = {*value, {}, origin};
        }
    }

    void LayOverExtensions(const std::string& list, const std::string& origin) {
        settings_.extensions.emplace();
        for (const auto& name : SplitList(list)) {
            settings_.extensions->push_back({name, {}, origin});
        }
    }

    void LayOverOverride(const std::string& key, const std::string& value) {
        const auto& keys = ConfigurationKeys();
        if (key == "extensions") {
            LayOverExtensions(value, "--set extensions");
        } else if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
            LayOverValue(key, value, "--set " + key);
        } else {
            auto nearest = NearestName(key, keys);
            Fail(std::optional<Place>(), fmt::format("unknown key \"{}\" in --set", key),
                 nearest ? fmt::format("did you mean \"{}\"?", *nearest)
                         : fmt::format("known keys: {}, extensions", fmt::join(keys, ", ")));
        }
    }

    // --- values ------------------------------------------------------------------------------------------------------

    /// Replaces ${NAME} and ${NAME:-default}; the default stands also for an empty variable, as in a shell.
    std::string Expand(const Setting& setting) {
        std::string out;
        const std::string& text = setting.text;
        for (size_t at = 0; at < text.size();) {
            if (text.compare(at, 2, "${") != 0) {
                out += text[at++];
                continue;
            }
            size_t end = text.find('}', at);
            if (end == std::string::npos) {
                Fail(setting, "\"${\" without \"}\"");
                return out;
            }
            out += Variable(text.substr(at + 2, end - at - 2), setting);
            at = end + 1;
        }
        return out;
    }

    std::string Variable(const std::string& inside, const Setting& setting) {
        size_t split = inside.find(":-");
        std::string name = inside.substr(0, split);
        static const std::regex word("[A-Za-z_][A-Za-z0-9_]*");
        if (!std::regex_match(name, word)) {
            Fail(setting, fmt::format("\"{}\" is not the name of an environment variable", name),
                 "write ${NAME} or ${NAME:-default}");
            return "";
        }
        auto value = request_.environment(name);
        if (value && (split == std::string::npos || !value->empty())) {
            return *value;
        }
        if (split == std::string::npos) {
            Fail(setting, fmt::format("environment variable {} is not set", name),
                 fmt::format("set it, or give a default: ${{{}:-default}}", name));
            return "";
        }
        return inside.substr(split + 2);
    }

    const Setting* Find(const std::string& key) const {
        auto setting = settings_.values.find(key);
        return setting == settings_.values.end() ? nullptr : &setting->second;
    }

    std::string Absolute(const std::string& path) const { return (folder_ / path).lexically_normal().string(); }

    // --- sections ----------------------------------------------------------------------------------------------------

    void ReadLake(LakeOptions& lake) {
        const Setting* catalog = Find("lake.catalog");
        if (catalog) {
            ReadCatalog(*catalog, lake);
        } else if (errors_.empty()) { // what a damaged file lacks is not the user's omission
            Fail(document_.lake, document_.lake ? "lake.catalog is missing" : "freshet.yml has no section \"lake\"",
                 "for example lake: { catalog: sqlite:lake.sqlite, data: lake_data/ }");
        }
        const Setting* data = Find("lake.data");
        if (data) {
            std::string path = Expand(*data);
            lake.data_path = path.find("://") == std::string::npos ? Absolute(path) : path;
        } else if (lake.kind != CatalogKind::Postgres && !fs::exists(lake.catalog)) {
            lake.data_path = Absolute("lake_data"); // an existing lake knows its own
        }
        if (!lake.data_path.empty() && lake.data_path.back() != '/') {
            lake.data_path += '/';
        }
    }

    void ReadCatalog(const Setting& setting, LakeOptions& lake) {
        size_t errors_before = errors_.size();
        std::string text = Expand(setting);
        std::string rest = text.substr(std::min(text.find(':') + 1, text.size()));
        RememberConnectionSecrets(text);
        if (StartsWith(text, "duckdb:") || StartsWith(text, "sqlite:")) {
            lake.kind = text[0] == 'd' ? CatalogKind::DuckDbFile : CatalogKind::Sqlite;
            lake.catalog = Absolute(rest);
        } else if (IsPostgresAddress(text)) {
            lake.kind = CatalogKind::Postgres;
            auto address = postgres::TakePassword(PostgresConnection(text));
            lake.catalog = address.connection;
            lake.password = address.password;
        } else if (errors_.size() == errors_before) {
            Fail(setting,
                 "lake.catalog must begin with duckdb:, sqlite: or postgres:", "for example sqlite:lake.sqlite");
        }
        if (rest.empty() && errors_.size() == errors_before) {
            Fail(setting, "lake.catalog names no file or database behind \"" + text + "\"");
        }
    }

    void ReadState(ServiceOptions& service) {
        const Setting* setting = Find("state");
        std::string text = setting ? Expand(*setting) : "auto";
        RememberConnectionSecrets(text);
        if (text == "auto") {
            service.state.address = service.lake.kind == CatalogKind::Postgres
                                        ? "postgres:" + PostgresConnection(Expand(*Find("lake.catalog")))
                                        : fmt::format("sqlite:{}.freshet", service.lake.catalog);
        } else if (StartsWith(text, "sqlite:") && text.size() > 7) {
            service.state.address = "sqlite:" + Absolute(text.substr(7));
        } else if (IsPostgresAddress(text)) {
            service.state.address = "postgres:" + PostgresConnection(text);
        } else {
            Fail(*setting, "state must be auto, sqlite:FILE or postgres:CONNECTION");
        }
    }

    void ReadEngine(LakeOptions& lake) {
        if (const Setting* threads = Find("engine.threads")) {
            std::string text = Expand(*threads);
            auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), lake.threads);
            if (problem != std::errc() || end != text.data() + text.size() || lake.threads < 1 || lake.threads > 4096) {
                Fail(*threads, "engine.threads must be a whole number from 1 to 4096");
            }
        }
        if (const Setting* limit = Find("engine.memory_limit")) {
            lake.memory_limit = Expand(*limit);
            static const std::regex size(R"(\d+(\.\d+)?\s*([kKmMgGtT]?i?[bB]|%))");
            if (!std::regex_match(lake.memory_limit, size)) {
                Fail(*limit, "engine.memory_limit must be a size", "for example 4GB, 512MiB or 60%");
            }
        }
        const Setting* folder = Find("engine.temp_directory");
        lake.temp_directory = Absolute(folder ? Expand(*folder) : ".freshet/tmp");
    }

    void ReadSecrets(LakeOptions& lake) {
        for (const auto& [name, secret] : settings_.secrets) {
            SecretValues values;
            for (const auto& [property, given] : secret.settings) {
                for (const auto& setting : given) {
                    values[property].push_back(Expand(setting));
                }
            }
            RememberSecretValues(values);
            if (auto problem = SecretProblem(values)) {
                Fail(secret.place, fmt::format("secret \"{}\": {}", name, *problem));
                continue;
            }
            lake.setup.push_back(CreateSecretSql(name, values));
            for (const auto& extension : ExtensionsOfSecret(values)) {
                AddExtension(lake, extension);
            }
        }
    }

    void ReadAttachments(LakeOptions& lake) {
        for (const auto& [name, setting] : settings_.attach) {
            static const std::vector<std::string> reserved = {kLake, "memory", "system", "temp"};
            if (std::find(reserved.begin(), reserved.end(), name) != reserved.end()) {
                Fail(setting, fmt::format("attach: the name \"{}\" is taken", name));
                continue;
            }
            std::string address = Expand(setting);
            RememberConnectionSecrets(address);
            auto attachment = ReadAttachment(name, address, [&](const std::string& path) { return Absolute(path); });
            if (!attachment) {
                Fail(setting, fmt::format("attach.{} must begin with duckdb:, sqlite:, postgres: or mysql:", name));
                continue;
            }
            lake.setup.push_back(attachment->sql);
            AddExtension(lake, attachment->extension);
        }
    }

    void ReadExtensions(LakeOptions& lake) {
        if (!settings_.extensions) {
            return;
        }
        for (const auto& setting : *settings_.extensions) {
            std::string name = Expand(setting);
            static const std::regex word("[A-Za-z_][A-Za-z0-9_]*");
            if (std::regex_match(name, word)) {
                AddExtension(lake, name);
            } else {
                Fail(setting, "extensions: not the name of an extension");
            }
        }
    }

    void ReadProject(ProjectSettings& project) {
        project.folder = folder_;
        if (const Setting* format = Find("project.format")) {
            int number = 0;
            std::string text = Expand(*format);
            auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
            if (problem != std::errc() || end != text.data() + text.size() || number < 1) {
                Fail(*format, "project.format must be a whole number, at least 1");
            } else if (number > kProjectFormat) {
                Error error(
                    Code::NewerProject,
                    fmt::format("this project is of format {}, and this Freshet knows {}", number, kProjectFormat),
                    "use a newer Freshet");
                errors_.push_back(format->place ? error.At(*format->place) : error);
            }
        }
        const Setting* name = Find("project.name");
        project.name = name ? Expand(*name) : project.name;
        const Setting* models = Find("project.models");
        project.models = Absolute(models ? Expand(*models) : "models");
        for (const auto& [key, value] : settings_.variables) {
            project.variables[key] = Expand(value);
        }
    }

    // --- showing -----------------------------------------------------------------------------------------------------

    std::vector<ShownSetting> Show(const Configuration& configuration) {
        const auto known = document_.profiles.find(configuration.profile.value_or(""));
        const SettingLayer profile = known == document_.profiles.end() ? SettingLayer{} : known->second;
        std::vector<ShownSetting> shown;
        shown.push_back({"profile", configuration.profile.value_or(""),
                         request_.profile        ? "option --profile"
                         : configuration.profile ? "environment FRESHET_PROFILE"
                                                 : "default"});
        auto add = [&](const std::string& key, const Setting& setting, bool of_profile, const std::string& value) {
            shown.push_back({key, Redact(value), OriginOf(setting, of_profile ? configuration.profile : std::nullopt)});
        };
        for (const auto& [key, fallback] : Defaults(configuration)) {
            if (const Setting* setting = Find(key)) {
                add(key, *setting, profile.values.count(key) > 0, Expand(*setting));
            } else {
                shown.push_back({key, fallback, "default"});
            }
        }
        for (const auto& [name, secret] : settings_.secrets) {
            for (const auto& [property, given] : secret.settings) {
                bool open = property == "type" || property == "provider";
                add("secrets." + name + "." + property, given.at(0), profile.secrets.count(name) > 0,
                    open ? Expand(given.at(0)) : "***");
            }
        }
        for (const auto& [name, setting] : settings_.attach) {
            add("attach." + name, setting, profile.attach.count(name) > 0, Expand(setting));
        }
        for (const auto& setting : settings_.extensions.value_or(std::vector<Setting>{})) {
            add("extensions", setting, profile.extensions.has_value(), Expand(setting));
        }
        for (const auto& [name, setting] : settings_.variables) { // as written: it may take a secret from outside
            add("vars." + name, setting, profile.variables.count(name) > 0, SoundsSecret(name) ? "***" : setting.text);
        }
        return shown;
    }

    /// Single values with what holds where nothing is given; empty: the engine decides, or the catalog knows it.
    static std::vector<std::pair<std::string, std::string>> Defaults(const Configuration& configuration) {
        return {{"lake.catalog", ""},
                {"lake.data", configuration.service.lake.data_path},
                {"state", "auto"},
                {"engine.threads", ""},
                {"engine.memory_limit", ""},
                {"engine.temp_directory", configuration.service.lake.temp_directory},
                {"project.name", configuration.project.name},
                {"project.models", configuration.project.models.string()},
                {"project.format", std::to_string(kProjectFormat)}};
    }

    static bool SoundsSecret(const std::string& name) {
        static const std::regex words("pass|pwd|secret|token|key|credential", std::regex::icase);
        return std::regex_search(name, words);
    }

    static std::string OriginOf(const Setting& setting, const std::optional<std::string>& profile) {
        if (StartsWith(setting.origin, "--set")) {
            return "option --set";
        }
        if (!setting.origin.empty()) {
            return "environment " + setting.origin;
        }
        std::string place = fmt::format("{}:{}", kConfigurationFile, setting.place ? setting.place->Line() : 1);
        return profile ? fmt::format("{} (profile {})", place, *profile) : place;
    }

    static void AddExtension(LakeOptions& lake, const std::string& name) {
        if (!name.empty() && std::find(lake.extensions.begin(), lake.extensions.end(), name) == lake.extensions.end()) {
            lake.extensions.push_back(name);
        }
    }

    const ConfigurationRequest& request_;
    fs::path file_;
    fs::path folder_;
    ConfigurationDocument document_;
    SettingLayer settings_;
    std::vector<Error> errors_;
};

} // namespace

Environment ProcessEnvironment() {
    return [](const std::string& name) -> std::optional<std::string> {
        const char* value = std::getenv(name.c_str());
        return value ? std::optional<std::string>(value) : std::nullopt;
    };
}

Configuration LoadConfiguration(const ConfigurationRequest& request) {
    std::error_code problem;
    fs::path folder = fs::absolute(request.directory, problem).lexically_normal();
    fs::path file = folder / kConfigurationFile;
    bool exists = fs::exists(file, problem);
    if (!exists && request.file_required) {
        throw Error(Code::NoConfiguration, fmt::format("there is no {} in {}", kConfigurationFile, folder.string()),
                    "freshet init makes one; -C DIR names another folder (parents are not searched)");
    }
    return ConfigurationBuilder(request, file).Build(exists);
}

} // namespace freshet
