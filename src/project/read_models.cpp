#include "base/caseless.hpp"
#include "project/model.hpp"

#include "bind/lexical.hpp"
#include "bind/parse_name.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <optional>

namespace freshet {

namespace {

namespace fs = std::filesystem;

constexpr const char* kMainSchema = "main";
constexpr const char* kHeader = "-- freshet:";

/// Also what can't be read, such as a link to nothing: with --prune a model that is overlooked is dropped.
std::vector<fs::path> SqlFiles(const fs::path& folder) {
    std::vector<fs::path> files;
    std::error_code problem, ignored;
    fs::recursive_directory_iterator entries(folder, problem);
    if (problem) {
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read: {}", folder.string(), problem.message()),
                    "freshet init makes a project with a folder models/");
    }
    fs::path last;
    for (auto end = fs::end(entries); entries != end; entries.increment(problem)) {
        last = entries->path();
        if (last.filename().string().starts_with(".")) {
            entries.disable_recursion_pending();
        } else if (!entries->is_directory(ignored) && Lower(last.extension().string()) == ".sql") {
            files.push_back(last);
        }
    }
    if (problem) {
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read: {}", last.string(), problem.message()),
                    "let this user read it, or move it out of the folder of the models");
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Options that stand in comments above a statement.
struct Header {
    std::string options; ///< the text with all else blanked out, byte for byte, so that places stay
    std::optional<std::pair<size_t, size_t>> first; ///< begin and length of the first such comment
};

/// What stands in comments from `begin` on, up to the statement there.
Header ReadHeader(const std::string& text, size_t begin) {
    Header header{std::string(text.size(), ' '), {}};
    for (size_t at = begin; at < text.size();) {
        Stretch stretch = NextStretch(text, at);
        if (stretch.region != Region::Comment && stretch.region != Region::Blank) {
            break;
        }
        size_t length = stretch.region == Region::Comment ? OptionsBegin(text.substr(at, stretch.end - at)) : 0;
        if (length > 0) {
            header.options.replace(at + length, stretch.end - at - length, text, at + length,
                                   stretch.end - at - length);
            header.first = header.first ? header.first : std::optional(std::pair(at, stretch.end - at));
        }
        at = stretch.end;
    }
    return header;
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
        std::vector<Model> models;
        std::vector<Error> errors;
        auto statements = SplitStatements(Text().text);
        if (statements.empty()) {
            throw Error(Code::NotAModel, "there is no statement in it", "write a query, or remove the file")
                .At(Text().At(0));
        }
        for (const auto& statement : statements) {
            try {
                models.push_back(ReadOne(statement, statements.size()));
            } catch (const Error& error) {
                errors.push_back(error);
            }
        }
        if (!errors.empty()) {
            throw SeveralErrors(std::move(errors));
        }
        return models;
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
            CheckNoHeader(statement);
            model.name = {parsed.name->schema.value_or(schema_), parsed.name->name};
            model.place = model.GetSource().At(parsed.name->offset, std::max<size_t>(1, parsed.name->length));
            CheckHome(kLake, model.name.schema, "what a model makes", model.place);
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

    /// Above a CREATE options would be taken for given, and aren't.
    void CheckNoHeader(const Excerpt& statement) const {
        if (auto comment = ReadHeader(Text().text, statement.offset).first) {
            throw Error(Code::NotAModel,
                        "options in a comment are those of a bare query, and a CREATE statement follows",
                        "write them into the statement, behind the name: CREATE DYNAMIC TABLE name TARGET_LAG = ... AS")
                .At(Text().At(comment->first, comment->second));
        }
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
        model.options = ParseOptions({ReadHeader(Text().text.substr(0, begin), 0).options, 0}, Text());
        if (!model.options.target_lag) {
            throw Error(
                Code::MissingOption, "TARGET_LAG is missing",
                fmt::format("say above the query how old its result may be: {} TARGET_LAG = '5 minutes'", kHeader))
                .At(place);
        }
        model.body = {Text().text.substr(begin, statement.offset + statement.text.size() - begin), begin};
        model.name = {schema_, file_.stem().string()};
        model.place = model.GetSource().At(begin, length);
        CheckHome(kLake, schema_, "what a model makes", model.place);
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
        } catch (const SeveralErrors& several) {
            errors.insert(errors.end(), several.All().begin(), several.All().end());
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
