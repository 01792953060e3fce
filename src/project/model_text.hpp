#pragma once

#include "bind/lexical.hpp"
#include "bind/source.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace freshet {

/// Values of ${name} in models, by name.
using Variables = std::map<std::string, std::string>;

/// The text of a project's file: UTF-8 without a byte order mark, with line ends as LF. `shown` is its path for people.
/// Throws FileUnreadable, or NotText with the place of the first wrong byte.
Source ReadText(const std::filesystem::path& file, const std::string& shown);

/// Where the options begin in a comment `-- freshet: ...`, in any case and with or without blanks; 0: it is none.
size_t OptionsBegin(const std::string& comment);

/// A text with values in the place of ${name} and ${name:-default}; of comments only in those with options. Places in
/// it are those of the file, a part of a value is where the variable stands: no error points into a text that nobody
/// wrote.
class ModelText {
public:
    /// Throws UndefinedVariable with the place, or SeveralErrors of them.
    ModelText(Source written, const Variables& variables);

    const Source& Expanded() const { return expanded_; }
    const Source& Written() const { return *written_; }

private:
    struct Replacement {
        size_t written_begin, written_end, expanded_begin, expanded_end;
    };
    using Replacements = std::vector<Replacement>;

    /// Replaces the variables that begin in the stretch, and returns where to go on.
    size_t ReplaceWithin(const Stretch& stretch, size_t at, const Variables& variables);
    /// Appends what stands before the variable and its value.
    void Replace(size_t begin, size_t end, bool in_comment, const Variables& variables);
    std::string Value(const std::string& inside, size_t begin, size_t end, const Variables& variables) const;
    static size_t ToWritten(const Replacements& replacements, size_t expanded, bool end);

    std::shared_ptr<const Source> written_;
    Source expanded_;
    Replacements replacements_;
    size_t copied_ = 0; ///< bytes of the written text that are in the expanded one
    std::vector<Error> errors_;
};

} // namespace freshet
