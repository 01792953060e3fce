#include "selftest/query_generator.hpp"

#include "selftest/bulk_insert.hpp"
#include "selftest/marked_text.hpp"

#include <fmt/format.h>

namespace freshet::selftest {

namespace {

constexpr double kMostRows = 600;   ///< guessed, of a join
constexpr double kRowsPerKey = 0.3; ///< of all rows: keys are few and skewed
constexpr double kMatches = 3;      ///< of one among many rows, and skewed

struct JoinKind {
    int weight;
    const char* words;
    const char* feature;
};

const std::vector<JoinKind>& JoinKinds() {
    static const std::vector<JoinKind> kinds = {{8, "JOIN", "inner join"},       {7, "LEFT JOIN", "left join"},
                                                {3, "RIGHT JOIN", "right join"}, {4, "FULL JOIN", "full join"},
                                                {2, "SEMI JOIN", "semi join"},   {2, "ANTI JOIN", "anti join"},
                                                {2, "CROSS JOIN", "cross join"}};
    return kinds;
}

} // namespace

QueryGenerator::From QueryGenerator::Table() {
    const Relation& relation = random_.Pick(relations_);
    if (relation.dynamic) {
        Feature("over a dynamic table");
    }
    if (!relation.kind.empty()) {
        Feature(relation.kind);
    }
    std::string alias = Alias();
    From from{fmt::format("{} AS {}", relation.text, alias), {}, relation.rows};
    for (const auto& column : relation.columns) {
        from.scope.push_back({alias + "." + column.name, column.type});
    }
    return from;
}

QueryGenerator::From QueryGenerator::Item(int depth) {
    if (depth < 2 && random_.Chance(20)) {
        Feature("derived table");
        return Derived(Make(depth + 1));
    }
    return Table();
}

QueryGenerator::From QueryGenerator::Joined(int depth) {
    From from = Item(depth);
    int64_t joins = static_cast<int64_t>(random_.Weighted({55, 35, 10}));
    for (int64_t i = 0; i < joins; i++) {
        Join(from, depth);
    }
    return from;
}

void QueryGenerator::Join(From& left, int depth) {
    From right = Item(depth);
    std::vector<int> weights;
    for (const auto& kind : JoinKinds()) {
        weights.push_back(kind.weight);
    }
    const JoinKind& kind = JoinKinds()[random_.Weighted(weights)];
    std::string words = kind.words;
    bool cross = words == "CROSS JOIN";
    bool many = HasManyRows(left.rows) || HasManyRows(right.rows);
    double rows =
        many ? kMatches * std::max(left.rows, right.rows) : left.rows * right.rows * (cross ? 1 : kRowsPerKey);
    if (many ? cross || rows > kMatches * kMatches * kManyRows : rows > kMostRows) {
        return;
    }
    Feature(kind.feature);
    std::string condition;
    if (!cross) {
        condition =
            " ON " + (many ? SelectiveCondition(left.scope, right.scope) : JoinCondition(left.scope, right.scope));
    }
    left.text = left.text + marked::Optional(fmt::format(" {} {}{}", words, right.text, condition));
    if (words == "SEMI JOIN" || words == "ANTI JOIN") {
        return;
    }
    left.rows = std::max(rows, left.rows);
    left.scope.insert(left.scope.end(), right.scope.begin(), right.scope.end());
}

/// The right side has one row per key and time, so that none ties.
Query QueryGenerator::Asof(int depth) {
    Feature("asof join");
    From left = Item(depth);
    From right = Table();
    Expressions here(random_, left.scope), there(random_, right.scope);
    std::string alias = Alias();
    std::string keys = InOrder({"SELECT ", there.OfType(Type::Varchar), " AS k, ", there.OfType(Type::Integer),
                                " AS t, count(*) AS n FROM ", right.text, Where(right.scope), " GROUP BY ALL"});
    std::vector<Typed> list = SelectList(left.scope, 3);
    list.push_back({alias + ".t", Type::Integer});
    list.push_back({alias + ".n", Type::Bigint});
    std::string words = random_.Word({" ASOF JOIN ", " ASOF LEFT JOIN "});
    std::string rest = InOrder({" FROM ", left.text, words, "(", keys, ") AS ", alias, " ON ",
                                here.OfType(Type::Varchar), " = ", alias, ".k AND ", here.OfType(Type::Integer),
                                random_.Word({" >= ", " > ", " <= ", " < "}), alias, ".t"});
    return Select("", list, rest, left.rows);
}

/// Two columns that may be compared; without such a pair, both as text.
std::string QueryGenerator::Equality(const Scope& left, const Scope& right) {
    const char* sign = random_.Chance(85) ? " = " : " IS NOT DISTINCT FROM ";
    for (int attempt = 0; attempt < 8; attempt++) {
        const Typed& one = random_.Pick(left);
        const Typed& other = random_.Pick(right);
        bool alike = one.type == Type::Integer || one.type == Type::Varchar || attempt > 4;
        if (alike && AreComparable(one.type, other.type)) {
            return one.text + sign + other.text;
        }
    }
    return InOrder(
        {Expressions(random_, left).OfType(Type::Integer), sign, Expressions(random_, right).OfType(Type::Integer)});
}

/// For tables of many rows: few of them meet.
std::string QueryGenerator::SelectiveCondition(const Scope& left, const Scope& right) {
    std::string equality = Equality(left, right);
    if (random_.Chance(60)) {
        return equality;
    }
    Scope both = left;
    both.insert(both.end(), right.begin(), right.end());
    return equality + marked::Optional(" AND " + Expressions(random_, both).Predicate(1));
}

std::string QueryGenerator::JoinCondition(const Scope& left, const Scope& right) {
    std::string equality = Equality(left, right);
    Scope both = left;
    both.insert(both.end(), right.begin(), right.end());
    switch (random_.Between(0, 9)) {
    case 0:
        Feature("join without equality");
        return InOrder({Expressions(random_, left).OfType(Type::Integer), " < ",
                        Expressions(random_, right).OfType(Type::Integer)});
    case 1:
        Feature("join without equality");
        return fmt::format("({} OR {})", equality, Expressions(random_, right).Predicate(2));
    case 2:
    case 3:
        return equality + marked::Optional(" AND " + Expressions(random_, both).Predicate(1));
    case 4:
        return equality + marked::Optional(" AND " + Equality(left, right));
    default:
        return equality;
    }
}

} // namespace freshet::selftest
