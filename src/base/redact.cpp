#include "base/redact.hpp"

#include <mutex>
#include <regex>
#include <set>

namespace freshet {

namespace {

std::mutex secrets_mutex;
std::set<std::string>& Secrets() {
    static std::set<std::string> secrets;
    return secrets;
}

void ReplaceAll(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
        text.replace(at, from.size(), to);
    }
}

} // namespace

void RememberSecret(const std::string& value) {
    if (value.size() < 4) {
        return;
    }
    std::lock_guard lock(secrets_mutex);
    Secrets().insert(value);
}

std::string Redact(const std::string& text) {
    static const std::regex key_value(
        R"re(((?:pass(?:word|wd)?|pwd|pgpassword|secret|token|session_token|key_id|access_key|api_?key)\s*(?:=|:)\s*)('(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|[^\s,;)'"&]+))re",
        std::regex::icase);
    static const std::regex user_info(R"re((://[^\s:/@'"]*:)[^\s@'"]+@)re");
    std::string out = text;
    {
        std::lock_guard lock(secrets_mutex);
        for (const auto& secret : Secrets()) {
            ReplaceAll(out, secret, "***");
        }
    }
    out = std::regex_replace(out, key_value, "$1***");
    return std::regex_replace(out, user_info, "$1***@");
}

} // namespace freshet
