#pragma once

#include <cstdio>
#include <string>

namespace freshet {

/// Where results go: standard output. Everything else goes to Diagnostics.
/// A reader that went away (| head) is no failure: what follows is dropped and the command finishes its work. Any other
/// failure to write is kept for Finish().
class Output {
public:
    explicit Output(std::FILE* stream);

    void Write(const std::string& text);
    void Line(const std::string& text) { Write(text + "\n"); }
    /// Hands everything written so far to the reader.
    void Flush();
    /// False if something could not be written.
    bool Finish();

    bool IsTerminal() const { return is_terminal_; }
    /// Columns of the terminal; 0 where the output is not one.
    size_t Width() const;
    /// Its lines; 0 where the output is not one.
    size_t Height() const;

private:
    void Check(bool written);

    std::FILE* stream_;
    bool is_terminal_;
    bool reader_gone_ = false;
    bool failed_ = false;
};

/// Text styles on a terminal that wants them, plain text elsewhere.
class Style {
public:
    explicit Style(bool enabled) : enabled_(enabled) {}
    std::string Red(const std::string& text) const { return Wrap("31;1", text); }
    std::string Green(const std::string& text) const { return Wrap("32", text); }
    std::string Yellow(const std::string& text) const { return Wrap("33", text); }
    std::string Bold(const std::string& text) const { return Wrap("1", text); }
    std::string Dim(const std::string& text) const { return Wrap("2", text); }

private:
    std::string Wrap(const char* code, const std::string& text) const;
    bool enabled_;
};

/// Colours suit this stream: a terminal, not TERM=dumb, no NO_COLOR.
bool WantsColor(std::FILE* stream);

} // namespace freshet
