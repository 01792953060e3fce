#include "cli/sql_text.hpp"

#include "base/utf8.hpp"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <iostream>
#include <sstream>

namespace freshet {

std::string ReadStandardInput() {
    std::ostringstream text;
    text << std::cin.rdbuf();
    return text.str();
}

Source ReadSource(const std::string& file) {
    if (file == "-") {
        return {"", ReadStandardInput()};
    }
    std::error_code problem;
    std::ifstream in(file, std::ios::binary);
    if (!in || std::filesystem::is_directory(file, problem)) {
        std::string cause = in ? "it is a folder" : std::strerror(errno);
        throw Error(Code::FileUnreadable, fmt::format("{} can't be read: {}", file, cause));
    }
    std::ostringstream text;
    text << in.rdbuf();
    return {file, text.str()};
}

Source ReadDefinition(const std::string& file) {
    Source source = ReadSource(file);
    source.text = TextFrom(source.file, source.text);
    return source;
}

} // namespace freshet
