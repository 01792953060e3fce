#include "cli/invocation.hpp"

#include "cli/interrupt.hpp"
#include "cli/table_text.hpp"

#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <iostream>
#include <string_view>
#include <unistd.h>

namespace freshet {

namespace {

void WriteToStandardError(const std::string& text) {
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
}

/// The error's shape with its first word in colour.
std::string Painted(const Error& error, const Style& style) {
    std::string text = error.Render();
    size_t end = text.find(':');
    return style.Red(text.substr(0, end)) + text.substr(end);
}

} // namespace

Invocation::Invocation(CommonOptions options)
    : options_(std::move(options)), out_(stdout), out_style_(!options_.no_color && WantsColor(stdout)),
      error_style_(!options_.no_color && WantsColor(stderr)) {}

Invocation::~Invocation() {
    OnInterrupt({}); // the service goes away
}

void Invocation::PrintTable(const Table& table, const std::vector<std::string>& kept) {
    bool terminal = out_.IsTerminal();
    out_.Write(RenderTable(table, {terminal, terminal, out_.Width(), kept}));
}

void Invocation::Note(const std::string& text) {
    if (!options_.quiet) {
        WriteDiagnostic(text + "\n");
    }
}

void Invocation::Warn(const std::string& text) {
    if (!options_.quiet) {
        WriteDiagnostic(error_style_.Yellow("warning") + ": " + text + "\n");
    }
}

void Invocation::Report(const Error& error) {
    out_.Flush(); // what came before the error stands before it on a terminal
    if (const auto* several = dynamic_cast<const SeveralErrors*>(&error)) {
        for (const auto& each : several->All()) {
            WriteDiagnostic(Painted(each, error_style_));
        }
        return;
    }
    WriteDiagnostic(Painted(error, error_style_));
}

void Invocation::WriteDiagnostic(const std::string& text) {
    if (progress_ != nullptr) {
        progress_->Aside([&] { WriteToStandardError(text); });
    } else {
        WriteToStandardError(text);
    }
}

StatementProgress Invocation::HowFar() const {
    Service* service = opened_;
    return service != nullptr ? service->HowFar() : StatementProgress{};
}

ProgressForm Invocation::FormOfProgress() const {
    const char* terminal = std::getenv("TERM");
    bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return options_.quiet                        ? ProgressForm::None
           : !dumb && isatty(STDERR_FILENO) != 0 ? ProgressForm::OneLine
                                                 : ProgressForm::PlainLines;
}

bool Invocation::Confirm(const std::string& question) {
    if (options_.yes || isatty(STDIN_FILENO) == 0 || isatty(STDERR_FILENO) == 0) {
        return true;
    }
    RepeatedInterrupts means_no([] {
        WriteToStandardError("\ninterrupted; nothing was done\n");
        EndInterrupted();
    });
    WriteDiagnostic(question + " [y/N] ");
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes";
}

void Invocation::EnterDirectory() {
    if (options_.directory.empty()) {
        return;
    }
    EnterDirectory(options_.directory);
}

void Invocation::EnterDirectory(const std::string& directory) {
    std::error_code problem;
    std::filesystem::current_path(directory, problem);
    if (problem) {
        throw Error(Code::FileUnreadable, fmt::format("can't enter folder {}: {}", directory, problem.message()));
    }
}

Configuration Invocation::Configure() const {
    ConfigurationRequest request;
    request.profile = options_.profile;
    for (const auto& setting : options_.settings) {
        size_t equals = setting.find('=');
        if (equals == std::string::npos) {
            throw Error(Code::Usage, "--set takes KEY=VALUE", "for example --set engine.threads=2");
        }
        request.overrides[setting.substr(0, equals)] = setting.substr(equals + 1);
    }
    return LoadConfiguration(request);
}

} // namespace freshet
