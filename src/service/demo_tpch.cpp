#include "service/demo_tpch.hpp"

#include <cmath>
#include <fmt/format.h>

namespace freshet {

namespace {

constexpr const char* kTables[] = {"lineitem", "orders",   "customer", "part",
                                   "partsupp", "supplier", "nation",   "region"};

DemoChange NewOrders(int64_t number) {
    // A thousandth of the orders comes again under new keys, with its lines.
    int64_t shift = 1000000000 * number;
    return {"RF1: new orders with their lines",
            {{fmt::format("INSERT INTO orders SELECT * REPLACE (o_orderkey + {0} AS o_orderkey) FROM orders WHERE "
                          "o_orderkey < 1000000000 AND o_orderkey % 1009 = {1}",
                          shift, number),
              fmt::format("INSERT INTO lineitem SELECT * REPLACE (l_orderkey + {0} AS l_orderkey) FROM lineitem WHERE "
                          "l_orderkey < 1000000000 AND l_orderkey % 1009 = {1}",
                          shift, number)}}};
}

DemoChange OrdersLeave(int64_t number) {
    return {"RF2: orders leave with their lines",
            {{fmt::format("DELETE FROM lineitem WHERE l_orderkey % 1013 = {}", number),
              fmt::format("DELETE FROM orders WHERE o_orderkey % 1013 = {}", number)}}};
}

DemoChange UpdatesOfEveryTable(int64_t number) {
    auto some = [&](const char* statement, int modulus) {
        return fmt::format("{} % {} = {}", statement, modulus, number % modulus);
    };
    return {
        "updates of every table",
        {{some("UPDATE lineitem SET l_quantity = l_quantity + 1, l_discount = 0.05 WHERE l_orderkey", 997)},
         {some("UPDATE orders SET o_totalprice = o_totalprice + 1, o_orderdate = o_orderdate + 30 WHERE o_orderkey",
               991)},
         {some("UPDATE customer SET c_acctbal = -c_acctbal, c_mktsegment = 'BUILDING' WHERE c_custkey", 499)},
         {some("UPDATE part SET p_size = 15, p_type = 'STANDARD BRASS' WHERE p_partkey", 503)},
         {some("UPDATE partsupp SET ps_supplycost = ps_supplycost / 2, ps_availqty = ps_availqty + 5 WHERE ps_partkey",
               509)},
         {some("UPDATE supplier SET s_acctbal = s_acctbal + 100, s_comment = 'Customer and Complaints' WHERE s_suppkey",
               101)},
         {some("UPDATE nation SET n_comment = 'changed' WHERE n_nationkey", 7)},
         {some("UPDATE region SET r_comment = 'changed' WHERE r_regionkey", 5)}}};
}

DemoChange KeysAndNulls(int64_t number) {
    return {"key changes and NULLs",
            {{fmt::format("UPDATE orders SET o_custkey = o_custkey + 1 WHERE o_orderkey % 887 = {}", number)},
             {fmt::format("UPDATE orders SET o_custkey = NULL WHERE o_orderkey % 1501 = {}", number)},
             {fmt::format("UPDATE lineitem SET l_suppkey = l_suppkey % 10 + 1 WHERE l_orderkey % 1511 = {}", number)},
             {fmt::format("UPDATE lineitem SET l_discount = NULL, l_returnflag = NULL WHERE l_orderkey % 1523 = {}",
                          number)},
             {fmt::format("UPDATE customer SET c_nationkey = NULL WHERE c_custkey % 701 = {}", number)},
             {fmt::format("UPDATE supplier SET s_nationkey = {} WHERE s_suppkey % 83 = 1", number % 25)},
             {fmt::format("UPDATE partsupp SET ps_suppkey = NULL WHERE ps_partkey % 1009 = {}", number)}}};
}

} // namespace

/// The generator fills memory: it works in parts of a fifth of scale factor 1, some 300 MB each.
std::vector<std::string> TpchDemo::Load(DemoLake& lake) {
    auto parts = static_cast<int64_t>(std::ceil(scale_ * 5));
    for (int64_t part = 0; part < parts; part++) {
        lake.Run(fmt::format("CALL dbgen(sf = {}, catalog = 'memory', children = {}, step = {})", scale_, parts, part));
        for (const char* table : kTables) {
            const char* statement =
                part == 0 ? "CREATE TABLE {0} AS FROM memory.main.{0}" : "INSERT INTO {0} FROM memory.main.{0}";
            lake.Run(fmt::format(fmt::runtime(statement), table));
            lake.Run(fmt::format("DROP TABLE memory.main.{}", table));
        }
    }
    return {};
}

std::vector<DemoTable> TpchDemo::Tables(DemoLake& lake) {
    std::vector<DemoTable> tables;
    for (const auto& row : lake.Run("SELECT query_nr, query FROM tpch_queries() ORDER BY query_nr").rows) {
        std::string query = AsText(row[1]);
        query.erase(query.find_last_not_of("; \n") + 1);
        tables.push_back({fmt::format("q{:02}", AsInt(row[0])), query});
    }
    tables.push_back({"customer_revenue",
                      "SELECT o_custkey AS custkey, sum(l_extendedprice * (1 - l_discount)) AS revenue, "
                      "count(*) AS lines FROM orders JOIN lineitem ON l_orderkey = o_orderkey GROUP BY "
                      "o_custkey"});
    tables.push_back({"nation_revenue",
                      "SELECT c_nationkey AS nationkey, sum(revenue) AS revenue, count(*) AS customers "
                      "FROM customer_revenue JOIN customer ON c_custkey = custkey GROUP BY c_nationkey"});
    tables.push_back({"region_revenue",
                      "SELECT r_name AS region, sum(revenue) AS revenue, sum(customers) AS customers FROM "
                      "nation_revenue JOIN nation ON n_nationkey = nationkey JOIN region ON r_regionkey "
                      "= n_regionkey GROUP BY r_name"});
    tables.push_back({"customer_orders",
                      "SELECT o_custkey AS custkey, count(*) AS orders, max(o_orderdate) AS newest FROM "
                      "orders GROUP BY o_custkey"});
    tables.push_back({"customer_overview",
                      "SELECT c_custkey, c_name, o.orders, o.newest, r.revenue FROM customer LEFT JOIN "
                      "customer_orders o ON o.custkey = c_custkey LEFT JOIN customer_revenue r ON "
                      "r.custkey = c_custkey"});
    return tables;
}

DemoChange TpchDemo::Round(int64_t number) const {
    switch (number % 4) {
    case 1:
        return NewOrders(number);
    case 2:
        return OrdersLeave(number);
    case 3:
        return UpdatesOfEveryTable(number);
    default:
        return KeysAndNulls(number);
    }
}

} // namespace freshet
