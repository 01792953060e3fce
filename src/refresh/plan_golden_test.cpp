#include "bind/translate.hpp"
#include "delta/recorded_sql.hpp"
#include "lake/test_lake.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <sstream>

// What the compiler makes of a definition, kept as text: plan, operators with their strategies, SQL of a refresh.
// FRESHET_UPDATE_GOLDEN=1 writes tests/golden anew; look at the difference before you commit it.

namespace freshet {
namespace {

struct Golden {
    const char* name;
    const char* query;
};

constexpr Golden kQueries[] = {
    {"filter_project", "SELECT id, amount * 2 AS twice FROM lake.main.orders WHERE amount > 10"},
    {"union_all", "SELECT id FROM lake.main.orders UNION ALL SELECT id FROM lake.main.customers"},
    {"distinct", "SELECT DISTINCT customer FROM lake.main.orders"},
    {"inner_join", "SELECT c.name, o.amount FROM lake.main.orders o JOIN lake.main.customers c ON o.customer = c.id"},
    {"self_join",
     "SELECT a.id, b.id AS other FROM lake.main.orders a JOIN lake.main.orders b ON a.customer = b.customer"},
    {"left_join",
     "SELECT c.name, o.amount FROM lake.main.customers c LEFT JOIN lake.main.orders o ON o.customer = c.id"},
    {"full_join",
     "SELECT c.name, o.amount FROM lake.main.customers c FULL JOIN lake.main.orders o ON o.customer = c.id"},
    {"semi_join", "SELECT name FROM lake.main.customers c WHERE EXISTS (SELECT 1 FROM lake.main.orders o WHERE "
                  "o.customer = c.id)"},
    {"null_aware_anti_join", "SELECT name FROM lake.main.customers WHERE id NOT IN (SELECT customer FROM "
                             "lake.main.orders)"},
    {"mark_join", "SELECT name, id IN (SELECT customer FROM lake.main.orders) AS ordered FROM lake.main.customers"},
    {"accumulators",
     "SELECT customer, count(*) AS n, sum(amount) AS total, avg(amount) AS mean, max(amount) AS top FROM "
     "lake.main.orders GROUP BY customer"},
    {"affected_groups", "SELECT customer, median(amount) AS middle FROM lake.main.orders GROUP BY customer"},
    {"having", "SELECT customer, count(*) AS n FROM lake.main.orders GROUP BY customer HAVING count(*) > 2"},
    {"scalar_subquery", "SELECT id FROM lake.main.orders WHERE amount > (SELECT avg(amount) FROM lake.main.orders)"},
    {"correlated_subquery",
     "SELECT id FROM lake.main.orders o WHERE amount > (SELECT avg(amount) FROM lake.main.orders i "
     "WHERE i.customer = o.customer)"},
    {"top_k", "SELECT id, amount FROM lake.main.orders ORDER BY amount DESC, id LIMIT 10"},
    {"shared_cte", "WITH t AS (SELECT customer, sum(amount) AS total FROM lake.main.orders GROUP BY customer) SELECT "
                   "customer FROM t WHERE total = (SELECT max(total) FROM t)"},
};

std::string Compiled(Session& session, const std::string& query) {
    auto translation = Translate(session, query);
    if (!translation.query) {
        return "no plan: " + translation.refusal + "\n";
    }
    std::string text = query + "\n\n-- plan\n" + plan::Print(*translation.query);
    auto analysis = delta::Analyze(*translation.query);
    text += "\n-- operators\n";
    for (const auto& op : analysis.operators) {
        text += std::string(static_cast<size_t>(op.depth) * 2, ' ') + op.name + ": " + op.strategy + "\n";
    }
    text += "\n-- SQL\n";
    for (const auto& statement : delta::RecordedSql(analysis, "acc_")) {
        text += statement + ";\n";
    }
    return text;
}

TEST(PlanGolden, PlansAndSqlAreAsKept) {
    TestLake lake(CatalogKind::Sqlite);
    lake.Run("CREATE TABLE orders (id INTEGER, customer INTEGER, amount DECIMAL(9,2))");
    lake.Run("CREATE TABLE customers (id INTEGER, name VARCHAR)");
    bool update = std::getenv("FRESHET_UPDATE_GOLDEN") != nullptr;
    for (const auto& golden : kQueries) {
        std::string path = std::string("tests/golden/") + golden.name + ".txt";
        std::string now = Compiled(lake.Main(), golden.query);
        EXPECT_EQ(now, Compiled(lake.Main(), golden.query)) << "the same input must give the same bytes";
        if (update) {
            std::ofstream(path) << now;
            continue;
        }
        std::stringstream kept;
        kept << std::ifstream(path).rdbuf();
        EXPECT_EQ(now, kept.str()) << path;
    }
}

} // namespace
} // namespace freshet
