#pragma once

#include "lake/feed_sql.hpp"

#include <optional>
#include <string>

namespace freshet {

/// The window's change by the positions of rows that were deleted in it, which delete files and the catalog tell: only
/// these rows are read, at `from`. The change is net by construction: of rows born and gone in the window neither part
/// knows. Valid while positions don't move, that is without compaction or flush in the window.
///
/// Positions are collected in a TEMP table that the queries read: DropPositions() afterwards. Nothing if they can't be
/// read: a format other than Parquet, encryption.
std::optional<FeedSql> ByPositionSql(Session& session, const FeedRequest& request, const std::string& target);

/// A scan for rows at positions opens every file of the table, the feed those that ever had deletes, and reads all of
/// their rows. By metadata alone: does the table have so many files that the feed takes less?
bool FeedOpensFarFewerFiles(Session& session, const FeedRequest& request);

void DropPositions(Session& session, const std::string& target);

} // namespace freshet
