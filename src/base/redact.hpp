#pragma once

#include <string>

namespace freshet {

/// Removes what may be secret from a text that comes from an engine or a library: passwords in connection strings
/// (password=..., user:password@host), key and token values, and every value given to RememberSecret().
/// Every engine error passes through here before it goes anywhere. Thread-safe.
std::string Redact(const std::string& text);

/// Makes Redact() replace this value wherever it stands. Values shorter than 4 characters are ignored.
void RememberSecret(const std::string& value);

} // namespace freshet
