#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace freshet {

/// A text without what may be secret: passwords in connection strings (password=..., user:password@host), the values of
/// keys and tokens, those of CREATE SECRET among them, and every value given to RememberSecret(). It tells where each
/// of its parts stood before.
class RedactedText {
public:
    explicit RedactedText(const std::string& text);

    const std::string& Text() const { return text_; }
    /// Where a byte of the text given stands now; of a secret, where its stars begin.
    size_t At(size_t offset) const;

private:
    struct Replacement {
        size_t begin, end; ///< in the text given
        size_t stars;      ///< where they begin in this one
    };

    std::string text_;
    std::vector<Replacement> replacements_;
};

/// RedactedText's text. Every engine error passes through here before it goes anywhere. Thread-safe.
std::string Redact(const std::string& text);

/// What is said of a statement, without the quoted values that are secret there.
std::string RedactAlong(const std::string& message, const std::string& statement);

/// Makes Redact() replace this value wherever it stands. Values shorter than 4 characters are ignored.
void RememberSecret(const std::string& value);

} // namespace freshet
