#include "refresh/affected_share.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

int64_t KeysOf(Session& session, const delta::Analysis& analysis, const Edit& edit) {
    std::string list;
    for (int output : analysis.key_outputs) {
        list += (list.empty() ? "" : ", ") + QuoteIdentifier(edit.columns[static_cast<size_t>(output)].name);
    }
    return AsInt(session.QueryValue(
        fmt::format("SELECT count(*) FROM (SELECT DISTINCT {} FROM {})", list, edit.table.name.Sql())));
}

} // namespace

bool AffectedShare::Exceeds(double threshold) const {
    return affected > 0 && static_cast<double>(affected) > threshold * static_cast<double>(all);
}

std::string AffectedShare::Text() const {
    double share = static_cast<double>(affected) / static_cast<double>(std::max<int64_t>(1, all));
    return fmt::format("{} of {} {} affected ({:.2f})", affected, all, what, share);
}

AffectedShare AffectedShareOf(Session& session, const delta::Analysis& analysis, const InputChanges& changes,
                              const Edit& edit) {
    switch (analysis.shape) {
    case delta::RootShape::Keyed:
        return {"keys", edit.extent.affected_keys.value_or(0), KeysOf(session, analysis, edit)};
    case delta::RootShape::Bag:
        return {"rows", std::max(edit.rows.in_count, edit.rows.out_count), edit.before.row_count};
    case delta::RootShape::Whole:
        break;
    }
    AffectedShare share{"rows of the inputs", 0, 0};
    for (const auto& source : changes.sources) {
        share.affected += source.inserted + source.deleted;
        share.all += std::max<int64_t>(0, source.rows - source.inserted + source.deleted);
    }
    return share;
}

} // namespace freshet
