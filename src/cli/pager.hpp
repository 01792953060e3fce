#pragma once

#include <string>

namespace freshet {

/// Shows a text with $PAGER, or with less where that is installed, until the user leaves it. False if there is none,
/// and nothing was shown. An empty PAGER, and cat, mean none. Ctrl-C is the pager's meanwhile.
bool ShowInPager(const std::string& text);

} // namespace freshet
