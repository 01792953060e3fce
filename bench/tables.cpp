#include "tables.hpp"

#include <fmt/format.h>

namespace freshet::bench {

void CreateTable(Service& service, const std::string& name, const std::string& refresh_mode, const std::string& query) {
    service.Create({"", fmt::format("CREATE DYNAMIC TABLE {} TARGET_LAG = '1 hour' REFRESH_MODE = {} AS\n{}", name,
                                    refresh_mode, query)});
}

RefreshEntry RefreshTable(Service& service, const std::string& name) {
    RefreshRequest request;
    request.names = {name};
    RefreshEntry entry = service.Refresh(request).at(0);
    if (entry.error) {
        throw Error(*entry.error);
    }
    return entry;
}

bool IsEqual(Service& service, const std::string& name) {
    VerifyRequest request;
    request.names = {name};
    return service.Verify(request).at(0).Good();
}

} // namespace freshet::bench
