#pragma once

#include <string>

namespace freshet {

/// Is the function without arguments one that a plan knows as the data timestamp (now, current_date ...), by its name
/// in any case? Not the local time, nor age(x), which DuckDB declares to give the same value always.
bool IsMomentFunction(const std::string& name);

} // namespace freshet
