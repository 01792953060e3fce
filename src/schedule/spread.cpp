#include "schedule/spread.hpp"

namespace freshet {

double Spread(const std::string& id, int64_t count, uint64_t seed) {
    uint64_t hash = 14695981039346656037ULL ^ seed;
    for (unsigned char c : id) {
        hash = (hash ^ c) * 1099511628211ULL;
    }
    hash += static_cast<uint64_t>(count) * 0x9e3779b97f4a7c15ULL;
    hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9ULL;
    hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebULL;
    return static_cast<double>((hash ^ (hash >> 31)) >> 11) / 9007199254740992.0; // 2^53
}

} // namespace freshet
