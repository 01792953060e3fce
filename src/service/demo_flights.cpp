#include "service/demo_flights.hpp"

#include "base/identifier.hpp"

#include <fmt/format.h>
#include <iterator>
#include <utility>

namespace freshet {

namespace {

constexpr const char* kAirports =
    "{'id': 'INTEGER', 'name': 'VARCHAR', 'city': 'VARCHAR', 'country': 'VARCHAR', 'iata': 'VARCHAR', 'icao': "
    "'VARCHAR', "
    "'latitude': 'DOUBLE', 'longitude': 'DOUBLE', 'altitude_ft': 'INTEGER', 'utc_offset': 'VARCHAR', 'dst': 'VARCHAR', "
    "'timezone': 'VARCHAR', 'type': 'VARCHAR', 'source': 'VARCHAR'}";
constexpr const char* kAirlines = "{'id': 'INTEGER', 'name': 'VARCHAR', 'alias': 'VARCHAR', 'iata': 'VARCHAR', 'icao': "
                                  "'VARCHAR', 'callsign': 'VARCHAR', 'country': 'VARCHAR', 'active': 'VARCHAR'}";
constexpr const char* kRoutes = "{'airline': 'VARCHAR', 'airline_id': 'INTEGER', 'origin': 'VARCHAR', 'origin_id': "
                                "'INTEGER', 'destination': 'VARCHAR', 'destination_id': 'INTEGER', 'codeshare': "
                                "'VARCHAR', 'stops': 'INTEGER', 'equipment': 'VARCHAR'}";
/// Countries that changed their names after the files were published.
constexpr std::pair<const char*, const char*> kRenamedCountries[] = {{"Turkey", "Türkiye"},
                                                                     {"Czech Republic", "Czechia"},
                                                                     {"Swaziland", "Eswatini"},
                                                                     {"Macedonia", "North Macedonia"},
                                                                     {"Cape Verde", "Cabo Verde"}};
constexpr const char* kPlanes = "{'name': 'VARCHAR', 'iata': 'VARCHAR', 'icao': 'VARCHAR'}";

} // namespace

/// The format is said, not guessed: a sniffer that meets a broken row may settle on another one, which keeps doubled
/// quotes as they stand. Rows that don't fit are left out and noted in reject_errors.
std::string FlightsDemo::File(const std::string& name, const std::string& columns) const {
    return fmt::format("read_csv({}, auto_detect = false, header = false, delim = ',', quote = '\"', escape = '\"', "
                       "nullstr = '\\N', store_rejects = true, columns = {})",
                       QuoteLiteral((folder_ / name).string()), columns);
}

std::string FlightsDemo::Routes(int64_t batch) const {
    return fmt::format("SELECT * FROM all_routes WHERE hash(airline, origin, destination) % {} = {}", batches_, batch);
}

std::vector<std::string> FlightsDemo::Load(DemoLake& lake) {
    lake.Run("CREATE TABLE airports AS FROM " + File("airports.csv", kAirports));
    lake.Run("CREATE TABLE airlines AS FROM " + File("airlines.csv", kAirlines));
    lake.Run("CREATE TABLE planes AS FROM " + File("planes.csv", kPlanes));
    lake.Run("CREATE TEMP TABLE all_routes AS FROM " + File("routes.csv", kRoutes));
    lake.Run("CREATE TABLE routes AS " + Routes(0));
    std::vector<std::string> notes;
    auto rejected =
        lake.Run("SELECT parse_filename(file_path), count(DISTINCT line), min(line) FROM reject_errors JOIN "
                 "reject_scans USING (scan_id, file_id) GROUP BY ALL ORDER BY ALL");
    for (const auto& row : rejected.rows) {
        notes.push_back(fmt::format("{}: {} broken rows were left out, the first in line {}", AsText(row[0]),
                                    AsInt(row[1]), AsInt(row[2])));
    }
    return notes;
}

std::vector<DemoTable> FlightsDemo::Tables(DemoLake&) {
    return {
        {"country_pairs",
         "SELECT o.country AS origin, d.country AS destination, count(*) AS routes, "
         "count(DISTINCT r.airline) AS airlines FROM routes r JOIN airports o ON o.id = r.origin_id JOIN "
         "airports d ON d.id = r.destination_id GROUP BY o.country, d.country"},
        {"hubs",
         "SELECT a.id, a.name, a.country, count(DISTINCT r.destination_id) AS destinations FROM airports a JOIN "
         "routes r ON r.origin_id = a.id GROUP BY a.id, a.name, a.country HAVING count(DISTINCT "
         "r.destination_id) >= 50"},
        {"unknown_routes",
         "SELECT r.airline, r.origin, r.destination, l.id IS NULL AS airline_unknown, o.id IS NULL AS "
         "origin_unknown, d.id IS NULL AS destination_unknown FROM routes r LEFT JOIN airlines l ON "
         "l.id = r.airline_id LEFT JOIN airports o ON o.id = r.origin_id LEFT JOIN airports d ON d.id "
         "= r.destination_id WHERE l.id IS NULL OR o.id IS NULL OR d.id IS NULL"},
        {"unserved_airports",
         "SELECT id, name, country FROM airports a WHERE NOT EXISTS (SELECT 1 FROM routes r WHERE r.origin_id = a.id) "
         "AND NOT EXISTS (SELECT 1 FROM routes r WHERE r.destination_id = a.id)"},
        {"codeshares", "SELECT airline, count(*) AS routes, count(*) FILTER (WHERE codeshare = 'Y') AS codeshares FROM "
                       "routes GROUP BY airline"},
        {"codeshare_share", "SELECT airline, codeshares / routes AS share FROM codeshares WHERE codeshares > 0"},
        {"aircraft_types",
         "SELECT airline, type, count(*) AS routes FROM (SELECT airline, unnest(string_split(equipment, "
         "' ')) AS type FROM routes) t WHERE type <> '' GROUP BY airline, type"},
        {"aircraft_names",
         "SELECT t.airline, t.type, p.name, t.routes FROM aircraft_types t LEFT JOIN planes p ON p.iata = t.type"},
    };
}

DemoChange FlightsDemo::Round(int64_t number) const {
    const auto& [before, now] = kRenamedCountries[static_cast<size_t>(number) % std::size(kRenamedCountries)];
    DemoChange change;
    change.title = fmt::format("batch {} of routes, corrections, withdrawals", number + 1);
    change.commits.push_back({"INSERT INTO routes " + Routes(number % batches_)});
    change.commits.push_back(
        {fmt::format("UPDATE airports SET country = {} WHERE country = {}", QuoteLiteral(now), QuoteLiteral(before)),
         fmt::format("UPDATE airports SET name = upper(name) WHERE id % 211 = {}", number % 211),
         fmt::format("UPDATE airlines SET active = 'N', country = NULL WHERE id % 157 = {}", number % 157)});
    change.commits.push_back({fmt::format("DELETE FROM airports WHERE id % 307 = {}", number % 307),
                              fmt::format("DELETE FROM airlines WHERE id % 401 = {}", number % 401),
                              fmt::format("DELETE FROM routes WHERE destination_id % 97 = {}", number % 97)});
    change.commits.push_back(
        {fmt::format("UPDATE routes SET equipment = NULL, codeshare = 'Y' WHERE origin_id % 503 = {}", number % 503)});
    return change;
}

} // namespace freshet
