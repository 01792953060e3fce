#include "cli/project_files.hpp"

namespace freshet {

namespace {

constexpr const char* kConfiguration =
    R"(# Freshet's configuration. `lake` alone is a complete file; everything else shows its default.
# Relative paths are relative to this file. ${NAME} and ${NAME:-default} read the environment.
lake:
  catalog: sqlite:lake.sqlite      # or duckdb:lake.ducklake, or postgres:<libpq connection string>
  data: lake_data/                 # a folder or s3://bucket/prefix/

# state: auto                      # Freshet's own tables: beside the catalog; or sqlite:FILE, postgres:<libpq>
# engine: { threads: 4, memory_limit: 4GB, temp_directory: .freshet/tmp }
# secrets: { bucket: { type: s3, provider: credential_chain } }
# attach: { pg: "postgres:host=${PGHOST}" }
# extensions: [spatial]
# vars: { since: 2026-01-01 }      # values of ${since} in models
# profiles: { prod: { lake: { catalog: "postgres:host=${PGHOST} dbname=lake" } } }
)";

constexpr const char* kSeed =
    R"(-- Sample sources, with plain SQL. Any DuckDB client may write them; so does: freshet sql -f seed.sql
CREATE OR REPLACE TABLE customers AS
SELECT * FROM (VALUES (1, 'Ada', 'SE'), (2, 'Ben', 'DE'), (3, 'Chloé', 'FR')) AS c (id, name, country);

CREATE OR REPLACE TABLE orders AS
SELECT i AS id,
       1 + i % 3 AS customer_id,
       DATE '2026-01-01' + (i % 31)::INTEGER AS ordered_on,
       (5 + i * 37 % 200)::DECIMAL(10, 2) AS amount
FROM range(1000) AS numbers (i);
)";

constexpr const char* kModel =
    R"(-- Revenue by day and country, never older than five minutes. freshet apply makes it so.
CREATE DYNAMIC TABLE daily_revenue
  TARGET_LAG = '5 minutes'
AS
SELECT o.ordered_on, c.country, count(*) AS orders, sum(o.amount) AS revenue
FROM orders AS o
JOIN customers AS c ON c.id = o.customer_id
GROUP BY o.ordered_on, c.country;
)";

constexpr const char* kIgnored = R"(/.freshet/
/lake.sqlite*
/lake_data/
)";

} // namespace

const std::vector<ProjectFile>& ProjectFiles() {
    static const std::vector<ProjectFile> files = {{"freshet.yml", kConfiguration},
                                                   {"seed.sql", kSeed},
                                                   {"models/daily_revenue.sql", kModel},
                                                   {".gitignore", kIgnored}};
    return files;
}

} // namespace freshet
