#pragma once

#include "base/error.hpp"

#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// What `freshet explain FRS-2003` says.
struct ErrorPage {
    Code code;
    std::string title;
    std::string cause;
    std::string remedy;
};

const std::vector<ErrorPage>& ErrorPages();
std::optional<ErrorPage> FindErrorPage(int number);

} // namespace freshet
