#pragma once

#include <cstddef>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace freshet {

/// Stable numbers of user-visible errors, by origin: 1xxx usage and configuration, 2xxx definitions and statements,
/// 3xxx lake and engine, 4xxx refresh, 5xxx state store, 6xxx projects, 9xxx defects of Freshet itself. Documented in
/// docs/reference/errors.md; a number is never reused.
enum class Code {
    Usage = 1001,              ///< command line can't be understood
    BadConfiguration = 1002,   ///< freshet.yml has errors (all reported together)
    NoConfiguration = 1003,    ///< no freshet.yml found
    FileUnreadable = 1004,     ///< a file named by the user can't be read
    NothingMatches = 1005,     ///< a name or pattern matches no dynamic table
    ListenFailed = 1006,       ///< an address can't be listened on
    Interrupted = 1007,        ///< stopped by Ctrl-C
    Syntax = 2001,             ///< syntax error in our words or in SQL
    UnknownTable = 2002,       ///< table or view does not exist
    UnknownColumn = 2003,      ///< column does not exist
    UnknownSchema = 2004,      ///< schema does not exist
    UnknownOption = 2005,      ///< unknown option of a dynamic table
    BadOptionValue = 2006,     ///< an option's value is out of range or garbage
    MissingOption = 2007,      ///< a required option (TARGET_LAG, AS) is missing
    NotAQuery = 2008,          ///< definition is not exactly one SELECT
    Cycle = 2009,              ///< definition would read itself, path in the message
    AlreadyExists = 2010,      ///< a dynamic table of that name exists
    NotADynamicTable = 2011,   ///< the name belongs to an ordinary table or view
    DependentsExist = 2012,    ///< DROP while others read the table
    WriteRefused = 2013,       ///< statement writes to a dynamic table or to __freshet
    NotIncremental = 2014,     ///< REFRESH_MODE = INCREMENTAL can't be kept
    UnsupportedType = 2015,    ///< a result column's type can't be stored in the lake
    InTransaction = 2016,      ///< our statement inside BEGIN ... COMMIT
    Binding = 2017,            ///< any other error that the binder reports
    BadName = 2018,            ///< a name that can't be used
    NotYetAvailable = 2019,    ///< a statement that a later release brings
    QueryFailed = 2020,        ///< a statement failed while it ran
    LakeMissing = 3001,        ///< the lake does not exist
    LakeUnreachable = 3002,    ///< catalog can't be opened (locked, down, damaged, other version)
    LakeReadOnly = 3003,       ///< catalog or data path is not writable
    EngineMismatch = 3004,     ///< library, headers, extensions don't fit together
    LakeConflict = 3005,       ///< commit conflicted more often than retried
    RefreshFailed = 4001,      ///< the definition failed while it was evaluated
    ParentFailed = 4002,       ///< skipped because a table that it reads failed
    Suspended = 4003,          ///< an ancestor of a table refreshed by hand is suspended
    SourceGone = 4004,         ///< a table or column that the definition names is gone
    InexactValue = 4005,       ///< a value does not survive storage
    NotVerifiable = 4006,      ///< a version needed by verify is gone or rewritten
    Differs = 4007,            ///< verify found a difference
    InvariantBroken = 4008,    ///< a check of the refresh failed; nothing was written
    RefreshTimeout = 4009,     ///< a refresh took longer than the table's TIMEOUT
    RefreshAbandoned = 4010,   ///< a refresh was stopped before its commit: the worker ends, or has lost its claim
    TableBusy = 4011,          ///< a change of a definition, or maintenance, waited for a refresh in vain
    StoreUnreachable = 5001,   ///< the state store can't be opened
    StoreVersion = 5002,       ///< the state store was written by a newer version
    StoreOfAnotherLake = 5003, ///< the state store belongs to another lake
    WorkerExists = 5004,       ///< a live worker has the name that another one was given
    TwoModels = 6001,          ///< two models make one object
    NotAModel = 6002,          ///< a file of a project holds something else than a model
    UndefinedVariable = 6003,  ///< ${name} has neither value nor default
    StalePlan = 6004,          ///< a saved plan no longer fits what exists
    NewerProject = 6005,       ///< a project or plan file of a newer format
    NotText = 6006,            ///< a file of a project, or statements, are not UTF-8 text
    BadSelection = 6007,       ///< a selection of models can't be understood, or selects none
    Defect = 9001,             ///< a defect in Freshet
};

/// A place in a text that the user wrote. Lines and columns count from 1; `length` is in bytes of the source.
struct Place {
    std::string file;  ///< file name, or empty for text given on the command line
    std::string text;  ///< the whole text, from which the line is shown
    size_t offset = 0; ///< byte offset of the first marked character
    size_t length = 1; ///< number of bytes marked

    size_t Line() const;
    size_t Column() const;
    /// The line of `text` that holds `offset`, without its line end.
    std::string LineText() const;
};

/// The one exception that Freshet throws. Everything in it is fit to be shown: engine messages go through
/// Redact() (base/redact.hpp) before they become an Error.
class Error : public std::runtime_error {
public:
    Error(Code code, std::string message, std::string hint = "");

    Error& At(Place place);
    Code GetCode() const { return code_; }
    /// "FRS-2003"
    std::string CodeText() const;
    const std::string& Message() const { return message_; }
    const std::string& Hint() const { return hint_; }
    const std::optional<Place>& Where() const { return place_; }

    /// The multi-line shape of product.md: error line, arrow, source line, caret, help.
    std::string Render() const;

private:
    Code code_;
    std::string message_;
    std::string hint_;
    std::optional<Place> place_;
};

/// Several errors that are told together, in the order in which they are shown. As an Error it is the first one.
class SeveralErrors : public Error {
public:
    explicit SeveralErrors(std::vector<Error> all) : Error(all.at(0)), all_(std::move(all)) {}
    const std::vector<Error>& All() const { return all_; }

private:
    std::vector<Error> all_;
};

/// "FRS-2003" for a number.
std::string CodeText(Code code);

/// The candidate nearest to `name` by edit distance (case ignored), or nothing if none is near enough to be a typo.
std::optional<std::string> NearestName(const std::string& name, const std::vector<std::string>& candidates);

} // namespace freshet
