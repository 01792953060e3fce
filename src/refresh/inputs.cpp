#include "refresh/inputs.hpp"

#include "bind/translate.hpp"
#include "lake/row_count.hpp"
#include "lake/whole_table.hpp"
#include "refresh/lake_state.hpp"

#include <algorithm>
#include <fmt/format.h>

namespace freshet {

namespace {

InputVersion VersionOf(const TableInfo& info, Snapshot version) {
    InputVersion input;
    input.name = info.name;
    input.table_id = info.id;
    input.uuid = info.uuid;
    input.columns = info.columns;
    input.version = version;
    return input;
}

InputVersion BaseInput(Session& session, const Pass& pass, const TableName& name, Snapshot pin) {
    auto info = FindTable(session, name, pass.data_snapshot);
    if (info) {
        return VersionOf(*info, pass.data_snapshot);
    }
    if (pin > pass.data_snapshot && FindTable(session, name, pin)) {
        throw StaleSnapshot(name.Text() + " was created during the refresh");
    }
    throw Error(Code::SourceGone, fmt::format("table {} is gone", name.Text()),
                "bring it back, or change the definition: ALTER DYNAMIC TABLE ... AS");
}

InputVersion DynamicInput(Session& session, const Pass& pass, const DynamicTable& parent, Snapshot pin) {
    auto info = FindTable(session, parent.name, pin);
    if (!info) {
        throw StaleSnapshot(parent.name.Text() + " was dropped during the refresh");
    }
    Frontier frontier = ReadFrontier(session, parent.id);
    auto known = pass.current.find(parent.id);
    bool fits = frontier.data_snapshot == pass.data_snapshot ||
                (known != pass.current.end() && known->second == frontier.generation);
    if (!fits) {
        throw StaleSnapshot(parent.name.Text() + " was refreshed to another snapshot meanwhile");
    }
    InputVersion input = VersionOf(*info, pin);
    input.dynamic_id = parent.id;
    input.rows = frontier.row_count;
    return input;
}

InputVersion MemberInput(Session& session, const Pass::Member& member, const DynamicTable& parent, Snapshot pin) {
    InputVersion input;
    if (auto info = FindTable(session, parent.name, pin)) {
        input = VersionOf(*info, pin);
    }
    if (member.made_anew) {
        input.table_id = 0; // not known before the commit
        input.uuid.clear();
    }
    for (auto& column : input.columns) {
        for (const auto& after : member.columns) {
            column.type = after.name == column.name ? after.type : column.type;
        }
    }
    input.name = parent.name;
    input.own_commit = member.writes;
    input.rows = member.row_count;
    input.dynamic_id = parent.id;
    return input;
}

const ColumnInfo* ColumnOf(const InputVersion& input, int64_t id) {
    auto found = std::find_if(input.columns.begin(), input.columns.end(),
                              [&](const auto& candidate) { return candidate.id == id; });
    return found == input.columns.end() ? nullptr : &*found;
}

/// A name that now finds another column, in another table or in none, shows in what is read.
std::string OthersRead(const InputVersion& before, const InputVersion& now) {
    for (int64_t id : *now.read) {
        if (before.read->count(id) == 0) {
            return fmt::format("column {} of {} was not read before", QuoteIfNeeded(ColumnOf(now, id)->name),
                               now.name.Text());
        }
    }
    for (int64_t id : *before.read) {
        if (now.read->count(id) == 0) {
            return fmt::format("column {} of {} is no longer read", QuoteIfNeeded(ColumnOf(now, id)->name),
                               now.name.Text());
        }
    }
    return "";
}

std::string ColumnsReplaced(const InputVersion& before, const InputVersion& now) {
    bool known = before.read && now.read;
    for (const auto& column : before.columns) {
        if (known && before.read->count(column.id) == 0) {
            continue;
        }
        const ColumnInfo* found = ColumnOf(now, column.id);
        if (found == nullptr) {
            return fmt::format("column {} of {} was dropped or replaced", QuoteIfNeeded(column.name), now.name.Text());
        }
        if (found->type != column.type || found->fields != column.fields) {
            return fmt::format("column {} of {} changed its type", QuoteIfNeeded(column.name), now.name.Text());
        }
        if (found->name != column.name) {
            return fmt::format("column {} of {} was renamed", QuoteIfNeeded(column.name), now.name.Text());
        }
    }
    return known ? OthersRead(before, now) : "";
}

/// FNV-1a, 64 bits: the same on every machine.
uint64_t Hash(const std::string& text, uint64_t hash) {
    for (unsigned char c : text) {
        hash = (hash ^ c) * 1099511628211ULL;
    }
    return hash;
}

std::string UnversionedSql(const Definition& definition, std::optional<Timestamp> now) {
    auto unversioned = [](const TableName& table) -> Relation { return LakeRelation{table, std::nullopt}; };
    return definition.VersionedSql(unversioned, now);
}

} // namespace

Relation RelationAt(Session& session, const Definition& definition, const TableName& name, Snapshot version) {
    std::string plain = AtVersion(name, version);
    std::string whole = definition.ReadsPhysicalColumns() ? plain : WholeTable(session, name, version, plain);
    if (whole == plain) {
        return LakeRelation{name, version};
    }
    // With the schema's length, without which a.b_c were a_b.c.
    std::string view = fmt::format("freshet_whole_{}_{}_{}_{}", name.schema.size(), name.schema, name.name, version);
    session.Query(fmt::format("CREATE OR REPLACE TEMP VIEW {} AS FROM {}", QuoteIdentifier(view), whole));
    return OtherRelation{"temp", "main", view};
}

Inputs ResolveInputs(Session& session, const Pass& pass, const TableNode& node, Snapshot pin) {
    Inputs inputs;
    for (const auto& name : node.definition->Tables()) {
        const DynamicTable* parent = pass.registry->Find(name);
        auto member = parent != nullptr ? pass.members.find(parent->id) : pass.members.end();
        if (member != pass.members.end()) {
            inputs.versions.push_back(MemberInput(session, member->second, *parent, pin));
            inputs.relations[name] = OtherRelation{"temp", "main", member->second.relation};
            inputs.named[name] = inputs.relations[name];
            continue;
        }
        inputs.versions.push_back(parent != nullptr ? DynamicInput(session, pass, *parent, pin)
                                                    : BaseInput(session, pass, name, pin));
        inputs.relations[name] = RelationAt(session, *node.definition, name, inputs.versions.back().version);
        inputs.named[name] = LakeRelation{name, inputs.versions.back().version};
    }
    return inputs;
}

const InputVersion& InputOf(const std::vector<InputVersion>& inputs, const TableName& name) {
    auto found = std::find_if(inputs.begin(), inputs.end(), [&](const auto& input) { return input.name == name; });
    if (found == inputs.end()) {
        throw Error(Code::Defect, name.Text() + " is read by the plan, but not by the definition");
    }
    return *found;
}

void NoteReads(const BoundQuery& bound, Inputs& inputs) {
    for (auto& input : inputs.versions) {
        const auto* lake = std::get_if<LakeRelation>(&inputs.named.at(input.name));
        auto read = lake == nullptr ? bound.reads.end() : bound.reads.find(lake->table);
        if (read == bound.reads.end()) {
            continue;
        }
        input.read.emplace();
        for (const auto& column : input.columns) {
            if (read->second.count(column.name) > 0) {
                input.read->insert(column.id);
            }
        }
    }
}

void CountInputs(Session& session, std::vector<InputVersion>& inputs) {
    for (auto& input : inputs) {
        if (input.rows < 0 && !input.own_commit) {
            input.rows = CountRows(session, input.name, input.table_id, input.version);
        }
    }
}

std::string InputsReplaced(const Frontier& frontier, const std::vector<InputVersion>& inputs) {
    for (const auto& input : inputs) {
        auto before = std::find_if(frontier.inputs.begin(), frontier.inputs.end(),
                                   [&](const auto& candidate) { return candidate.name == input.name; });
        if (before == frontier.inputs.end()) {
            return input.name.Text() + " is read instead of another table";
        }
        // An atomic commit that made its parent anew couldn't know the parent's id: one comparison too many follows.
        bool same_table = before->table_id == input.table_id && before->uuid == input.uuid;
        if (!same_table) {
            return input.name.Text() + " was replaced by another table";
        }
        if (std::string reason = ColumnsReplaced(*before, input); !reason.empty()) {
            return reason;
        }
    }
    return "";
}

std::string TextFingerprint(const Definition& definition, const Settings& settings) {
    uint64_t hash = Hash(UnversionedSql(definition, std::nullopt), 14695981039346656037ULL);
    for (const auto& part : definition.InlinedParts()) {
        hash = Hash(part.name + "\n" + part.sql, hash);
    }
    for (const auto& [name, value] : settings) {
        hash = Hash("\n" + name + "\n" + value, hash);
    }
    return fmt::format("{:016x}", hash);
}

std::string MeaningFingerprint(Session& session, const Definition& definition, const Settings& settings) {
    std::optional<Timestamp> now = definition.TimeFunctions().empty() ? std::nullopt : std::optional<Timestamp>(0);
    return TextFingerprint(definition, settings) + BoundFingerprint(session, UnversionedSql(definition, now));
}

bool HasText(const std::string& meaning, const Definition& definition, const Settings& settings) {
    return meaning.starts_with(TextFingerprint(definition, settings));
}

} // namespace freshet
