#include "cli/output.hpp"

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace freshet {

Output::Output(std::FILE* stream) : stream_(stream), is_terminal_(isatty(fileno(stream)) != 0) {}

void Output::Write(const std::string& text) {
    if (!reader_gone_ && !text.empty()) {
        Check(std::fwrite(text.data(), 1, text.size(), stream_) == text.size());
    }
}

void Output::Flush() {
    if (!reader_gone_) {
        Check(std::fflush(stream_) == 0);
    }
}

bool Output::Finish() {
    Flush();
    return !failed_;
}

void Output::Check(bool written) {
    if (written) {
        return;
    }
    if (errno == EPIPE) {
        reader_gone_ = true;
    } else {
        failed_ = true;
    }
}

size_t Output::Width() const {
    winsize size{};
    return is_terminal_ && ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

size_t Output::Height() const {
    winsize size{};
    return is_terminal_ && ioctl(fileno(stream_), TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}

std::string Style::Wrap(const char* code, const std::string& text) const {
    return enabled_ ? "\033[" + std::string(code) + "m" + text + "\033[0m" : text;
}

bool WantsColor(std::FILE* stream) {
    const char* no_color = std::getenv("NO_COLOR");
    const char* terminal = std::getenv("TERM");
    bool refused = no_color != nullptr && *no_color != '\0';
    bool dumb = terminal == nullptr || std::string_view(terminal) == "dumb";
    return isatty(fileno(stream)) != 0 && !refused && !dumb;
}

} // namespace freshet
