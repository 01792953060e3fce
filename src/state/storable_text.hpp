#pragma once

#include <string>

namespace freshet {

/// `text` with every byte that is not UTF-8, and NUL, replaced by U+FFFD. PostgreSQL refuses such text, and an error
/// message that quotes a broken file must not make recording the error fail.
std::string StorableText(const std::string& text);

} // namespace freshet
