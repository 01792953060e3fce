#pragma once

#include <string>
#include <vector>

namespace freshet {

struct ProjectFile {
    std::string path; ///< relative to the project's folder
    std::string text;
};

/// What `freshet init` writes: a project that runs.
const std::vector<ProjectFile>& ProjectFiles();

} // namespace freshet
