#pragma once

#include <string>

namespace freshet {

/// Is this one of the virtual columns by which DuckLake tells where a row lies (filename, file_row_number), in any
/// case? A table's own column of that name hides it.
bool IsRowPlace(const std::string& column);

} // namespace freshet
