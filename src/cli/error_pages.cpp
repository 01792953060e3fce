#include "cli/error_pages.hpp"

namespace freshet {

const std::vector<ErrorPage>& ErrorPages() {
    static const std::vector<ErrorPage> pages = {
        {Code::Usage, "the command line can't be understood",
         "A command, option or argument is unknown, missing, or of the wrong kind. The exit code is 2.",
         "freshet --help, or the command's own --help. The nearest known word is suggested."},
        {Code::BadConfiguration, "freshet.yml has errors",
         "freshet.yml is not valid YAML, has an unknown key or a value that can't be used, or names an environment "
         "variable that is not set. All errors of the file are reported together.",
         "Correct the named lines. See configuration."},
        {Code::NoConfiguration, "there is no freshet.yml",
         "There is no freshet.yml in the current folder, or in the folder named by -C. Parent folders are not "
         "searched, so that a command never works on a lake that was not meant.",
         "Enter the project's folder, use -C DIR, or make a project with freshet init."},
        {Code::FileUnreadable, "a file can't be read or written",
         "A file or folder that was named does not exist, is of another kind, or can't be read or written.",
         "Check the path and its permissions. Relative paths start in the current folder, or in that of -C."},
        {Code::NothingMatches, "a name matches no dynamic table",
         "A name or pattern matches no dynamic table, or matches several where one is wanted.",
         "freshet list shows all dynamic tables. Without a schema, main is meant first. Write schema.name where the "
         "name alone is not unique. Quote globs in the shell."},
        {Code::ListenFailed, "an address can't be listened on",
         "A worker can't serve its metrics at the address that --listen names: another process listens there, the "
         "address is none of this machine's, or the port needs rights that the user doesn't have.",
         "Choose another --listen HOST:PORT. Port 0 takes any free one, which the log then names; --listen off serves "
         "none."},
        {Code::Interrupted, "stopped by Ctrl-C",
         "The command was stopped by Ctrl-C. What was running then wrote nothing; what had ended before stays done.",
         "Run the command again: it does the rest."},
        {Code::Syntax, "syntax error",
         "A word of a statement is not expected where it stands, in Freshet's own words or in the query.",
         "The arrow shows the place. See SQL for the form of each statement."},
        {Code::UnknownTable, "a table does not exist",
         "A table or view, or a dynamic table named in a statement, does not exist.",
         "Check spelling and schema. Unqualified names mean the current schema of the session in which the definition "
         "was given."},
        {Code::UnknownColumn, "a column does not exist",
         "The query names a column that none of its tables has, or PARTITIONED BY or SORTED BY one that the query "
         "doesn't give.",
         "Check spelling and alias. The nearest name is suggested where one is near enough to be a typo. CREATE OR "
         "ALTER changes a query and the options that name its columns together."},
        {Code::UnknownSchema, "a schema does not exist",
         "A name is qualified with a schema or database that is not there.", "CREATE SCHEMA, or correct the name."},
        {Code::UnknownOption, "unknown option of a dynamic table", "A word is not an option of a dynamic table.",
         "The nearest option is suggested. See options."},
        {Code::BadOptionValue, "an option has a value that can't be used",
         "The value of an option is out of range, of the wrong kind, given twice, or can't be changed after CREATE.",
         "The message says what is accepted. A time is text with a unit: '5 minutes'."},
        {Code::MissingOption, "a required option is missing",
         "CREATE has no TARGET_LAG, no AS, or no query behind AS; or UNSET names TARGET_LAG, which has no default.",
         "Add what is missing. TARGET_LAG = DOWNSTREAM means: as fresh as the consumers need."},
        {Code::NotAQuery, "the definition is not one query",
         "Behind AS stands something else than one query, or a file for create or validate holds something else than "
         "one CREATE DYNAMIC TABLE.",
         "Put other statements into a call of freshet sql."},
        {Code::Cycle, "the definition would read itself",
         "The definition would read its own table, directly or through others. The message shows the path.",
         "Break the circle: one of the tables has to read its sources instead."},
        {Code::AlreadyExists, "a dynamic table of this name exists",
         "CREATE, UNDROP or RENAME names a table that is there already, or a project's model makes a view of its name. "
         "Nothing was changed.",
         "CREATE OR REPLACE, IF NOT EXISTS, or another name. For a model --prune, where the project made the table."},
        {Code::NotADynamicTable, "the name belongs to something else",
         "The name belongs to an ordinary table or view. Freshet never overwrites, alters or drops one. Also: a table "
         "can't be adopted because its columns are not those of the query.",
         "Choose another name, or use the statements for ordinary tables. ADOPT = TRUE takes over a table whose "
         "columns and types are those of the query."},
        {Code::DependentsExist, "other dynamic tables read the table",
         "DROP or RENAME names a table that other dynamic tables read; RENAME, too, one that an ordinary view reads.",
         "Drop those first, or all together with CASCADE. Instead of RENAME, SWAP WITH puts another table in the "
         "place."},
        {Code::WriteRefused, "the statement writes what Freshet maintains",
         "A statement of freshet sql writes to a dynamic table or to the schema __freshet.",
         "Change the source tables or the definition. The hint names the statement to use."},
        {Code::NotIncremental, "REFRESH_MODE = INCREMENTAL can't be kept",
         "REFRESH_MODE = INCREMENTAL is asked for, and a part of the definition has no delta rule. The message names "
         "the part.",
         "Use REFRESH_MODE = AUTO, or rewrite that part. See delta rules."},
        {Code::UnsupportedType, "a column's type can't be stored",
         "A result column has a type that the lake can't store: ENUM, BIT, UNION, BIGNUM, TIME_NS, or a fixed-size "
         "array.",
         "Cast the column in the query. The hint names a type that fits."},
        {Code::InTransaction, "not inside BEGIN ... COMMIT",
         "A statement on dynamic tables stands inside BEGIN ... COMMIT. Such statements commit by themselves, content "
         "and frontier together.",
         "Run it before BEGIN or after COMMIT."},
        {Code::Binding, "the query can't be bound",
         "DuckDB can't bind the query for another reason: an unknown function, types that don't fit, a name used where "
         "it may not stand.",
         "The message is DuckDB's own. The arrow shows the place."},
        {Code::BadName, "a name can't be used",
         "A name is empty, has too many parts, names another database than lake, or is given to two columns.",
         "Choose another name. Put it into double quotes if it has unusual characters."},
        {Code::NotYetAvailable, "a later release brings this", "The statement is known and not part of this release.",
         "The hint names what to use meanwhile. See the changelog."},
        {Code::QueryFailed, "a statement failed while it ran",
         "A statement failed while it ran: a cast, a division, a missing file.",
         "The message is DuckDB's own. What the statement had begun was undone."},
        {Code::LakeMissing, "the lake does not exist",
         "There is no lake at the configured catalog. Commands that only read make none.",
         "freshet sql, create, apply or demo makes one. Check lake in freshet.yml."},
        {Code::LakeUnreachable, "the lake's catalog can't be opened",
         "The catalog can't be opened: the database is down, locked by another process, damaged, or of a version that "
         "DuckLake can't read.",
         "freshet doctor tells more. A DuckDB file admits one process at a time (a command waits nine seconds for it); "
         "SQLite and PostgreSQL admit several."},
        {Code::LakeReadOnly, "the lake can't be written",
         "The catalog's file or database, or the data path, is not writable.",
         "Check the permissions of the catalog file, its folder and the data path."},
        {Code::EngineMismatch, "engine parts don't fit together",
         "libduckdb, its extensions and the program are not of one DuckDB version, or an extension is missing.",
         "freshet doctor shows each version. Build or install again."},
        {Code::LakeConflict, "other writers were always faster",
         "The commit collided with those of other writers more often than it is retried. Nothing was written.",
         "Run it again, or pause the other writers."},
        {Code::RefreshFailed, "the definition failed while it was evaluated",
         "The query failed while it was evaluated: a cast, a division, an overflow. The old content stays readable.",
         "Correct the data or the definition. The next refresh starts from the same frontier, nothing is lost."},
        {Code::ParentFailed, "skipped because a table that it reads failed",
         "The table was skipped because a dynamic table that it reads failed, or because another table of the same "
         "atomic commit failed.",
         "See the error of that table."},
        {Code::Suspended, "a table that it reads is suspended",
         "The table reads, directly or through others, a dynamic table that is suspended, so that both can't be "
         "brought to one snapshot.",
         "Resume the suspended table, or name it in the same refresh."},
        {Code::SourceGone, "a table or column that the definition names is gone",
         "A table or column that the definition names was dropped or renamed. The old content stays readable.",
         "Restore it, or change the definition with ALTER DYNAMIC TABLE ... AS."},
        {Code::InexactValue, "a value does not survive storage",
         "A value would be stored changed: a HUGEINT that is not exact as DOUBLE, an INTERVAL with microseconds or "
         "negative parts, a time with a zone other than UTC.",
         "Cast the column in the query; the hint names the type. Freshet never stores a changed value."},
        {Code::NotVerifiable, "the version to compare with is gone",
         "The table can't be compared with its definition at the frontier, or the snapshot named with AT doesn't "
         "exist: a snapshot was expired or rewritten, the definition or a view was changed since, the table was never "
         "filled, or a function such as random() gives another value at every evaluation.",
         "freshet verify --current refreshes first. A definition with such a function can't be verified."},
        {Code::Differs, "the content differs from the definition",
         "The content differs from the definition at the frontier: rows were written by others, or Freshet or DuckLake "
         "has a defect.",
         "freshet refresh repairs what others wrote. freshet refresh --full evaluates the query anew and writes the "
         "difference."},
        {Code::InvariantBroken, "a check of the refresh failed",
         "Freshet counts what it deletes and inserts before it commits, and a count was wrong. Nothing was written.",
         "freshet refresh --full. Please report it with the output of freshet history."},
        {Code::RefreshTimeout, "a refresh took longer than its TIMEOUT",
         "A refresh took longer than the table's TIMEOUT, and was stopped. Nothing was written. First fills by CREATE "
         "have no limit.",
         "Raise the option TIMEOUT of the table, or give the worker more memory or threads (engine in freshet.yml)."},
        {Code::RefreshAbandoned, "a refresh was stopped, since its worker ends",
         "The worker was asked to end, and its time to finish (--grace) was over; or a command with --force, or "
         "another worker, took the refresh over. Nothing was written.",
         "None is needed: the other process, the next worker, or a refresh by hand, does it."},
        {Code::TableBusy, "a table is being refreshed",
         "A change of a definition, or maintenance, waited for a refresh that a live worker is doing, for as long as "
         "the TIMEOUT of the table. Nothing was changed.",
         "Try again later, or use --force: then that refresh is given up and begins again afterwards."},
        {Code::StoreUnreachable, "the state store can't be opened",
         "The file or database named by state is missing, locked or down.",
         "Check state in freshet.yml. A lost store is made anew; it costs the history only."},
        {Code::StoreVersion, "the state store is newer than this program",
         "A newer Freshet wrote the state store, or another one the schema __freshet of the lake.",
         "Use that version, or, where it is the state store, name another one."},
        {Code::StoreOfAnotherLake, "the state store belongs to another lake",
         "The state store belongs to another lake.", "Name another store under state. Each lake needs one of its own."},
        {Code::WorkerExists, "a worker of that name runs",
         "A worker was given the name of another one that is alive: two workers of one name could not tell their "
         "claims apart.",
         "Choose another --id, or leave it out: each worker then makes a name of its own."},
        {Code::TwoModels, "two models make one object",
         "Two models of a project make one object: they have one name in one schema. The message names both files.",
         "Rename one of them, or move it to another schema's folder."},
        {Code::NotAModel, "a file holds something else than a model",
         "A file below models/ holds something else than CREATE DYNAMIC TABLE, CREATE VIEW, CREATE MACRO, or one query "
         "with a header of options. Also: such a header stands above a CREATE statement, which has its options in "
         "itself.",
         "Put other statements into a file outside models/, and run it with freshet sql -f. See projects."},
        {Code::UndefinedVariable, "a variable has no value",
         "A model names a variable ${name} that has no value and no default.",
         "Give it a value with --var name=value or under vars in freshet.yml, or a default: ${name:-default}."},
        {Code::StalePlan, "a saved plan no longer fits",
         "What exists is no longer what the saved plan was made for: a table was changed, dropped or created since. "
         "Nothing was done. Also: another process changed a table while apply was at work; the other steps are done.",
         "Make the plan again: freshet plan --out FILE, or repeat freshet apply."},
        {Code::NewerProject, "a project of a newer format",
         "The project or the plan file says a format that this version of Freshet doesn't know.",
         "Use a newer Freshet, or the version that wrote the file."},
        {Code::NotText, "a file is not UTF-8 text",
         "A file of a project, or a text with statements, is not UTF-8 text. The place is that of the first wrong "
         "byte.",
         "Save the file as UTF-8."},
        {Code::BadSelection, "a selection of models is wrong",
         "--select or --exclude can't be understood, or selects no model.",
         "Use names and globs, +name and name+ for what it reads and what reads it, tag:x, path:models/x, state:new, "
         "state:modified. See projects."},
        {Code::Defect, "a defect in Freshet", "Something happened in Freshet that should be impossible.",
         "Please report it with the statement that led to it."},
    };
    return pages;
}

std::optional<ErrorPage> FindErrorPage(int number) {
    for (const auto& page : ErrorPages()) {
        if (static_cast<int>(page.code) == number) {
            return page;
        }
    }
    return std::nullopt;
}

} // namespace freshet
