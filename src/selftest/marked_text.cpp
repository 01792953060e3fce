#include "selftest/marked_text.hpp"

#include <algorithm>

namespace freshet::selftest::marked {

namespace {

constexpr char kTable = '\x01'; // before and after a name
constexpr char kBegin = '\x02';
constexpr char kEnd = '\x03';

} // namespace

std::string Table(const std::string& name) {
    return kTable + name + kTable;
}

std::string Optional(const std::string& text) {
    return kBegin + text + kEnd;
}

std::string Plain(const std::string& text) {
    return WithTables(text, [](const std::string& name) { return name; });
}

std::string WithTables(const std::string& text, const std::function<std::string(const std::string&)>& written) {
    std::string result;
    for (size_t at = 0; at < text.size(); at++) {
        if (text[at] == kTable) {
            size_t end = text.find(kTable, at + 1);
            result += written(text.substr(at + 1, end - at - 1));
            at = end;
        } else if (text[at] != kBegin && text[at] != kEnd) {
            result += text[at];
        }
    }
    return result;
}

std::set<std::string> Tables(const std::string& text) {
    std::set<std::string> names;
    WithTables(text, [&](const std::string& name) {
        names.insert(name);
        return name;
    });
    return names;
}

size_t CountOptional(const std::string& text) {
    return static_cast<size_t>(std::count(text.begin(), text.end(), kBegin));
}

std::string Without(const std::string& text, const std::set<size_t>& parts) {
    std::string result;
    size_t begun = 0;
    size_t left_out = 0; // open parts, from the outermost one that is left out
    for (char character : text) {
        if (character == kBegin && (left_out > 0 || parts.contains(begun))) {
            left_out++;
        }
        begun += character == kBegin ? 1 : 0;
        if (left_out == 0) {
            result += character;
        } else if (character == kEnd) {
            left_out--;
        }
    }
    return result;
}

} // namespace freshet::selftest::marked
