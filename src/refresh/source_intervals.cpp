#include "refresh/source_intervals.hpp"

#include "lake/column_ranges.hpp"
#include "refresh/compute.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

std::string NewRelation(const Inputs& inputs, const InputVersion& input) {
    const Relation& relation = inputs.relations.at(input.name);
    if (const auto* temp = std::get_if<OtherRelation>(&relation)) {
        return TempSql(temp->name);
    }
    // A version stands in brackets: AT would otherwise have to follow an alias.
    return fmt::format("(FROM {})", AtVersion(input.name, input.version));
}

std::string MomentSql(const Frontier& frontier) {
    return frontier.evaluated_at ? fmt::format("make_timestamptz({})", *frontier.evaluated_at) : "";
}

void TakeBounds(Session& session, const plan::Query& query, const std::vector<InputVersion>& inputs,
                std::vector<delta::SourceInterval>& intervals) {
    std::vector<TableSize> tables;
    for (size_t i = 0; i < query.sources.size(); i++) {
        tables.push_back({InputOf(inputs, query.sources[i].table).table_id, intervals[i].rows});
    }
    std::vector<DistinctBounds> known = ReadDistinctBounds(session, tables);
    for (size_t i = 0; i < query.sources.size(); i++) {
        const InputVersion& input = InputOf(inputs, query.sources[i].table);
        for (const auto& column : query.sources[i].columns) {
            auto info = std::find_if(input.columns.begin(), input.columns.end(),
                                     [&](const auto& candidate) { return candidate.name == column.name; });
            auto bound = info == input.columns.end() ? known[i].end() : known[i].find(info->id);
            intervals[i].distinct.push_back(bound == known[i].end() ? 0 : bound->second);
        }
    }
}

} // namespace freshet
