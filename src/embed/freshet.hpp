#pragma once

/// Freshet inside another program: this header is all of its public interface. It includes nothing but the standard
/// library (C++17), and what is in it keeps its meaning within a major version. docs/how_to/embed.md shows its use.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <variant>
#include <vector>

namespace freshet::embed {

/// One value of a result: integers up to 64 bits, finite doubles, booleans and NULL (monostate) keep their kind;
/// everything else (DECIMAL, HUGEINT, dates, lists, structs, nan, inf) is the text that DuckDB casts it to.
using Value = std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string>;

struct Column {
    std::string name;
    std::string type; ///< as DuckDB prints it, e.g. DECIMAL(15,2)
};

/// What a statement gives; no columns where there is no result.
struct Result {
    std::vector<Column> columns;
    std::vector<std::vector<Value>> rows;
    std::vector<std::string> warnings;
};

/// Every failure that Freshet reports. what() is the message alone; secrets never are in it.
class Error : public std::runtime_error {
public:
    Error(std::string code, const std::string& message, std::string hint)
        : std::runtime_error(message), code(std::move(code)), hint(std::move(hint)) {}

    std::string code; ///< "FRS-2003"; docs/reference/errors.md has a section for each
    std::string hint; ///< the way out; may be empty
    std::string file; ///< where `line` is, as far as it is a file
    size_t line = 0;  ///< from 1, in the text of the statement or in `file`; 0: no place is known
    size_t column = 0;
};

/// One table's part in a refresh.
struct Refreshed {
    std::string table;  ///< schema.name, quoted where SQL needs it
    std::string action; ///< NO_DATA, INCREMENTAL, FULL, REINITIALIZE; empty with `error`
    std::string strategy;
    std::string reason;
    int64_t rows_inserted = 0;
    int64_t rows_deleted = 0;
    double duration_ms = 0;
    std::optional<int64_t> snapshot; ///< the data snapshot
    std::optional<Error> error;      ///< it failed, or was skipped because a table that it reads failed
};

/// How a table's content compares with its definition, as bags, at the table's data snapshot.
struct Verified {
    std::string table;
    int64_t missing = 0; ///< rows that the definition gives and the table doesn't have
    int64_t extra = 0;   ///< rows that the table has and the definition doesn't give
    std::optional<int64_t> snapshot;
    std::optional<Error> error; ///< it could not be compared
    bool Equal() const { return !error && missing == 0 && extra == 0; }
};

/// Which lake, and how: what freshet.yml and the command line say.
struct Options {
    std::string directory = ".";                 ///< of freshet.yml; relative paths are relative to it
    std::optional<std::string> profile;          ///< of freshet.yml
    std::map<std::string, std::string> settings; ///< beat the file: {"lake.catalog", "sqlite:lake.sqlite"}. With
                                                 ///< lake.catalog there need be no file
    bool create = false;                         ///< make the lake if there is none; else that is an error (FRS-3001)
};

/// An open lake. Its functions throw Error, after which it can be used further. One thread at a time, but for
/// Interrupt(); open several for several threads. Installs no signal handlers and leaves no process behind.
class Lake {
public:
    /// Throws Error: a configuration that is wrong, a lake that is missing or can't be reached.
    static Lake Open(const Options& options);
    Lake(Lake&& other) noexcept;
    Lake& operator=(Lake&& other) noexcept;
    ~Lake();

    /// Runs statements, Freshet's or DuckDB's, separated by semicolons, in one session for the life of the Lake: SET,
    /// TEMP tables and transactions stay. Gives the result of the last; stops at the first that fails.
    Result Run(const std::string& sql);
    /// Brings the named tables ([schema.]name, globs allowed) or, with no names, all that are not suspended to the
    /// newest snapshot; parents first. Failures of single tables are in the entries; throws where nothing was tried.
    std::vector<Refreshed> Refresh(const std::vector<std::string>& names = {});
    /// Recomputes the named tables or, with no names, all, and compares; writes nothing.
    std::vector<Verified> Verify(const std::vector<std::string>& names = {});

    /// The same as JSON, in the words of docs/reference/machine_interface.md. RunJson gives one line for each statement
    /// that ran, the one that failed included, instead of throwing what a statement does.
    std::string RunJson(const std::string& sql);
    std::string RefreshJson(const std::vector<std::string>& names = {});
    std::string VerifyJson(const std::vector<std::string>& names = {});

    /// Ends what runs, which then throws Error. From any thread.
    void Interrupt();

private:
    class Opened;
    explicit Lake(std::unique_ptr<Opened> opened);
    std::unique_ptr<Opened> opened_;
};

/// "0.1.0"
std::string Version();

} // namespace freshet::embed
