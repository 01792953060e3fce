#pragma once

#include "base/error.hpp"
#include "cli/output.hpp"
#include "cli/progress_line.hpp"
#include "service/config.hpp"
#include "service/service.hpp"

#include <atomic>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace freshet {

/// Options that every command takes, before or after its name.
struct CommonOptions {
    std::string directory;
    std::optional<std::string> profile;
    std::vector<std::string> settings; ///< --set KEY=VALUE
    bool json = false;
    bool quiet = false;
    bool verbose = false;
    bool no_color = false;
    bool yes = false;
};

/// What a command does with a lake that doesn't exist.
enum class MissingLake { IsAnError, IsCreated };

/// One run of the program: its common options, its outputs, and the service, opened when a command asks for it.
class Invocation {
public:
    explicit Invocation(CommonOptions options);
    ~Invocation();
    Invocation(const Invocation&) = delete;
    Invocation& operator=(const Invocation&) = delete;

    const CommonOptions& Options() const { return options_; }
    Output& Out() { return out_; }
    const Style& OutStyle() const { return out_style_; }
    const Style& ErrorStyle() const { return error_style_; }

    /// Prints a result table in the form that suits standard output. Where it is too narrow, the columns `kept` stay
    /// longest.
    void PrintTable(const Table& table, const std::vector<std::string>& kept = {});
    /// Something worth knowing, on standard error; not with --quiet. Notes and warnings may come from any thread while
    /// something goes on.
    void Note(const std::string& text);
    void Warn(const std::string& text);
    /// On standard error, in the shape of product.md.
    void Report(const Error& error);
    /// Asks on a terminal; yes elsewhere, and with --yes. Ctrl-C at the question ends the program.
    bool Confirm(const std::string& question);

    /// Gives what `work()` gives, and tells that it goes on, on a terminal also how far it is: "refreshing 1.2 s".
    template <typename Work>
    auto While(const std::string& what, Work work) {
        return While([what](double ms) { return fmt::format("{} {:.1f} s", what, ms / 1000); }, std::move(work));
    }
    /// The same with a text of its own.
    template <typename Work>
    auto While(ProgressLine::Text text, Work work) {
        struct Shown {
            ProgressLine line;
            ProgressLine*& current;
            ~Shown() { current = nullptr; }
        } shown{{std::move(text), FormOfProgress(), [this] { return HowFar(); }}, progress_};
        progress_ = &shown.line;
        return work();
    }

    /// As if started in -C DIR. Throws Error.
    void EnterDirectory();
    /// The same for a folder that the command names.
    static void EnterDirectory(const std::string& directory);
    Configuration Configure() const;
    /// Opens the service of the configured lake; Ctrl-C interrupts what runs in it.
    Service& OpenService(MissingLake missing = MissingLake::IsAnError);

private:
    ProgressForm FormOfProgress() const;
    StatementProgress HowFar() const;
    void WriteDiagnostic(const std::string& text);

    CommonOptions options_;
    Output out_;
    Style out_style_;
    Style error_style_;
    std::unique_ptr<Service> service_;
    ProgressLine* progress_ = nullptr;       ///< while one may be shown
    std::atomic<Service*> opened_ = nullptr; ///< for other threads: the service, once it is open
};

} // namespace freshet
