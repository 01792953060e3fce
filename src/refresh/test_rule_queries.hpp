#pragma once

#include <string>
#include <vector>

namespace freshet {

/// Query shapes for which there are delta rules, over tables a, b and c: key k, group g (both with NULLs), value v
/// DECIMAL, s VARCHAR. Their results are determined by the rows.
inline const std::vector<std::string>& RuleQueries() {
    static const std::vector<std::string> queries = {
        "SELECT k, v * 2 AS d, upper(s) AS u FROM lake.main.a WHERE v > 3 OR s IS NULL",
        "SELECT k FROM lake.main.a UNION ALL SELECT g FROM lake.main.b ",
        "SELECT k, g FROM lake.main.a UNION SELECT k, g FROM lake.main.b ",
        "SELECT DISTINCT k, s FROM lake.main.a ",
        "SELECT x.k, x.v, y.s FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, y.g, z.v FROM lake.main.a x, lake.main.b y, lake.main.c z WHERE x.k = y.k AND y.g = z.g AND z.v > "
        "2",
        "SELECT x.k, y.v FROM lake.main.a x JOIN lake.main.a y ON x.g = y.g AND x.v < y.v",
        "SELECT x.k, y.k AS k2 FROM lake.main.a x JOIN lake.main.b y ON x.k IS NOT DISTINCT FROM y.k",
        "SELECT count(*) AS n, x.k FROM lake.main.a x, lake.main.b y GROUP BY x.k",
        "SELECT g, count(*) AS n, count(v) AS c, sum(v) AS t, avg(v) AS m, sum(k) AS sk, avg(k) AS ak FROM lake.main.a "
        "GROUP BY g",
        "SELECT g, s, min(v) AS lo, max(v) AS hi, min(s) AS ls, max(k) AS mk FROM lake.main.a GROUP BY g, s",
        "SELECT count(*) AS n, sum(v) AS t, min(v) AS lo, max(k) AS hi, avg(v) AS m FROM lake.main.a ",
        "SELECT count(*) AS n FROM lake.main.a WHERE k > 100",
        "SELECT g, count(DISTINCT k) AS d, median(v) AS m FROM lake.main.a GROUP BY g",
        "SELECT g, sum(v) FILTER (WHERE k > 2) AS t, count(*) FILTER (WHERE s = 'p') AS n FROM lake.main.a GROUP BY g",
        "SELECT g, sum(CAST(v AS DOUBLE)) AS t FROM lake.main.a GROUP BY g",
        "SELECT g, count(*) AS n FROM lake.main.a GROUP BY g HAVING count(*) > 2 AND sum(v) > 5",
        "SELECT n, count(*) AS groups FROM (SELECT g, count(*) AS n FROM lake.main.a GROUP BY g) q GROUP BY n",
        "SELECT max(t) AS hi FROM (SELECT g, sum(v) AS t FROM lake.main.a GROUP BY g) q",
        "SELECT k % 2 AS odd, sum(v) AS t FROM lake.main.a GROUP BY k % 2",
        "SELECT x.k, x.v, y.v AS w FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, x.v, y.v AS w FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k AND y.v > 3 AND x.v < 8",
        "SELECT x.k, y.k AS k2, y.v FROM lake.main.a x RIGHT JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, x.s, y.k AS k2, y.s AS s2 FROM lake.main.a x FULL JOIN lake.main.b y ON x.k = y.k",
        "SELECT x.k, y.v FROM lake.main.a x LEFT JOIN lake.main.b y ON x.v < y.v",
        "SELECT y.s, count(*) AS n, sum(x.v) AS t FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k GROUP BY y.s",
        "SELECT x.k, count(*) AS n, count(y.v) AS c FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k GROUP BY "
        "x.k",
        "SELECT x.s, count(y.k) AS c, min(y.v) AS lo, max(y.s) AS hi, sum(y.d) AS t FROM lake.main.a x LEFT JOIN "
        "(SELECT "
        "*, v::DECIMAL(9,2) AS d FROM lake.main.b WHERE s <> 'x') y ON x.v = y.v GROUP BY x.s",
        "SELECT c, count(*) AS n FROM (SELECT x.k, x.v, count(y.s) AS c FROM lake.main.a x LEFT JOIN lake.main.b y ON "
        "x.k "
        "= y.k AND x.s IS NOT DISTINCT FROM y.s GROUP BY x.k, x.v) GROUP BY c",
        "SELECT x.k, x.g, x.s FROM lake.main.a x WHERE EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k)",
        "SELECT x.k, x.g FROM lake.main.a x WHERE NOT EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k AND y.v <> "
        "x.v)",
        "SELECT x.k, x.g FROM lake.main.a x WHERE x.k IN (SELECT g FROM lake.main.b )",
        "SELECT x.k, x.g FROM lake.main.a x WHERE x.k NOT IN (SELECT g FROM lake.main.b WHERE v > 6)",
        "SELECT x.k, x.g FROM lake.main.a x WHERE x.k NOT IN (SELECT y.g FROM lake.main.b y WHERE y.s = x.s)",
        "SELECT x.k, x.k IN (SELECT g FROM lake.main.b WHERE v > 4) AS found FROM lake.main.a x",
        "SELECT x.k, EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k) OR x.v > 5 AS e FROM lake.main.a x",
        "SELECT x.k FROM lake.main.a x WHERE x.v > ANY (SELECT v FROM lake.main.b y WHERE y.g = x.g)",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v >= ALL (SELECT v FROM lake.main.b y WHERE y.g = x.g)",
        "SELECT x.k, (SELECT sum(y.v) FROM lake.main.b y WHERE y.k = x.k) AS t FROM lake.main.a x",
        "SELECT x.k, (SELECT count(*) FROM lake.main.b y WHERE y.k = x.k) AS n FROM lake.main.a x",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v > (SELECT avg(y.v) FROM lake.main.b y WHERE y.g = x.g)",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v > (SELECT avg(v) FROM lake.main.b )",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v > (SELECT avg(v) FROM lake.main.a )",
        "SELECT x.k, x.s FROM lake.main.a x WHERE x.v <> (SELECT max(v) FROM lake.main.b ) OR x.k < (SELECT count(s) "
        "FROM lake.main.c )",
        "SELECT x.k FROM lake.main.a x JOIN lake.main.c y ON x.g = y.g WHERE x.v >= (SELECT avg(v) FROM lake.main.b ) "
        "AND y.v < (SELECT max(v) FROM lake.main.a )",
        "SELECT g, sum(v) AS t FROM lake.main.a GROUP BY g HAVING sum(v) > (SELECT sum(v) * 0.2 FROM lake.main.a )",
        "SELECT x.s, count(*) AS n FROM lake.main.a x WHERE NOT (x.v > (SELECT min(v) FROM lake.main.b )) GROUP BY x.s",
        "SELECT x.k, x.v > (SELECT avg(v) FROM lake.main.b ) AS above FROM lake.main.a x",
        "SELECT x.k, (SELECT min(v) FROM lake.main.b ) AS lo FROM lake.main.a x WHERE x.v < (SELECT min(v) FROM "
        "lake.main.b )",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.v = (SELECT max(v) FROM lake.main.a )",
        "SELECT x.k FROM lake.main.a x WHERE EXISTS (SELECT 1 FROM lake.main.b WHERE v > 8)",
        "WITH t AS (SELECT g, sum(v) AS total FROM lake.main.a GROUP BY g) SELECT x.g, x.total FROM t x WHERE x.total "
        "= "
        "(SELECT max(total) FROM t)",
        "WITH t AS (SELECT k, count(*) AS n FROM lake.main.a GROUP BY k) SELECT p.k, p.n, q.n AS m FROM t p JOIN t q "
        "ON "
        "p.n = q.n + 1",
        "SELECT k, g, v FROM lake.main.a ORDER BY v DESC, k, g LIMIT 4",
        "SELECT g, sum(v) AS t FROM lake.main.a GROUP BY g ORDER BY t DESC, g LIMIT 2",
        "SELECT x.k, y.v FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k ORDER BY y.v, x.k LIMIT 3 OFFSET 1",
        "SELECT x.g, count(*) AS n FROM lake.main.a x JOIN (SELECT k, max(v) AS hi FROM lake.main.b GROUP BY k) y ON "
        "x.k = y.k WHERE x.v < y.hi GROUP BY x.g",
        "SELECT x.k, y.v, z.s, w.g FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k JOIN lake.main.a z ON z.g = x.g "
        "JOIN lake.main.c w ON w.k = y.k AND w.v > z.v",
        "SELECT x.k, z.v FROM lake.main.a x, lake.main.b y, lake.main.c z WHERE x.k = y.k AND y.g = z.g AND x.v <= z.v",
        "SELECT x.s, y.n, z.k FROM lake.main.a x JOIN (SELECT k, g, count(*) AS n FROM lake.main.b GROUP BY k, g) y "
        "ON x.k = y.k AND x.g = y.g JOIN lake.main.c z ON z.k + 0 = x.g + y.n",
        "SELECT g, k, s, sum(v) AS t, count(*) AS n FROM lake.main.a GROUP BY g, k, s",
        "SELECT count(DISTINCT k) AS d, count(*) AS n, sum(v) AS t, sum(DISTINCT g) FILTER (WHERE v > 2) AS s, "
        "avg(DISTINCT v) AS m FROM lake.main.a",
        "SELECT x.k FROM lake.main.a x WHERE x.k < (SELECT count(DISTINCT s) FROM lake.main.b)",
        "SELECT x.k, sum(x.k) + y.n AS h FROM lake.main.a x JOIN (SELECT g, sum(k) AS n FROM lake.main.b GROUP BY g) y "
        "ON "
        "x.g = y.g GROUP BY x.k, y.n ORDER BY h DESC, x.k LIMIT 3",
        "SELECT count(*) AS n, max(v) AS hi FROM lake.main.a LIMIT 100",
        // set operations
        "SELECT k, g FROM lake.main.a EXCEPT SELECT k, g FROM lake.main.b",
        "SELECT k, g FROM lake.main.a EXCEPT ALL SELECT k, g FROM lake.main.b",
        "SELECT k, s FROM lake.main.a INTERSECT SELECT k, s FROM lake.main.b",
        "SELECT g, s FROM lake.main.a INTERSECT ALL SELECT g, s FROM lake.main.b",
        "SELECT k FROM lake.main.a UNION SELECT g FROM lake.main.b EXCEPT SELECT k FROM lake.main.c",
        "SELECT x.k, x.v FROM lake.main.a x WHERE x.k IN (SELECT k FROM lake.main.b INTERSECT SELECT g FROM "
        "lake.main.c)",
        "SELECT g, count(*) AS n FROM (SELECT g, k FROM lake.main.a EXCEPT SELECT g, k FROM lake.main.c) GROUP BY g",
        // grouping sets
        "SELECT g, s, count(*) AS n, sum(v) AS t FROM lake.main.a GROUP BY ROLLUP (g, s)",
        "SELECT g, s, grouping(g, s) AS which, max(v) AS hi FROM lake.main.a GROUP BY CUBE (g, s)",
        "SELECT g, s, k, sum(v) AS d FROM lake.main.a GROUP BY GROUPING SETS ((g, s), (k), ())",
        "SELECT x.g, y.s, sum(x.v) AS t FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k GROUP BY ROLLUP (x.g, y.s) "
        "HAVING grouping(y.s) = 1",
        "SELECT g FROM lake.main.a GROUP BY ROLLUP (g)",
        // windows
        "SELECT g, k, v, rank() OVER (PARTITION BY g ORDER BY v DESC) AS r FROM lake.main.a",
        "SELECT k, v, dense_rank() OVER (PARTITION BY g ORDER BY v) AS r, sum(v) OVER (PARTITION BY g) AS t FROM "
        "lake.main.a",
        "SELECT g, k, v, s, row_number() OVER (PARTITION BY g ORDER BY k, v, s) AS n, lag(v) OVER (PARTITION BY g "
        "ORDER BY "
        "k, v, s) AS before, lead(v, 2, 0) OVER (PARTITION BY g ORDER BY k, v, s) AS next FROM lake.main.a",
        "SELECT g, k, sum(v) OVER (PARTITION BY g ORDER BY k, v ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS two, v "
        "FROM "
        "lake.main.a",
        "SELECT g, s, v, sum(v) OVER (PARTITION BY g) AS by_g, count(*) OVER (PARTITION BY s, g) AS n, min(k) OVER "
        "(PARTITION BY g, s ORDER BY v) AS lo FROM lake.main.a",
        "SELECT g, v, sum(v) OVER (PARTITION BY g ORDER BY v) AS running, cume_dist() OVER (PARTITION BY g ORDER BY v) "
        "AS c FROM lake.main.a",
        "SELECT g, k, v, sum(v) OVER (PARTITION BY g ORDER BY DATE '2026-01-01' + k DESC RANGE BETWEEN INTERVAL 1 DAY "
        "PRECEDING AND INTERVAL 2 DAY FOLLOWING) AS near FROM lake.main.a",
        "SELECT k, v FROM lake.main.a x WHERE (SELECT count(*) FROM lake.main.b y WHERE y.g = x.g) BETWEEN 1 AND 3",
        "SELECT k, v, (SELECT count(*) FROM lake.main.b y WHERE y.g = x.g) BETWEEN 1 AND 3 AND v > 2 AS several, CASE "
        "WHEN (SELECT count(*) FROM lake.main.b y WHERE y.g = x.g) NOT BETWEEN 1 AND x.k THEN 'out' ELSE 'in' END AS "
        "side FROM lake.main.a x WHERE v < 5 AND (SELECT max(v) FROM lake.main.b) BETWEEN -9 AND 99 OR k = 1",
        "SELECT g, k, v, sum(v) OVER (PARTITION BY g ORDER BY k RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS near "
        "FROM "
        "lake.main.a",
        "SELECT g, k, v, max(v) OVER (PARTITION BY g ORDER BY k GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE "
        "CURRENT "
        "ROW) AS near FROM lake.main.a",
        "SELECT g, first_value(v) OVER (PARTITION BY g ORDER BY v) AS lo, nth_value(k, 2) OVER (PARTITION BY g ORDER "
        "BY k, "
        "v, s ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS second FROM lake.main.a",
        "SELECT g, k, v, s FROM lake.main.a QUALIFY row_number() OVER (PARTITION BY g ORDER BY v DESC, k, s) = 1",
        "SELECT DISTINCT ON (g) g, k, v, s FROM lake.main.a ORDER BY g, v, k, s",
        "SELECT x.g, y.v, rank() OVER (PARTITION BY x.g ORDER BY y.v) AS r FROM lake.main.a x JOIN lake.main.b y ON "
        "x.k = "
        "y.k",
        "SELECT g, t, rank() OVER (PARTITION BY h ORDER BY t DESC) AS r FROM (SELECT g, g % 2 AS h, sum(v) AS t FROM "
        "lake.main.a GROUP BY g) q",
        "SELECT r, count(*) AS n, sum(v) AS t FROM (SELECT v, rank() OVER (PARTITION BY g ORDER BY v) AS r FROM "
        "lake.main.a) q GROUP BY r",
        "SELECT y.k, q.r FROM lake.main.b y LEFT JOIN (SELECT k, max(v) OVER (PARTITION BY k) AS r FROM lake.main.a) q "
        "ON "
        "q.k = y.k",
        "SELECT g, k, v, sum(v) OVER (PARTITION BY g ORDER BY k ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED "
        "FOLLOWING "
        "EXCLUDE GROUP) AS others, sum(v) OVER (PARTITION BY g ORDER BY k RANGE UNBOUNDED PRECEDING EXCLUDE TIES) AS t "
        "FROM lake.main.a",
        "SELECT g, k, sum(sum(v)) OVER (PARTITION BY g) AS whole, sum(v) AS part FROM lake.main.a GROUP BY g, k",
        "SELECT g + 1 AS h, v, count(*) FILTER (WHERE k > 2) OVER (PARTITION BY g + 1) AS n FROM lake.main.a",
        "SELECT x.k, w FROM lake.main.a x, unnest(string_split(coalesce(x.s, 'y z') || ' p', ' ')) t(w)",
        // WITH ORDINALITY, as the name resolver writes it
        "SELECT x.k, t.w, t.o, u.unnest FROM lake.main.a x, (SELECT unnest(string_split('q p', ' ')) AS w, "
        "unnest(generate_series(1, len(string_split('q p', ' ')))) AS o) t JOIN unnest([1, 2, NULL]) "
        "u ON u.unnest = x.g OR u.unnest IS NULL",
        "SELECT x.k, j.id, z.w FROM lake.main.a x JOIN json_each('[1, 2]') j ON j.value::INTEGER = x.g, "
        "repeat('it''s', 2) "
        "z(w)",
        "SELECT x.k, r.i, u.n FROM generate_series(1, 7, 2) r(i) JOIN lake.main.a x ON x.k = r.i LEFT JOIN "
        "unnest([{n: 1}, {n: 3}]) s(u) ON u.n = x.g",
        "SELECT x.s, sum(z.v) AS t FROM lake.main.a x LEFT JOIN (SELECT DISTINCT k, v FROM lake.main.b ) z ON x.k = "
        "z.k "
        "WHERE NOT EXISTS (SELECT 1 FROM lake.main.c c WHERE c.k = x.k) GROUP BY x.s",
        "SELECT x.k, (SELECT min(y.v) FROM lake.main.b y WHERE y.k = x.k AND y.v > x.v) AS next FROM lake.main.a x",
        "SELECT x.k, n.c FROM lake.main.a x, LATERAL (SELECT count(*) AS c FROM lake.main.b y WHERE y.g = x.g) n",
        "SELECT x.k FROM lake.main.a x WHERE EXISTS (SELECT 1 FROM lake.main.b y WHERE y.k = x.k AND EXISTS (SELECT 1 "
        "FROM lake.main.c z WHERE z.g = y.g AND z.v > x.v))",
        // operators that need every row of their input
        "SELECT k, v, rank() OVER (ORDER BY v DESC) AS r FROM lake.main.a",
        "SELECT k, g, v, s, sum(v) OVER (ORDER BY k, g, v, s ROWS UNBOUNDED PRECEDING) AS running, lag(v) OVER (ORDER "
        "BY "
        "k, g, v, s) AS before FROM lake.main.a",
        "SELECT k, v, sum(v) OVER () AS t, count(*) OVER (PARTITION BY g) AS n, ntile(3) OVER (ORDER BY v, k, g, s) AS "
        "third FROM lake.main.a",
        "SELECT k, g, v, s FROM lake.main.a QUALIFY row_number() OVER (ORDER BY v DESC, k, g, s) <= 3",
        "SELECT p.g, q.g AS last, p.r FROM (SELECT g, rank() OVER (ORDER BY sum(v)) AS r FROM lake.main.a GROUP BY g) "
        "p "
        "JOIN (SELECT g, rank() OVER (ORDER BY sum(v) DESC) AS r FROM lake.main.a GROUP BY g) q ON p.r = q.r",
        "SELECT k, v, sum(v) OVER (PARTITION BY g) AS t, rank() OVER (PARTITION BY s ORDER BY v) AS r FROM lake.main.a",
        "SELECT k, percent_rank() OVER (ORDER BY CAST(v AS DOUBLE)) AS p FROM lake.main.a",
        "SELECT key, max(hi) OVER (PARTITION BY key ORDER BY day) AS best, day FROM (SELECT CASE WHEN x.k IS NOT NULL "
        "THEN x.k ELSE y.k END AS key, CASE WHEN x.g IS NOT NULL THEN x.g ELSE y.g END AS day, x.v AS hi FROM "
        "lake.main.a x FULL JOIN lake.main.b y ON x.k = y.k AND x.g = y.g) q",
        "SELECT y.k, t.v FROM lake.main.b y JOIN (SELECT k, g, v FROM lake.main.a ORDER BY v DESC, k, g LIMIT 4) t ON "
        "t.k = y.k",
        "SELECT x.k, x.v FROM lake.main.c x WHERE x.k IN (SELECT k FROM lake.main.b ORDER BY k DESC LIMIT 3)",
        "SELECT count(*) AS n FROM (SELECT * FROM lake.main.a LIMIT 5)",
        "SELECT g, v FROM (SELECT g, v FROM lake.main.a ORDER BY v DESC, g LIMIT 6) ORDER BY g, v LIMIT 3",
        "SELECT median(v) AS m, string_agg(s, ',' ORDER BY s) AS all_s, list(k ORDER BY k) AS ks, count(*) AS n FROM "
        "lake.main.a",
        "SELECT x.k, x.v FROM lake.main.b x WHERE x.v > (SELECT median(v) FROM lake.main.a)",
        "SELECT mode(g) IS NULL AS none, bool_or(k > 3) AS any_k, bit_xor(k) AS bits FROM lake.main.a WHERE g > 0",
        "SELECT r, median(v) AS m FROM (SELECT v, rank() OVER (PARTITION BY g ORDER BY v) AS r FROM lake.main.a) q "
        "GROUP "
        "BY r",
        "SELECT r, count(*) AS n FROM (SELECT rank() OVER (ORDER BY v) AS r FROM lake.main.a) q GROUP BY r",
        "SELECT g, median(r) AS m FROM (SELECT g, rank() OVER (ORDER BY v) AS r FROM lake.main.a) q GROUP BY g",
        "SELECT quantile_cont(v, 0.25) AS low, string_agg(DISTINCT s, ' / ' ORDER BY s DESC) AS ss FROM lake.main.a "
        "WHERE g > 0",
        // ASOF joins, over right rows of which no two tie, with the conditions that the name resolver adds
        "SELECT x.k, x.v, y.v AS w, y.n FROM lake.main.a x ASOF JOIN (SELECT k, v, count(*) AS n FROM lake.main.b "
        "GROUP BY k, v) y ON x.k = y.k AND x.v >= y.v AND CASE WHEN x.v IS NULL THEN 1 ELSE 0 END = CASE WHEN y.v IS "
        "NULL THEN 2 ELSE 0 END",
        "SELECT x.k, x.v, y.v AS w, y.n FROM lake.main.a x ASOF LEFT JOIN (SELECT k, v, count(*) AS n FROM lake.main.b "
        "GROUP BY k, v) y ON x.k = y.k AND x.v < y.v AND CASE WHEN x.v IS NULL THEN 1 ELSE 0 END = CASE WHEN y.v IS "
        "NULL THEN 2 ELSE 0 END",
        "SELECT x.k, x.v, y.v AS w FROM lake.main.a x ASOF LEFT JOIN (SELECT DISTINCT v FROM lake.main.b) y ON x.v > "
        "y.v AND CASE WHEN x.v IS NULL THEN 1 ELSE 0 END = CASE WHEN y.v IS NULL THEN 2 ELSE 0 END",
        "SELECT x.g, sum(y.v) AS t FROM lake.main.a x ASOF JOIN (SELECT g, s, v FROM (SELECT g, s, max(v) AS v FROM "
        "lake.main.b GROUP BY g, s)) y ON x.g = y.g AND x.s = y.s AND x.v <= y.v AND CASE WHEN x.v IS NULL THEN 1 ELSE "
        "0 END = CASE WHEN y.v IS NULL THEN 2 ELSE 0 END GROUP BY x.g",
        "SELECT DISTINCT t FROM (SELECT sum(k) OVER (ORDER BY v) AS t FROM lake.main.a) q",
        "SELECT t FROM (SELECT g, sum(k) AS t FROM lake.main.a GROUP BY g ORDER BY t, g LIMIT 3) q WHERE t > 1 GROUP "
        "BY t",
        "SELECT g, string_agg(s, ',' ORDER BY s) AS ss, count(*) AS ks FROM lake.main.a GROUP BY ROLLUP "
        "(g)",
        // arguments that binding takes away or names
        "SELECT g, string_agg(s, '; ' ORDER BY s) AS ss, string_agg(s, ',' ORDER BY s) AS sc, quantile_disc(v, [0.1, "
        "0.9]) AS q, quantile_cont(v, 0.5) AS m FROM lake.main.a GROUP BY g",
        "SELECT {'key': k, 'of': {'group': g}} AS p, struct_pack(v := v, \"a b\" := s).v AS w FROM lake.main.a",
        "SELECT {'g': g} AS p, count(*) AS n FROM lake.main.a GROUP BY ALL",
        // functions of lists with lambdas
        "SELECT k, (v * 0.19)::DECIMAL(18,2) + v AS gross, sum(((g * k)::DECIMAL(18,2) * 2)::DECIMAL(38,2) - v) AS t "
        "FROM lake.main.a GROUP BY k, v",
        "SELECT x.k, (SELECT {'n': count(*), 's': max(y.s)} FROM lake.main.b y WHERE y.g = x.k) AS st FROM lake.main.a "
        "x",
        "SELECT x.k, y.k AS k2 FROM lake.main.a x JOIN lake.main.b y ON list_aggregate([x.s, 'q'], 'string_agg', '|') "
        "= concat(y.s, '|q')",
        "SELECT k, list_transform([g, k], lambda x, i: x * 10 + i + k) AS t, list_filter([k, g], lambda x: x > g) AS f "
        "FROM lake.main.a",
        "SELECT g, list_sum(list_transform(list(k ORDER BY k), lambda x: x + g)) AS t FROM lake.main.a GROUP BY g",
        "SELECT k, list_reduce([1, k, g], lambda x, y: x * 2 + coalesce(y, 0), 3) AS t FROM lake.main.a WHERE "
        "len(list_filter([k, g], lambda x: len(list_filter([1, 2, x], lambda y: y = x AND y > 1)) > 0)) > 0",
        // rows as values
        "SELECT k, v FROM lake.main.a WHERE (k, g) IN (SELECT k, g FROM lake.main.b)",
        "SELECT k, v FROM lake.main.a WHERE (k, g) NOT IN (SELECT k, g FROM lake.main.b WHERE v > 5)",
        "SELECT k, (k, g) IN (SELECT k, g FROM lake.main.b WHERE v > 3) AS f, (g, s) NOT IN (SELECT g, s FROM "
        "lake.main.c WHERE g > 2 AND s IS NOT NULL) AS h FROM lake.main.a",
        "SELECT x.k, y.v FROM lake.main.a x, lake.main.b y WHERE (x.k, x.g) = (y.k, y.g)",
        // table functions of a row
        "SELECT x.k, r.i, t.o FROM lake.main.a x, range(x.g) r(i), unnest([x.k, x.g]) WITH ORDINALITY t(u, o) WHERE "
        "x.v > 2",
        "SELECT r.i, count(*) AS n FROM lake.main.a x, generate_series(x.k, x.g + 2, 2) r(i) GROUP BY r.i",
        "SELECT k, try(10 // (g - 2)) AS t FROM lake.main.a",
        // aggregates in the order of values
        "SELECT x.k, x.v, y.t, y.l FROM lake.main.a x JOIN (SELECT g, sum(CAST(k AS DOUBLE)) AS t, list(s ORDER BY s) "
        "AS l FROM lake.main.b GROUP BY g) y ON x.g = y.g",
        "SELECT x.k, (SELECT list(y.k ORDER BY y.k) FROM lake.main.b y WHERE y.g = x.g) AS l FROM lake.main.a x",
        "SELECT max(t) AS m, avg(t) AS n FROM (SELECT g, sum(CAST(k AS DOUBLE)) AS t FROM lake.main.a GROUP BY g) q",
        "SELECT s, sum(t) AS t FROM (SELECT g, avg(CAST(k AS DOUBLE) * 4) AS t FROM lake.main.a GROUP BY g) x JOIN "
        "lake.main.b y ON x.g = y.g GROUP BY s",
        // filters that move with time
        "SELECT k, v FROM lake.main.a WHERE to_timestamp(k * 60) < now()",
        "SELECT k, s FROM lake.main.a WHERE make_timestamp(k * 60000000) BETWEEN now() - INTERVAL 3 MINUTE AND now() "
        "AND v > 2",
        "SELECT g, count(*) AS n, sum(v) AS t FROM lake.main.a WHERE k < date_part('minute', now()) % 4 OR "
        "to_timestamp(g * 60) > now() GROUP BY g",
        "SELECT x.k, x.v, y.v AS w FROM lake.main.a x LEFT JOIN lake.main.b y ON x.k = y.k AND to_timestamp(y.g * 60) "
        "<= now()",
        "SELECT x.k FROM lake.main.a x WHERE to_timestamp(x.g * 60) > now() AND NOT EXISTS (SELECT 1 FROM lake.main.b "
        "y WHERE y.k = x.k AND to_timestamp(y.v * 60) > now())",
        "SELECT k, rank() OVER (PARTITION BY g ORDER BY k, v) AS r FROM lake.main.a WHERE to_timestamp(k * 60) > "
        "now() - INTERVAL 5 MINUTE",
        "SELECT x.k, y.s FROM lake.main.a x JOIN lake.main.b y ON x.k = y.k WHERE to_timestamp(x.g * 60) < now() AND "
        "to_timestamp(y.g * 60) < now()",
        "SELECT x.k, t.g, t.v FROM (SELECT DISTINCT k FROM lake.main.b) x, LATERAL (SELECT y.g, y.v FROM lake.main.a y "
        "WHERE y.k = x.k ORDER BY y.v DESC, y.g LIMIT 2) t",
    };
    return queries;
}

} // namespace freshet
