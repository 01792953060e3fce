#include "service/project_cycles.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <vector>

namespace freshet {

namespace {

class CycleSearch {
public:
    explicit CycleSearch(const std::map<TableName, PlannedReads>& reads) : reads_(reads) {}

    void Visit(const TableName& table) {
        auto node = reads_.find(table);
        if (node == reads_.end() || done_.count(table) > 0) {
            return;
        }
        bool closed = std::find(path_.begin(), path_.end(), table) != path_.end();
        path_.push_back(table);
        if (closed) {
            throw Found(std::find(path_.begin(), path_.end(), table));
        }
        for (const auto& input : node->second.inputs) {
            Visit(input);
        }
        path_.pop_back();
        done_.insert(table);
    }

private:
    Error Found(std::vector<TableName>::const_iterator begin) const {
        std::string text = begin->Text();
        std::optional<Place> place;
        for (auto step = begin; step + 1 != path_.end(); ++step) {
            const auto& places = reads_.at(*step).places;
            auto named = places.find(step[1]);
            bool of_model = named != places.end();
            text += fmt::format(" -> {} ({})", step[1].Text(),
                                of_model ? fmt::format("{}:{}", named->second.file, named->second.Line())
                                         : "no model of this project");
            place = place || !of_model ? place : std::optional(named->second);
        }
        Error error(Code::Cycle, "dynamic tables would read each other in a circle: " + text,
                    "\"a -> b\" means that a reads b, in the file and line behind it; break the circle in one of them");
        return place ? error.At(*place) : error;
    }

    const std::map<TableName, PlannedReads>& reads_;
    std::vector<TableName> path_;
    std::set<TableName> done_;
};

} // namespace

void CheckNoCycle(const std::map<TableName, PlannedReads>& reads) {
    CycleSearch search(reads);
    for (const auto& [table, inputs] : reads) {
        search.Visit(table);
    }
}

} // namespace freshet
