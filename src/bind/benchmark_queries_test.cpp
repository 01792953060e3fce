#include "bind/definition.hpp"
#include "bind/small_lake_test.hpp"

namespace freshet {
namespace {

/// All queries of TPC-H and TPC-DS: the printed definition means what the query means.
class BenchmarkQueries : public BenchmarkLake {
protected:
    void MakeTablesAndLook(const std::string& generate) {
        MakeTables(generate);
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
    MakeTablesAndLook("CALL dbgen(sf = 0)");
    auto queries = S().Query("SELECT query FROM tpch_queries()");
    ASSERT_EQ(queries.rows.size(), 22u);
    for (const auto& row : queries.rows) {
        Check(AsText(row[0]));
    }
}

TEST_F(BenchmarkQueries, TpcDs) {
    MakeTablesAndLook("CALL dsdgen(sf = 0)");
    auto queries = S().Query("SELECT query FROM tpcds_queries()");
    ASSERT_EQ(queries.rows.size(), 99u);
    for (const auto& row : queries.rows) {
        Check(AsText(row[0]));
    }
}

} // namespace
} // namespace freshet
