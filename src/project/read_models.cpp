#include "project/model.hpp"

#include "bind/lexical.hpp"

#include <algorithm>
#include <cctype>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMainSchema = "main";
constexpr const char* kHeader = "-- freshet:";

std::string Lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
    return text;
}

std::vector<fs::path> SqlFiles(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code problem;
    fs::recursive_directory_iterator entries(folder, problem);
    if (problem) {
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read: {}", folder.string(), problem.message()),
                    "freshet init makes a project with a folder models/");
    }
    for (auto end = fs::end(entries); entries != end; entries.increment(problem)) {
        std::string name = entries->path().filename().string();
        if (name.starts_with(".")) {
            entries.disable_recursion_pending();
        } else if (entries->is_regular_file() && Lower(entries->path().extension().string()) == ".sql") {
            files.push_back(entries->path());
        }
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// The text with all but the options of header lines blanked out, byte for byte, so that places stay.
std::string HeaderOptions(const std::string& text) {
    std::string options(text.size(), ' ');
    for (size_t at = 0; at < text.size();) {
        Stretch stretch = NextStretch(text, at);
        if (stretch.region != Region::Comment && stretch.region != Region::Blank) {
            break;
        }
        size_t length = std::string(kHeader).size();
        if (stretch.region == Region::Comment && text.compare(at, length, kHeader) == 0) {
            std::copy(text.begin() + static_cast<std::ptrdiff_t>(at + length),
                      text.begin() + static_cast<std::ptrdiff_t>(stretch.end),
                      options.begin() + static_cast<std::ptrdiff_t>(at + length));
        }
        at = stretch.end;
    }
    return options;
}

/// Reads the models of one file.
class FileReader {
public:
    FileReader(const ProjectSettings& settings, const fs::path& file) : file_(file) {
        fs::path below = file.lexically_relative(settings.models);
        schema_ = below.has_parent_path() ? below.begin()->string() : kMainSchema;
        shown_ = file.lexically_relative(settings.folder).generic_string();
        text_ = std::make_shared<const ModelText>(ReadText(file, shown_), settings.variables);
    }

    std::vector<Model> Read() const {
        try {
            std::vector<Model> models;
            auto statements = SplitStatements(Text().text);
            if (statements.empty()) {
                throw Error(Code::NotAModel, "there is no statement in it", "write a query, or remove the file")
                    .At(Text().At(0));
            }
            for (const auto& statement : statements) {
                models.push_back(ReadOne(statement, statements.size()));
            }
            return models;
        } catch (const Error& error) {
            throw text_->InFile(error);
        }
    }

private:
    const Source& Text() const { return text_->Expanded(); }

    Model ReadOne(const Excerpt& statement, size_t statements) const {
        ModelStatement parsed = ParseModelStatement(statement, Text());
        Model model;
        model.kind = parsed.kind;
        model.text = text_;
        model.body = parsed.body;
        model.references = std::move(parsed.references);
        if (!parsed.name) {
            NameByFile(model, statement, statements);
        } else {
            model.name = {parsed.name->schema.value_or(schema_), parsed.name->name};
            model.place = model.InFile(parsed.name->offset, std::max<size_t>(1, parsed.name->length));
        }
        if (parsed.create) {
            model.options = parsed.create->options;
            model.columns = parsed.create->columns;
        }
        model.schemas.push_back(schema_);
        if (schema_ != kMainSchema) {
            model.schemas.push_back(kMainSchema);
        }
        return model;
    }

    /// A bare query: the file is its name, and the comments before it hold its options.
    void NameByFile(Model& model, const Excerpt& statement, size_t statements) const {
        size_t begin = statement.offset + SkipBlanks(statement.text, 0);
        size_t length = NextStretch(Text().text, begin).end - begin;
        Place place = Text().At(begin, length);
        if (statements > 1) {
            throw Error(Code::NotAModel, "a bare query is named by its file, and here are several statements",
                        "give each a file, or write CREATE DYNAMIC TABLE name ... AS")
                .At(place);
        }
        model.options = ParseOptions({HeaderOptions(Text().text.substr(0, begin)), 0}, Text());
        if (!model.options.target_lag) {
            throw Error(
                Code::MissingOption, "TARGET_LAG is missing",
                fmt::format("say above the query how old its result may be: {} TARGET_LAG = '5 minutes'", kHeader))
                .At(place);
        }
        model.body = {Text().text.substr(begin, statement.offset + statement.text.size() - begin), begin};
        model.name = {schema_, file_.stem().string()};
        model.place = model.InFile(begin, length);
    }

    fs::path file_;
    std::string schema_;
    std::string shown_;
    std::shared_ptr<const ModelText> text_;
};

/// Macros have names of their own, beside those of tables and views.
std::string Identity(const Model& model) {
    return (model.kind == ObjectKind::Macro ? "macro " : "") + Lower(model.name.schema) + "\n" + Lower(model.name.name);
}

void CheckNames(const std::vector<Model>& models, std::vector<Error>& errors) {
    std::map<std::string, const Model*> seen;
    for (const auto& model : models) {
        auto [other, is_first] = seen.emplace(Identity(model), &model);
        if (!is_first) {
            const Place& place = other->second->place;
            Error error(Code::TwoModels,
                        fmt::format("{} is made by two models: {}:{} and {}:{}", model.name.Text(), place.file,
                                    place.Line(), model.place.file, model.place.Line()),
                        "rename one of them, or move it to the folder of another schema");
            errors.push_back(error.At(model.place));
        }
    }
}

} // namespace

std::vector<Model> ReadModels(const ProjectSettings& settings) {
    std::vector<Model> models;
    std::vector<Error> errors;
    for (const auto& file : SqlFiles(settings.models)) {
        try {
            auto found = FileReader(settings, file).Read();
            models.insert(models.end(), found.begin(), found.end());
        } catch (const Error& error) {
            errors.push_back(error);
        }
    }
    CheckNames(models, errors);
    if (!errors.empty()) {
        throw SeveralErrors(std::move(errors));
    }
    return models;
}

} // namespace freshet
