#include "lake/memory_use.hpp"

#include <algorithm>
#include <duckdb.hpp>
#include <duckdb/storage/buffer_manager.hpp>
#include <limits>

namespace freshet {

MemoryUse ReadMemoryUse(Session& session) {
    constexpr duckdb::idx_t kMost = std::numeric_limits<int64_t>::max();
    auto& buffers = duckdb::BufferManager::GetBufferManager(*session.Raw().context);
    MemoryUse use;
    use.limit = static_cast<int64_t>(std::min(buffers.GetMaxMemory(), kMost));
    for (const auto& part : buffers.GetMemoryUsageInfo()) {
        bool cache = part.tag == duckdb::MemoryTag::EXTERNAL_FILE_CACHE || part.tag == duckdb::MemoryTag::OBJECT_CACHE;
        use.used += cache ? 0 : static_cast<int64_t>(part.size);
    }
    return use;
}

} // namespace freshet
