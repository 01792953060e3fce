#include "base/type_name.hpp"

#include <cctype>
#include <string_view>

namespace freshet {

namespace {

/// One past the quoted text that begins at `begin`; doubled quotes belong to it.
size_t EndOfQuoted(const std::string& text, size_t begin) {
    for (size_t i = begin + 1; i < text.size(); i++) {
        if (text[i] == text[begin]) {
            if (i + 1 >= text.size() || text[i + 1] != text[begin]) {
                return i + 1;
            }
            i++;
        }
    }
    return text.size();
}

/// Is what begins here a field's name with its type, or a type alone? Names that are words of a type's text are quoted.
bool BeginsWithName(const std::string& type, size_t begin) {
    size_t end = begin;
    if (begin < type.size() && type[begin] == '"') {
        end = EndOfQuoted(type, begin);
    } else {
        while (end < type.size() && (std::isalnum(static_cast<unsigned char>(type[end])) != 0 || type[end] == '_')) {
            end++;
        }
    }
    bool time = type.compare(end, 15, " WITH TIME ZONE") == 0;
    return end < type.size() && type[end] == ' ' && !time;
}

} // namespace

bool HasUnnamedStruct(const std::string& type) {
    constexpr std::string_view kStruct = "STRUCT(";
    for (size_t i = 0; i < type.size();) {
        if (type[i] == '"' || type[i] == '\'') {
            i = EndOfQuoted(type, i);
        } else if (type.compare(i, kStruct.size(), kStruct) == 0) {
            i += kStruct.size();
            if (!BeginsWithName(type, i)) {
                return true;
            }
        } else {
            i++;
        }
    }
    return false;
}

bool IsNested(const std::string& type) {
    return type.ends_with("]") || type.starts_with("STRUCT(") || type.starts_with("MAP(");
}

std::string ElementOfList(const std::string& type) {
    return type.ends_with("[]") ? type.substr(0, type.size() - 2) : "";
}

} // namespace freshet
