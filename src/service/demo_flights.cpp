#include "service/demo_flights.hpp"

#include "base/identifier.hpp"

#include <fmt/format.h>

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
constexpr const char* kPlanes = "{'name': 'VARCHAR', 'iata': 'VARCHAR', 'icao': 'VARCHAR'}";

} // namespace

std::string FlightsDemo::File(const std::string& name, const std::string& columns) const {
    return fmt::format("read_csv({}, header = false, delim = ',', quote = '\"', strict_mode = false, nullstr = '\\N', "
                       "columns = {})",
                       QuoteLiteral((folder_ / name).string()), columns);
}

std::string FlightsDemo::Routes(int64_t batch) const {
    return fmt::format("SELECT * FROM {} WHERE hash(airline, origin, destination) % {} = {}",
                       File("routes.csv", kRoutes), batches_, batch);
}

void FlightsDemo::Load(DemoLake& lake) {
    lake.Run("CREATE TABLE airports AS FROM " + File("airports.csv", kAirports));
    lake.Run("CREATE TABLE airlines AS FROM " + File("airlines.csv", kAirlines));
    lake.Run("CREATE TABLE planes AS FROM " + File("planes.csv", kPlanes));
    lake.Run("CREATE TABLE routes AS " + Routes(0));
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
        {"unserved_airports", "SELECT id, name, country FROM airports a WHERE NOT EXISTS (SELECT 1 FROM routes r WHERE "
                              "r.origin_id = a.id OR r.destination_id = a.id)"},
        {"codeshares", "SELECT airline, count(*) AS routes, count(*) FILTER (WHERE codeshare = 'Y') AS codeshares FROM "
                       "routes GROUP BY airline"},
        {"codeshare_share", "SELECT airline, codeshares / routes AS share FROM codeshares WHERE codeshares > 0"},
        {"aircraft_types",
         "SELECT airline, type, count(*) AS routes FROM (SELECT airline, unnest(string_split(equipment, "
         "' ')) AS type FROM routes) t GROUP BY airline, type"},
        {"aircraft_names",
         "SELECT t.airline, p.name, t.routes FROM aircraft_types t LEFT JOIN planes p ON p.iata = t.type"},
    };
}

DemoChange FlightsDemo::Round(int64_t number) const {
    DemoChange change;
    change.title = fmt::format("batch {} of routes, corrections, withdrawals", number + 1);
    change.commits.push_back({"INSERT INTO routes " + Routes(number % batches_)});
    change.commits.push_back(
        {fmt::format("UPDATE airports SET country = trim(country) || '*', name = upper(name) WHERE id % 211 = {}",
                     number),
         fmt::format("UPDATE airlines SET active = 'N', country = NULL WHERE id % 157 = {}", number)});
    change.commits.push_back({fmt::format("DELETE FROM airports WHERE id % 307 = {}", number),
                              fmt::format("DELETE FROM airlines WHERE id % 401 = {}", number)});
    change.commits.push_back(
        {fmt::format("UPDATE routes SET equipment = NULL, codeshare = 'Y' WHERE origin_id % 503 = {}", number)});
    return change;
}

} // namespace freshet
