#include "base/row_place.hpp"

#include <strings.h>

namespace freshet {

bool IsRowPlace(const std::string& column) {
    return strcasecmp(column.c_str(), "filename") == 0 || strcasecmp(column.c_str(), "file_row_number") == 0;
}

} // namespace freshet
