#include "bind/small_lake_test.hpp"
#include "bind/translate.hpp"
#include "delta/analysis.hpp"
#include "plan/node.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sstream>

namespace freshet {
namespace {

/// The plans of all queries of TPC-H and TPC-DS, with the strategy of each operator. A change of the compiler shows in
/// them which queries it concerns. FRESHET_UPDATE_GOLDEN=1 writes them anew.
class BenchmarkGolden : public BenchmarkLake {
protected:
    std::string Compiled(const std::string& query) {
        auto translation = Translate(S(), query);
        if (!translation.query) {
            return "FULL: " + translation.refusal + "\n";
        }
        auto analysis = delta::Analyze(*translation.query);
        std::string text = plan::Print(*translation.query) + "\n";
        if (!analysis.incremental) {
            return text + "FULL: " + analysis.reason + "\n";
        }
        for (const auto& op : analysis.operators) {
            text +=
                fmt::format("{}{}: {}\n", std::string(static_cast<size_t>(op.depth) * 2, ' '), op.name, op.strategy);
        }
        return text;
    }

    void CheckAll(const std::string& benchmark, const std::string& queries, size_t count) {
        auto rows = S().Query(queries).rows;
        ASSERT_EQ(rows.size(), count);
        std::string folder = "tests/golden/" + benchmark;
        std::filesystem::create_directories(folder);
        for (size_t i = 0; i < rows.size(); i++) {
            std::string path = fmt::format("{}/q{:02}.txt", folder, i + 1);
            std::string now = Compiled(AsText(rows[i][0]));
            if (std::getenv("FRESHET_UPDATE_GOLDEN") != nullptr) {
                std::ofstream(path) << now;
                continue;
            }
            std::stringstream kept;
            kept << std::ifstream(path).rdbuf();
            EXPECT_EQ(now, kept.str()) << path;
        }
    }
};

TEST_F(BenchmarkGolden, TpcH) {
    MakeTables("CALL dbgen(sf = 0)");
    CheckAll("tpch", "SELECT query FROM tpch_queries() ORDER BY query_nr", 22);
}

TEST_F(BenchmarkGolden, TpcDs) {
    MakeTables("CALL dsdgen(sf = 0)");
    CheckAll("tpcds", "SELECT query FROM tpcds_queries() ORDER BY query_nr", 99);
}

} // namespace
} // namespace freshet
