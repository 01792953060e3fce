#include "base/redact.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <mutex>
#include <optional>
#include <set>
#include <string_view>

namespace freshet {

namespace {

constexpr std::string_view kStars = "***";
constexpr std::string_view kBlanks = " \t\r\n";

std::mutex secrets_mutex;
std::set<std::string>& Secrets() {
    static std::set<std::string> secrets;
    return secrets;
}

/// Part of a text: [begin, end).
struct Span {
    size_t begin, end;
};

/// Words, and ends of words, behind which a secret stands. Not std::regex, which recurses once per character.
constexpr std::array<std::string_view, 15> kKeys = {
    "password",   "passwd",    "passphrase", "pass",   "pwd",     "secret",      "token",        "key_id",
    "access_key", "accesskey", "accountkey", "apikey", "api_key", "private_key", "authorization"};

class SecretFinder {
public:
    explicit SecretFinder(const std::string& text) : text_(text) {}

    /// In order, apart from each other.
    std::vector<Span> Find() {
        FindRemembered();
        FindValues();
        FindUserInfo();
        std::sort(found_.begin(), found_.end(), [](const Span& a, const Span& b) { return a.begin < b.begin; });
        std::vector<Span> apart;
        for (const Span& span : found_) {
            if (apart.empty() || span.begin >= apart.back().end) {
                apart.push_back(span);
            } else {
                apart.back().end = std::max(apart.back().end, span.end);
            }
        }
        return apart;
    }

private:
    void FindRemembered() {
        std::lock_guard lock(secrets_mutex);
        for (const auto& secret : Secrets()) {
            for (size_t at = text_.find(secret); at != std::string::npos; at = text_.find(secret, at + secret.size())) {
                found_.push_back({at, at + secret.size()});
            }
        }
    }

    void FindValues() {
        for (size_t at = 0; at < text_.size(); at++) {
            for (std::string_view key : kKeys) {
                auto value = StartsWith(at, key) ? ValueBehind(at + key.size()) : std::nullopt;
                if (value) {
                    found_.push_back(*value);
                    at = value->end - 1;
                    break;
                }
            }
        }
    }

    /// user:password@host
    void FindUserInfo() {
        constexpr std::string_view kBegin = "://";
        for (size_t at = text_.find(kBegin); at != std::string::npos; at = text_.find(kBegin, at + 1)) {
            size_t colon = text_.find_first_of(" \t\r\n:/@'\"", at + kBegin.size());
            if (colon == std::string::npos || text_[colon] != ':') {
                continue;
            }
            size_t end = text_.find_first_of(" \t\r\n@'\"", colon + 1);
            if (end != std::string::npos && text_[end] == '@' && end > colon + 1) {
                found_.push_back({colon + 1, end});
            }
        }
    }

    bool StartsWith(size_t at, std::string_view word) const {
        return at + word.size() <= text_.size() &&
               std::equal(word.begin(), word.end(), text_.begin() + static_cast<std::ptrdiff_t>(at),
                          [](char a, char b) { return a == std::tolower(static_cast<unsigned char>(b)); });
    }

    size_t SkipBlanks(size_t at) const { return std::min(text_.find_first_not_of(kBlanks, at), text_.size()); }

    /// password=x, "password": "x", and SQL's SECRET 'x', where only quotes tell a value from another word.
    std::optional<Span> ValueBehind(size_t at) const {
        size_t after_key = at < text_.size() && (text_[at] == '\'' || text_[at] == '"') ? at + 1 : at;
        size_t separator = SkipBlanks(after_key);
        for (std::string_view sign : {"=>", ":=", "==", "::", "=", ":"}) {
            if (StartsWith(separator, sign)) {
                return sign == "::" ? std::nullopt : Value(SkipBlanks(separator + sign.size()), true);
            }
        }
        size_t value = SkipBlanks(at);
        return value > at ? Value(value, false) : std::nullopt;
    }

    std::optional<Span> Value(size_t at, bool may_be_bare) const {
        for (std::string_view quote : {"$$", "''", "'", "\""}) {
            if (StartsWith(at, quote)) {
                return Span{at, QuotedEnd(at, quote)};
            }
        }
        size_t end = std::min(text_.find_first_of(" \t\r\n,;)'\"&", at), text_.size());
        return may_be_bare && end > at ? std::optional(Span{at, end}) : std::nullopt;
    }

    /// Behind the closing quote, or the text's end. A doubled quote is one of a quoted text, or an empty text.
    size_t QuotedEnd(size_t at, std::string_view quote) const {
        size_t first = at + quote.size();
        if (quote.size() == 2) {
            size_t end = text_.find(quote, first);
            return end != std::string::npos ? end + 2 : quote == "''" ? first : text_.size();
        }
        for (size_t end = first; end < text_.size(); end++) {
            bool doubled = text_[end] == quote[0] && end + 1 < text_.size() && text_[end + 1] == quote[0];
            if (text_[end] == '\\' || doubled) {
                end++;
            } else if (text_[end] == quote[0]) {
                return end + 1;
            }
        }
        return text_.size();
    }

    const std::string& text_;
    std::vector<Span> found_;
};

} // namespace

void RememberSecret(const std::string& value) {
    if (value.size() < 4) {
        return;
    }
    std::lock_guard lock(secrets_mutex);
    Secrets().insert(value);
}

RedactedText::RedactedText(const std::string& text) {
    size_t copied = 0;
    for (const Span& secret : SecretFinder(text).Find()) {
        text_ += text.substr(copied, secret.begin - copied);
        replacements_.push_back({secret.begin, secret.end, text_.size()});
        text_ += kStars;
        copied = secret.end;
    }
    text_ += text.substr(copied);
}

size_t RedactedText::At(size_t offset) const {
    size_t at = offset;
    for (const auto& replacement : replacements_) {
        if (offset < replacement.begin) {
            break;
        }
        at = offset < replacement.end ? replacement.stars
                                      : replacement.stars + kStars.size() + (offset - replacement.end);
    }
    return at;
}

std::string Redact(const std::string& text) {
    return RedactedText(text).Text();
}

std::string RedactAlong(const std::string& message, const std::string& statement) {
    std::string out = message;
    for (const Span& secret : SecretFinder(statement).Find()) {
        std::string value = statement.substr(secret.begin, secret.end - secret.begin);
        if (value[0] != '\'' && value[0] != '$') {
            continue;
        }
        size_t first = value.find_first_not_of("'$"), last = value.find_last_not_of("'$");
        value = first == std::string::npos ? "" : value.substr(first, last - first + 1);
        for (size_t at = value.empty() ? std::string::npos : out.find(value); at != std::string::npos;
             at = out.find(value, at + kStars.size())) {
            out.replace(at, value.size(), kStars);
        }
    }
    return out;
}

} // namespace freshet
