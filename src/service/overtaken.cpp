#include "service/overtaken.hpp"

namespace freshet {

bool TellsOfOtherDefiner(const Error& error) {
    auto has = [&](const char* text) { return error.Message().find(text) != std::string::npos; };
    bool made = has("Table with name") && has("already exists"); // DuckLake's words, at the commit
    return made || has("was created meanwhile") || has("was altered or dropped by another process meanwhile");
}

} // namespace freshet
