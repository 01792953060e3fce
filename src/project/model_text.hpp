#pragma once

#include "bind/source.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace freshet {

/// Values of ${name} in models, by name.
using Variables = std::map<std::string, std::string>;

/// The text of a project's file: UTF-8 without a byte order mark, with line ends as LF. `shown` is its path for people.
/// Throws FileUnreadable, or NotText with the place of the first wrong byte.
Source ReadText(const std::filesystem::path& file, const std::string& shown);

/// A text with values in the place of ${name} and ${name:-default}, comments left alone; it knows where each of its
/// parts stands in the file, so that no error points into a text that nobody wrote.
class ModelText {
public:
    /// Throws UndefinedVariable with the place.
    ModelText(Source written, const Variables& variables);

    const Source& Expanded() const { return expanded_; }
    const Source& Written() const { return written_; }
    /// The same place in the file: a part of a value is where the variable stands.
    Place InFile(const Place& place) const;
    /// The error with its place in the file, where it has one in the expanded text.
    Error InFile(const Error& error) const;

private:
    struct Replacement {
        size_t written_begin, written_end, expanded_begin, expanded_end;
    };

    /// Appends what stands before the variable, from `copied` on, and its value.
    void Replace(size_t begin, size_t end, size_t copied, const Variables& variables);
    size_t ToWritten(size_t expanded, bool end) const;
    std::string Value(const std::string& inside, size_t begin, size_t end, const Variables& variables) const;

    Source written_;
    Source expanded_;
    std::vector<Replacement> replacements_;
};

} // namespace freshet
