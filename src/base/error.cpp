#include "base/error.hpp"

#include "base/caseless.hpp"
#include "base/redact.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <numeric>

namespace freshet {

namespace {

/// Letters to insert, remove or replace, and neighbours to swap.
size_t EditDistance(const std::string& a, const std::string& b) {
    std::vector<size_t> before_previous(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
    std::iota(previous.begin(), previous.end(), size_t{0});
    for (size_t i = 1; i <= a.size(); i++) {
        current[0] = i;
        for (size_t j = 1; j <= b.size(); j++) {
            size_t replace = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            current[j] = std::min({previous[j] + 1, current[j - 1] + 1, replace});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                current[j] = std::min(current[j], before_previous[j - 2] + 1);
            }
        }
        std::swap(before_previous, previous);
        std::swap(previous, current);
    }
    return previous[b.size()];
}

/// Number of code points in the first `bytes` bytes: carets must stand under what a terminal shows.
size_t CodePoints(const std::string& text, size_t begin, size_t end) {
    return static_cast<size_t>(std::count_if(text.begin() + static_cast<std::ptrdiff_t>(begin),
                                             text.begin() + static_cast<std::ptrdiff_t>(end),
                                             [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

size_t LineStart(const Place& place) {
    size_t offset = std::min(place.offset, place.text.size());
    size_t newline = offset == 0 ? std::string::npos : place.text.rfind('\n', offset - 1);
    return newline == std::string::npos ? 0 : newline + 1;
}

} // namespace

size_t Place::Line() const {
    size_t end = std::min(offset, text.size());
    return 1 + static_cast<size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(end), '\n'));
}

size_t Place::Column() const {
    return 1 + CodePoints(text, LineStart(*this), std::min(offset, text.size()));
}

std::string Place::LineText() const {
    size_t start = LineStart(*this);
    size_t end = text.find('\n', start);
    std::string line = text.substr(start, end == std::string::npos ? std::string::npos : end - start);
    if (!line.empty() && line.back() == '\r') {
        line.pop_back();
    }
    std::replace(line.begin(), line.end(), '\t', ' ');
    return line;
}

Error::Error(Code code, std::string message, std::string hint)
    : std::runtime_error(message), code_(code), message_(std::move(message)), hint_(std::move(hint)) {}

Error& Error::At(Place place) {
    place_ = std::move(place);
    return *this;
}

std::string CodeText(Code code) {
    return fmt::format("FRS-{:04}", static_cast<int>(code));
}

std::string Error::CodeText() const {
    return freshet::CodeText(code_);
}

namespace {

/// The line with carets below its marked part, without secrets.
std::string Shown(const Place& place) {
    RedactedText redacted(place.text);
    size_t first = redacted.At(std::min(place.offset, place.text.size()));
    size_t end = redacted.At(std::min(place.offset + place.length, place.text.size()));
    Place shown{place.file, redacted.Text(), first, 1};
    std::string line = shown.LineText();
    size_t last = std::min(std::max(end, first + 1), LineStart(shown) + line.size());
    size_t width = last > first ? CodePoints(shown.text, first, last) : 1;
    std::string number = fmt::format("{:>4}", place.Line());
    return fmt::format("{} | {}\n{} | {}{}\n", number, line, std::string(number.size(), ' '),
                       std::string(shown.Column() - 1, ' '), std::string(width, '^'));
}

} // namespace

std::string Error::Render() const {
    std::string out = fmt::format("error[{}]: {}\n", CodeText(), message_);
    if (place_) {
        out += fmt::format("  --> {}:{}:{}\n", place_->file.empty() ? "<sql>" : place_->file, place_->Line(),
                           place_->Column());
        out += Shown(*place_);
    }
    if (!hint_.empty()) {
        out += fmt::format("  help: {}\n", hint_);
    }
    return out;
}

std::optional<std::string> NearestName(const std::string& name, const std::vector<std::string>& candidates) {
    std::optional<std::string> best;
    size_t best_distance = std::max<size_t>(1, name.size() / 3) + 1;
    for (const auto& candidate : candidates) {
        size_t distance = EditDistance(Lower(name), Lower(candidate));
        if (distance < best_distance) {
            best_distance = distance;
            best = candidate;
        }
    }
    return best;
}

} // namespace freshet
