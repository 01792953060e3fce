#pragma once

#include "cli/invocation.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace CLI {
class App;
}

namespace freshet {

/// What a command takes. A name without dashes is a positional argument; "-f,--file" gives two forms of one option.
class Arguments {
public:
    explicit Arguments(CLI::App& command) : command_(command) {}

    void Flag(const std::string& name, bool& target, const std::string& text);
    void Text(const std::string& name, std::optional<std::string>& target, const std::string& text);
    void Required(const std::string& name, std::string& target, const std::string& text);
    /// `target` holds the default.
    void Default(const std::string& name, std::string& target, const std::string& text);
    void List(const std::string& name, std::vector<std::string>& target, const std::string& text);
    /// An option that may be given several times, with one value each.
    void Each(const std::string& name, std::vector<std::string>& target, const std::string& text);
    /// A whole number, not negative.
    void Number(const std::string& name, int64_t& target, const std::string& text);
    /// A number above zero.
    void Real(const std::string& name, double& target, const std::string& text);
    void Choice(const std::string& name, std::string& target, const std::vector<std::string>& choices,
                const std::string& text);

private:
    CLI::App& command_;
};

/// What --force does, where a command has it.
inline constexpr const char* kForceHelp = "don't wait for a running refresh of these tables: it is given up";

/// Base of every command's options: what the user gave, completed from the surroundings, checked, then run.
/// Run() returns the exit code.
struct CommandOptions {
    void Complete(Invocation&) {}
    void Validate() const {}
};

/// The program's commands. Each command's file has one Register... function, listed in program.cpp.
class CommandTree {
public:
    explicit CommandTree(CLI::App& program) : program_(program) {}

    template <typename Options>
    void Add(const std::string& name, const std::string& text,
             const std::function<void(Arguments&, Options&)>& declare) {
        auto options = std::make_shared<Options>();
        Arguments arguments(NewCommand(name, text));
        declare(arguments, *options);
        runs_.emplace_back(name, [options](Invocation& invocation) {
            options->Complete(invocation);
            options->Validate();
            return options->Run(invocation);
        });
    }

    /// Runs the command that was given. Precondition: one was.
    int Run(Invocation& invocation) const;

private:
    CLI::App& NewCommand(const std::string& name, const std::string& text);

    CLI::App& program_;
    std::vector<std::pair<std::string, std::function<int(Invocation&)>>> runs_;
};

} // namespace freshet
