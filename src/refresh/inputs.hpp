#pragma once

#include "bind/definition.hpp"
#include "refresh/dependencies.hpp"
#include "refresh/settings.hpp"

#include <map>
#include <string>
#include <vector>

namespace freshet {

class SharedChanges;

/// A moment at which a pass reads the lake, and what it knows about the dynamic tables there.
struct Pass {
    Snapshot data_snapshot = kNoSnapshot; ///< S: all base tables are read at it
    Timestamp data_timestamp = 0;         ///< when S was known to be the newest
    const Registry* registry = nullptr;

    /// Generation at which a dynamic table is known to hold the content of S.
    std::map<std::string, int64_t> current;

    /// A table that the same commit writes: its content is the old one until then.
    struct Member {
        std::string relation; ///< TEMP view with its new content
        bool writes = false;
        bool made_anew = false;      ///< it is another table than before the commit
        bool reshaped = false;       ///< its columns are others than the lake has: nothing can be bound over it yet
        std::vector<Column> columns; ///< after the commit
        int64_t row_count = 0;
    };
    std::map<std::string, Member> members; ///< by id; atomic refreshes only
    SharedChanges* shared = nullptr;       ///< of sources that several tables of the pass read
};

/// The lake moved on in a way that a reader at S can't follow: begin again with a newer S.
class StaleSnapshot : public Error {
public:
    explicit StaleSnapshot(const std::string& what) : Error(Code::LakeConflict, what) {}
};

/// The inputs of a definition as this transaction reads them: base tables at S, dynamic tables at the transaction's own
/// snapshot, where their state row says that they fit S.
struct Inputs {
    std::vector<InputVersion> versions;
    std::map<TableName, Relation> relations; ///< to read rows from
    std::map<TableName, Relation> named;     ///< the same rows and columns: base tables under their own names

    RelationFor ForSql() const {
        return [this](const TableName& table) { return relations.at(table); };
    }
    /// What a definition reads shows in tables alone: RelationAt() may stand in for a table with all of its columns.
    RelationFor ForBinding() const {
        return [this](const TableName& table) { return named.at(table); };
    }
};

/// A table at a version as the definition reads it: all of its rows, whatever it asks for.
Relation RelationAt(Session& session, const Definition& definition, const TableName& name, Snapshot version);

/// The input of that name; it must be there.
const InputVersion& InputOf(const std::vector<InputVersion>& inputs, const TableName& name);

/// Notes which columns of its inputs the definition reads.
void NoteReads(const BoundQuery& bound, Inputs& inputs);

/// Throws StaleSnapshot, or SourceGone for a table that is gone.
Inputs ResolveInputs(Session& session, const Pass& pass, const TableNode& node, Snapshot pin);

/// Counts the rows of inputs whose count isn't known, at their versions.
void CountInputs(Session& session, std::vector<InputVersion>& inputs);

/// Why the inputs are not those of the frontier, fit for a refresh's reason: another table of that name, other columns
/// among those that the definition reads. Empty if they are.
std::string InputsReplaced(const Frontier& frontier, const std::vector<InputVersion>& inputs);

/// A hash of the definition's text with views and macros inlined and names resolved, and of the settings under which it
/// is evaluated: many of them act only then.
std::string TextFingerprint(const Definition& definition, const Settings& settings);
/// TextFingerprint() and a hash of what the text binds to over today's columns.
std::string MeaningFingerprint(Session& session, const Definition& definition, const Settings& settings);
/// Does the meaning have that text?
bool HasText(const std::string& meaning, const Definition& definition, const Settings& settings);

} // namespace freshet
