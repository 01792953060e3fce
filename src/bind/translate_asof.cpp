#include "bind/translate_asof.hpp"

#include "bind/asof_guard.hpp"
#include "plan/asof_join.hpp"

namespace freshet {

plan::ExprPtr TranslateCondition(const duckdb::JoinCondition& condition, int width, const ScalarTranslation& scalar) {
    return plan::Compare(ComparisonText(condition.comparison), scalar(Written(*condition.left)),
                         plan::Shift(scalar(Written(*condition.right)), width));
}

plan::NodePtr TranslateAsofJoin(const duckdb::LogicalComparisonJoin& join, const plan::NodePtr& left,
                                const plan::NodePtr& right, const ScalarTranslation& scalar) {
    bool inner = join.join_type == duckdb::JoinType::INNER;
    bool plain = join.left_projection_map.empty() && join.right_projection_map.empty() && !join.predicate;
    if (!plain || (!inner && join.join_type != duckdb::JoinType::LEFT)) {
        throw Refused("this kind of ASOF join has no rule yet");
    }
    plan::AsofJoin asof{
        inner ? plan::JoinKind::Inner : plan::JoinKind::Left, left, right, {}, {}, nullptr, "", nullptr};
    int width = static_cast<int>(left->columns.size());
    bool guarded = false;
    for (const auto& condition : join.conditions) {
        if (IsAsofGuard(*condition.left, *condition.right)) { // the rule's comparisons fail for NULL anyway
            guarded = true;
            continue;
        }
        auto comparison = TranslateCondition(condition, width, scalar);
        auto key = plan::Shift(comparison->args[1], -width);
        if (comparison->text == "=" || comparison->text == "IS NOT DISTINCT FROM") {
            asof.equalities.push_back(comparison);
            asof.right_keys.push_back(key);
        } else if (asof.right_time) {
            throw Refused("an ASOF join with several inequalities has no rule yet");
        } else {
            asof.left_time = comparison->args[0];
            asof.op = comparison->text;
            asof.right_time = key;
        }
    }
    if (!asof.right_time) {
        throw Refused("an ASOF join without an inequality has no rule yet");
    }
    if (!guarded) {
        throw Refused(
            "in an ASOF join with USING, DuckDB takes a NULL on the left side for the greatest value at times: "
            "write the condition with ON");
    }
    return plan::MakeAsofJoin(asof);
}

} // namespace freshet
