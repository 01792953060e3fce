#include "schedule/lanes.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace freshet {

Lanes SplitIntoLanes(const std::vector<size_t>& due,
                     const std::function<const std::vector<size_t>&(size_t)>& ancestors) {
    std::set<size_t> read;
    for (size_t table : due) {
        read.insert(ancestors(table).begin(), ancestors(table).end());
    }
    std::vector<size_t> ends; // nothing due reads them
    std::copy_if(due.begin(), due.end(), std::back_inserter(ends), [&](size_t table) { return !read.contains(table); });
    std::map<size_t, size_t> readers; // ends that read it
    for (size_t end : ends) {
        for (size_t table : ancestors(end)) {
            readers[table]++;
        }
    }
    Lanes split;
    std::set<size_t> named(due.begin(), due.end()), placed;
    for (size_t end : ends) {
        std::vector<size_t> lane;
        for (size_t table : ancestors(end)) {
            bool shared = readers[table] > 1;
            if (shared && placed.insert(table).second) {
                split.shared.push_back(table);
            } else if (!shared && named.contains(table)) {
                lane.push_back(table);
            }
        }
        lane.push_back(end);
        split.lanes.push_back(std::move(lane));
    }
    return split;
}

} // namespace freshet
