#pragma once

#include "bind/model_statement.hpp"
#include "project/model_text.hpp"

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace freshet {

/// The newest form of projects and plan files that this program knows.
inline constexpr int kProjectFormat = 1;

/// What freshet.yml says of the project.
struct ProjectSettings {
    std::string name = "default"; ///< what --prune may drop: what a project of this name made
    std::filesystem::path folder;
    std::filesystem::path models; ///< absolute
    Variables variables;
};

/// One object that a project wants to be there.
struct Model {
    ObjectKind kind = ObjectKind::DynamicTable;
    TableName name;
    std::shared_ptr<const ModelText> text;
    Place place;                      ///< of its name, or of its file's first statement; in the file
    std::vector<GivenColumn> columns; ///< of a dynamic table, as given
    TableOptions options;             ///< of a dynamic table
    Excerpt body;                     ///< query, or statement of a view or macro; in the expanded text
    std::vector<std::string> schemas; ///< in which unqualified names are looked up
    std::vector<Reference> references;

    std::string Title() const { return KindText(kind) + " " + name.Text(); }
    const Source& GetSource() const { return text->Expanded(); }
};

/// Reads models/**/*.sql, in the order of their paths. A file in models/sales/... makes objects in schema sales, one
/// directly in models/ in schema main, unless its statement names a schema. Throws SeveralErrors with all that is wrong
/// with single files, TwoModels among them.
std::vector<Model> ReadModels(const ProjectSettings& settings);

} // namespace freshet
