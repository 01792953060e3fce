#include "selftest/marked_text.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

namespace freshet::selftest::marked {

namespace {

constexpr char kTable = '\x01'; // before and after a name
constexpr char kBegin = '\x02';
constexpr char kEnd = '\x03';
constexpr char kName = '\x04'; // before the name, which kQuery ends; after the query: kNamed
constexpr char kQuery = '\x05';
constexpr char kNamed = '\x06';

std::string WithoutQueries(const std::string& text) {
    std::string result;
    size_t depth = 0; // of queries that are left out
    for (char character : text) {
        depth += character == kQuery ? 1 : 0;
        if (depth == 0 && character != kName) {
            result += character;
        }
        depth -= character == kNamed ? 1 : 0;
    }
    return result;
}

/// Brackets take the place of the names' marks.
std::string WithQueries(const std::string& text) {
    std::string result;
    bool name = false;
    for (char character : text) {
        if (character == kName) {
            name = true;
        } else if (character == kQuery) {
            name = false;
            result += '(';
        } else if (character == kNamed) {
            result += ')';
        } else if (!name) {
            result += character;
        }
    }
    return result;
}

/// Without the marks of tables and of what may be left out.
std::string Written(const std::string& text, const std::function<std::string(const std::string&)>& written) {
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

} // namespace

std::string AtMoment(const std::string& text, const std::string& moment) {
    std::string result;
    size_t at = 0;
    for (size_t next = text.find(kNow); next != std::string::npos; next = text.find(kNow, at)) {
        result += text.substr(at, next - at) + moment;
        at = next + std::string_view(kNow).size();
    }
    return result + text.substr(at);
}

std::string Table(const std::string& name) {
    return kTable + name + kTable;
}

std::string Optional(const std::string& text) {
    return kBegin + text + kEnd;
}

std::string Named(const std::string& name, const std::string& query) {
    return kName + name + kQuery + query + kNamed;
}

std::string Whole(const std::string& text) {
    std::string result;
    std::copy_if(text.begin(), text.end(), std::back_inserter(result),
                 [](char character) { return character != kBegin && character != kEnd; });
    return result;
}

std::string Plain(const std::string& text) {
    return Written(WithoutQueries(text), [](const std::string& name) { return name; });
}

std::string WithTables(const std::string& text, const std::function<std::string(const std::string&)>& written) {
    return Written(WithQueries(text), written);
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
