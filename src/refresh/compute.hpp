#pragma once

#include "delta/analysis.hpp"
#include "refresh/edit.hpp"
#include "refresh/experience.hpp"
#include "refresh/inputs.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace freshet {

/// What is asked of one table's refresh.
struct ComputeRequest {
    const TableNode* node = nullptr;
    bool full = false;              ///< evaluate the whole definition, whatever the mode
    bool create = false;            ///< the table is new, or its definition is
    bool leave_empty = false;       ///< ON_SCHEDULE: make the table, don't fill it
    bool adopt = false;             ///< an ordinary table of that name is taken over
    bool keep_rows_in_temp = false; ///< children in the same commit read it, or nothing is committed
    std::string not_by_change;      ///< why an attempt by change was given up; empty: none was
    /// What earlier refreshes of the table took; asked where a choice is to be made. May be empty.
    std::function<Experience()> experience;
    bool keep_content = false;  ///< a table that isn't what S asks for is left alone: throws HasChanges
    bool move_frontier = false; ///< with keep_content: to S, though no row changes
    /// The content is known to be unchanged by what happened up to this snapshot (a hint of the state store).
    Snapshot unchanged_until = kNoSnapshot;
};

/// The delta rules failed, and with them the transaction: the table is to be computed anew, in full.
class ByChangeFailed : public Error {
public:
    ByChangeFailed(std::string id, const Error& cause) : Error(cause), id_(std::move(id)) {}
    const std::string& Id() const { return id_; }

private:
    std::string id_;
};

/// The content would have to change, and was to be kept.
class HasChanges : public Error {
public:
    explicit HasChanges(const std::string& what) : Error(Code::RefreshFailed, what) {}
};

/// Computes a table's edit in the session's open transaction; writes only TEMP tables. Throws Error (SourceGone,
/// RefreshFailed, InexactValue ...) or StaleSnapshot.
Edit ComputeEdit(Session& session, const Pass& pass, const ComputeRequest& request);

/// Did the engine run out of memory, and of room to spill?
bool LacksMemory(const EngineError& error);

/// What a user is told where the definition fails while it is evaluated. DuckDB gives no place of such errors.
Error EvaluationFailed(const DynamicTable& table, const EngineError& error);

/// What a definition gives and how it may be refreshed.
struct Analysis {
    std::vector<Column> columns;
    std::set<std::string> inexact;
    std::set<std::string> undetermined;
    bool rows_undetermined = false;  ///< not even the choice of rows is determined
    bool count_undetermined = false; ///< nor their number
    std::set<std::string> signless;  ///< numbers whose infinities may have either sign (plan/representatives.hpp)
    std::string mode;                ///< INCREMENTAL or FULL
    std::string mode_reason;
    std::vector<std::string> warnings;
    std::optional<delta::Analysis> plan; ///< nothing where the definition can't be translated
    std::optional<plan::Query> query;    ///< the definition as it was translated, before `plan` rewrote it

    /// Why AUTO doesn't refresh it by change though there are rules; empty where it may.
    std::string WhyAutoDoesNot() const;
};

/// Binds the definition over today's tables, under its own settings, or gives what is known of it. Throws Error with
/// the place in the definition's text.
std::shared_ptr<const Analysis> Analyze(Session& session, const TableNode& node);

/// A result column of one of these names hides DuckLake's virtual column of that name, so that stored rows can't be
/// told apart by their place: such a table is always written whole.
bool HidesPhysicalPlace(const std::vector<Column>& columns);

/// TEMP tables of an edit are named by the table's id.
std::string EditPrefix(const DynamicTable& table);
/// SQL of the table's content after the edit, for readers in the same commit.
std::string ContentAfter(const Edit& edit);

} // namespace freshet
