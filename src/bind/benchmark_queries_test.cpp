#include "bind/definition.hpp"
#include "bind/small_lake_test.hpp"

namespace freshet {
namespace {

/// All queries of TPC-H and TPC-DS: the printed definition means what the query means.
class BenchmarkQueries : public SmallLake {
protected:
    BenchmarkQueries() : SmallLake({"tpch", "tpcds"}) {}

    /// Makes the empty tables of a benchmark in the lake.
    void MakeTables(const std::string& generate) {
        Run("USE memory; " + generate + "; USE lake");
        auto tables = S().Query("SELECT table_name FROM duckdb_tables() WHERE database_name = 'memory'");
        for (const auto& row : tables.rows) {
            Run("CREATE TABLE " + AsText(row[0]) + " AS FROM memory.main." + AsText(row[0]));
        }
        version_ = AsInt(S().QueryValue("SELECT max(snapshot_id) FROM lake.snapshots()"));
    }

    void Check(const std::string& text) {
        SCOPED_TRACE(text);
        Source source{"", text};
        try {
            auto definition = ParseDefinition(S(), {text, 0}, "lake.main", source);
            EXPECT_EQ(BindDefinition(S(), definition, {text, 0}, source), ResultColumns(S(), text));
            std::string newest = definition.VersionedSql(
                [](const TableName& table) {
                    return LakeRelation{table, std::nullopt};
                },
                std::nullopt);
            EXPECT_EQ(Plan(newest), Plan(text));
            EXPECT_EQ(ResultColumns(S(), definition.VersionedSql(version_, 0)), ResultColumns(S(), text));
        } catch (const Error& error) {
            ADD_FAILURE() << error.Render();
        }
    }

    std::string Plan(const std::string& sql) {
        auto rows = S().Query("EXPLAIN " + sql).rows;
        return rows.empty() ? "" : AsText(rows[0][1]);
    }

    Snapshot version_ = 0;
};

TEST_F(BenchmarkQueries, TpcH) {
    MakeTables("CALL dbgen(sf = 0)");
    auto queries = S().Query("SELECT query FROM tpch_queries()");
    ASSERT_EQ(queries.rows.size(), 22u);
    for (const auto& row : queries.rows) {
        Check(AsText(row[0]));
    }
}

TEST_F(BenchmarkQueries, TpcDs) {
    MakeTables("CALL dsdgen(sf = 0)");
    auto queries = S().Query("SELECT query FROM tpcds_queries()");
    ASSERT_EQ(queries.rows.size(), 99u);
    for (const auto& row : queries.rows) {
        Check(AsText(row[0]));
    }
}

} // namespace
} // namespace freshet
