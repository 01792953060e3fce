#pragma once

#include "lake/session.hpp"
#include "refresh/edit.hpp"

#include <functional>
#include <string>
#include <vector>

namespace freshet {

/// Makes edits durable: one lake transaction for all of them, rows and frontiers together, or nothing. It is the one in
/// which they were computed, where that is open still.
/// `definition_change` writes rows of the registry in the same transaction (may be empty). Checks before it writes that
/// nobody wrote, compacted or altered the tables since they were read, that generations are as read, and that the
/// tables are still defined as `known` has them; and while it writes that every row to delete was found. Never reads a
/// table that it has written.
///
/// Returns the snapshot of the commit and sets `after` of each edit as it was written. Throws Overtaken, or EngineError
/// with IsConflict(), where somebody was faster: nothing was written, compute anew. Throws StaleSnapshot where a table
/// was given another definition: read the registry anew. Throws ByChangeFailed where rows that an edit by change says
/// to be stored aren't. `writing`, if given: id of the table that is being written, where that throws; else empty.
Snapshot CommitEdits(Session& session, std::vector<Edit>& edits, const std::function<void()>& definition_change,
                     const Registry& known, const std::string& run_id, std::string* writing = nullptr);

/// Gives a table that this transaction has made the layout that its options ask for.
void SetLayout(Session& session, const DynamicTable& table);

} // namespace freshet
