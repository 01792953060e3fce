#include "base/identifier.hpp"
#include "delta/maintained_input.hpp"
#include "delta/rules.hpp"

#include <fmt/format.h>

// The result itself. Its old rows are stored, so nothing old has to be evaluated where a key tells which they are:
//
//   Keyed  the topmost aggregate's groups, or window's partitions, are columns of the result: stored rows of touched
//          ones against new ones; where accumulators tell the old rows, these aren't read, and leave by their key
//   Whole  one row, the first k, a window over everything: all stored rows against the new ones
//   Bag    else: the change of the topmost operator, by value

namespace freshet::delta {

ResultEdit Rules::RootEdit() {
    const auto& root = analysis_.query.root;
    if (!Changes(root)) {
        return {};
    }
    switch (analysis_.shape) {
    case RootShape::Keyed:
        return KeyedEdit(root);
    case RootShape::Whole:
        return WholeEdit(root);
    case RootShape::Bag:
        break;
    }
    return BagEdit(root);
}

/// The root's columns under the stored table's names.
std::string Rules::RenamedColumns(const std::string& from) const {
    std::string list;
    const auto& columns = analysis_.query.root->columns;
    for (size_t i = 0; i < columns.size(); i++) {
        list += fmt::format("{}{}.{} AS {}", i ? ", " : "", from, QuoteIdentifier(columns[i].name),
                            QuoteIdentifier(interval_.result_columns[i]));
    }
    return list;
}

ResultEdit Rules::BagEdit(const plan::NodePtr& root) {
    const NodeDelta delta = Delta(root);
    if (delta.Empty()) {
        return {};
    }
    ResultEdit edit;
    edit.kind = ResultEdit::Kind::Bag;
    auto part = [&](const char* what, const char* sign, std::string& name) {
        name = NewName(what);
        return Make(name,
                    fmt::format("SELECT {} FROM {} AS t WHERE t.{} {} 0", RenamedColumns("t"), delta.table,
                                QuoteIdentifier(kWeight), sign),
                    false)
            .rows;
    };
    edit.plus_rows = part("plus", ">", edit.plus);
    edit.minus_rows = part("minus", "<", edit.minus);
    return edit;
}

namespace {

/// Does every row of the node become one row of the root, whatever the other rows are?
bool OnlyProjects(plan::NodePtr root, const plan::NodePtr& node) {
    while (root != node && root->kind == plan::NodeKind::Project) {
        root = root->inputs[0];
    }
    return root == node;
}

} // namespace

ResultEdit Rules::KeyedEdit(const plan::NodePtr& root) {
    const auto& node = analysis_.keyed;
    bool window = node->kind == plan::NodeKind::Window;
    if (window ? Delta(node->inputs[0]).Empty() : !ChangeGroups(node, false)) {
        return {};
    }
    const GroupChange change =
        window ? RecomputePartitions(node, Delta(node->inputs[0]), false) : groups_.at(node.get());
    change_.affected_keys = change.key_facts.rows;
    ResultEdit edit;
    edit.null_keys = change.key_facts.has_null.empty() || change.key_facts.HasNull();
    std::string list;
    for (size_t i = 0; i < analysis_.key_outputs.size(); i++) {
        const auto& name = interval_.result_columns[static_cast<size_t>(analysis_.key_outputs[i])];
        list += fmt::format("{}t.{} AS {}", i ? ", " : "", QuoteIdentifier(change.key_names[i]), QuoteIdentifier(name));
        edit.key_columns.push_back(name);
    }
    auto rows_of = [&](const std::string& groups, const char* what, std::string& name) {
        overrides_[node.get()] = groups;
        name = NewName(what);
        std::string rows = emit::SelectSql(root, emit::Side::New, *this);
        overrides_.clear();
        return Make(name, fmt::format("SELECT {} FROM ({}) AS t", RenamedColumns("t"), rows), false).rows;
    };
    if (!window && IsKept(*node) && OnlyProjects(root, node)) {
        edit.kind = ResultEdit::Kind::Known;
        auto stored = interval_.companion_rows.find(analysis_.operator_id.at(node.get()));
        edit.stored_rows = stored == interval_.companion_rows.end() ? -1 : stored->second;
        Accumulators accumulators(node->As<plan::Aggregate>());
        edit.minus_rows = rows_of("(" + accumulators.FinishSql(change.old_accumulators) + ")", "minus", edit.minus);
    } else {
        edit.kind = ResultEdit::Kind::Keys;
        edit.keys = NewName("keys");
        Make(edit.keys, fmt::format("SELECT {} FROM {} AS t", list, change.keys), false);
    }
    edit.plus_rows = rows_of(change.new_rows, "plus", edit.plus);
    return edit;
}

ResultEdit Rules::WholeEdit(const plan::NodePtr& root) {
    plan::NodePtr node = root;
    while (node->kind == plan::NodeKind::Project || node->kind == plan::NodeKind::Filter) {
        node = node->inputs[0];
    }
    bool whole = NeedsWholeInput(*node);
    if (!IsTouched(whole ? node->inputs[0] : node)) {
        return {};
    }
    if (whole) {
        Note(node, kWholeStrategy);
    }
    ResultEdit edit;
    edit.kind = ResultEdit::Kind::Keys;
    edit.plus = NewName("plus");
    Make(edit.plus,
         fmt::format("SELECT {} FROM ({}) AS t", RenamedColumns("t"), emit::SelectSql(root, emit::Side::New, *this)),
         false);
    return edit;
}

} // namespace freshet::delta
