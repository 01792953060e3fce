#pragma once

#include <atomic>
#include <condition_variable>
#include <duckdb.hpp>
#include <duckdb/optimizer/optimizer_extension.hpp>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace freshet {

/// The engine's threads beside those of the sessions, which work only while a large query runs.
///
/// DuckDB wakes its threads for each task, however small, and where it has several, each scan of a SQLite catalog opens
/// a connection of its own, which reads the catalog's schema first. A refresh consists of some forty statements, most
/// of them over a few rows: that costs a third of its time. So here the engine has one thread (its setting `threads`)
/// and launches none: a session's thread runs small queries alone, and ours join in as external threads
/// (external_threads), from the planning of a query that reads many rows until its end. Thread-safe.
class QueryThreads {
public:
    QueryThreads() = default;
    ~QueryThreads();
    QueryThreads(const QueryThreads&) = delete;
    QueryThreads& operator=(const QueryThreads&) = delete;

    /// Takes the place of the engine's threads, as many as it is set to; keeps the engine alive. Once, before Serve().
    /// Not for lakes on object storage, where threads pay by waiting for many small files at once.
    void Start(std::shared_ptr<duckdb::DuckDB> database);

    /// From now on large queries of this connection are helped. Of others, as those with which DuckLake asks its
    /// catalog, none is. Does nothing before Start().
    void Serve(duckdb::ClientContext& context);

    /// The connection's next query reads about so many rows, whatever its plan says.
    static void Expect(duckdb::ClientContext& context, int64_t rows);

private:
    class Need;

    static void Plan(duckdb::OptimizerExtensionInput& input, duckdb::unique_ptr<duckdb::LogicalOperator>& plan);
    /// A large query begins, one has ended.
    void Join();
    void Leave();
    void TakeOver();
    void SetExternalThreads(size_t number);
    void Work(size_t self);

    std::shared_ptr<duckdb::DuckDB> database_;
    std::mutex mutex_;
    std::condition_variable changed_;
    size_t large_queries_ = 0;
    size_t all_ = 1; ///< threads of a large query, the session's included
    bool over_ = false;
    std::atomic<bool> working_ = false;
    std::vector<std::thread> threads_;
};

} // namespace freshet
