#pragma once

#include <string>

namespace freshet {

/// A database that is made on a PostgreSQL server and dropped with this object. Throws StoreUnreachable where the
/// server or its rights don't allow that.
class TemporaryDatabase {
public:
    /// `server`: libpq connection string or URI of any database on the server; `name` must be free.
    TemporaryDatabase(const std::string& server, const std::string& name);
    ~TemporaryDatabase();
    TemporaryDatabase(const TemporaryDatabase&) = delete;
    TemporaryDatabase& operator=(const TemporaryDatabase&) = delete;

    /// Key-value connection string of the new database, with its secrets.
    const std::string& Connection() const { return connection_; }
    /// The same as text for people and files: "postgres:host=db dbname=lake".
    std::string Description() const;
    /// It stays.
    void Keep() { kept_ = true; }

private:
    std::string server_;
    std::string name_;
    std::string connection_;
    bool kept_ = false;
};

} // namespace freshet
