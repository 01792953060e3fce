#include "cli/table_text.hpp"

#include <algorithm>
#include <cstdio>
#include <cwchar>
#include <fmt/format.h>
#include <numeric>

namespace freshet {

namespace {

struct Character {
    size_t bytes;
    size_t width;
};

/// The character that begins at `at`. A byte that is not UTF-8 counts as one column.
Character CharacterAt(const std::string& text, size_t at) {
    auto first = static_cast<unsigned char>(text[at]);
    size_t bytes = first < 0x80 ? 1 : first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1;
    if (bytes == 1 || at + bytes > text.size()) {
        return {1, 1};
    }
    wchar_t code = static_cast<wchar_t>(first & (0xFF >> (bytes + 1)));
    for (size_t i = 1; i < bytes; i++) {
        code = (code << 6) | (static_cast<unsigned char>(text[at + i]) & 0x3F);
    }
    return {bytes, static_cast<size_t>(std::max(wcwidth(code), 0))};
}

std::string Escaped(const std::string& text) {
    std::string out;
    for (char c : text) {
        switch (c) {
        case '\n':
            out += "\\n";
            break;
        case '\r':
            out += "\\r";
            break;
        case '\t':
            out += "\\t";
            break;
        default:
            out += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? fmt::format("\\x{:02x}", c) : std::string(1, c);
        }
    }
    return out;
}

std::string CellText(const Value& value) {
    if (IsNull(value)) {
        return "NULL";
    }
    return std::holds_alternative<std::string>(value) ? Escaped(std::get<std::string>(value)) : AsText(value);
}

std::string Padded(const std::string& text, size_t width, bool right) {
    std::string blanks(width - std::min(width, DisplayWidth(text)), ' ');
    return right ? blanks + text : text + blanks;
}

/// Cells as texts, and how wide each column is shown.
struct Layout {
    std::vector<std::vector<std::string>> lines; ///< the header first
    std::vector<size_t> widths;
    std::vector<bool> right;
};

/// Of the terminal, with what stands between columns.
size_t Needed(const std::vector<size_t>& widths) {
    return std::accumulate(widths.begin(), widths.end(), widths.size() * 3 + 1);
}

/// Narrows the widest columns until all fit, none below `narrowest`. False if that was not enough.
bool Narrow(std::vector<size_t>& widths, size_t available, size_t narrowest) {
    for (size_t needed = Needed(widths); needed > available; needed--) {
        auto widest = std::max_element(widths.begin(), widths.end());
        if (*widest <= narrowest) {
            return false;
        }
        --*widest;
    }
    return true;
}

/// Columns in the order in which they may be left out: the last ones first, those in `kept` after all others.
std::vector<size_t> DropOrder(const std::vector<std::string>& names, const std::vector<std::string>& kept) {
    auto importance = [&](size_t column) {
        auto found = std::find(kept.begin(), kept.end(), names[column]);
        return static_cast<size_t>(kept.end() - found);
    };
    std::vector<size_t> order(names.size());
    std::iota(order.rbegin(), order.rend(), size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return importance(a) < importance(b); });
    return order;
}

void Drop(Layout& layout, size_t column) {
    auto at = static_cast<std::ptrdiff_t>(column);
    for (auto& line : layout.lines) {
        line.erase(line.begin() + at);
    }
    layout.widths.erase(layout.widths.begin() + at);
    layout.right.erase(layout.right.begin() + at);
}

/// Makes the columns fit: cut as far as they still tell something, then without the less important ones; those in
/// `kept` are cut further before one of them goes.
void Fit(Layout& layout, size_t available, const std::vector<std::string>& kept) {
    constexpr size_t kTelling = 12, kTellingLittle = 5;
    std::vector<size_t> order = DropOrder(layout.lines[0], kept);
    while (layout.widths.size() > 1) {
        std::vector<size_t> narrowed = layout.widths;
        bool all_kept = layout.widths.size() <= kept.size();
        if (Narrow(narrowed, available, all_kept ? kTellingLittle : kTelling)) {
            break;
        }
        size_t dropped = order.front();
        Drop(layout, dropped);
        order.erase(order.begin());
        std::for_each(order.begin(), order.end(), [&](size_t& column) { column -= column > dropped ? 1 : 0; });
    }
    Narrow(layout.widths, available, 1);
}

Layout LayOut(const Table& table, const TableStyle& style) {
    Layout layout;
    layout.lines.emplace_back();
    for (const auto& column : table.columns) {
        layout.lines[0].push_back(Escaped(column.name));
        layout.right.push_back(IsNumericType(column.type));
    }
    for (const auto& row : table.rows) {
        auto& line = layout.lines.emplace_back();
        std::transform(row.begin(), row.end(), std::back_inserter(line), CellText);
    }
    layout.widths.assign(table.columns.size(), 1);
    for (const auto& line : layout.lines) {
        for (size_t i = 0; i < line.size(); i++) {
            layout.widths[i] = std::max(layout.widths[i], DisplayWidth(line[i]));
        }
    }
    if (style.width > 0) {
        Fit(layout, style.width, style.kept);
    }
    return layout;
}

std::string Cell(const Layout& layout, size_t line, size_t column) {
    size_t width = layout.widths[column];
    return Padded(Cut(layout.lines[line][column], width), width, layout.right[column]);
}

std::string Rule(const Layout& layout, const char* left, const char* middle, const char* right) {
    std::string out = left;
    for (size_t i = 0; i < layout.widths.size(); i++) {
        out += i == 0 ? "" : middle;
        for (size_t n = 0; n < layout.widths[i] + 2; n++) {
            out += "─";
        }
    }
    return out + right + "\n";
}

std::string Boxed(const Layout& layout) {
    std::string out = Rule(layout, "┌", "┬", "┐");
    for (size_t line = 0; line < layout.lines.size(); line++) {
        for (size_t i = 0; i < layout.widths.size(); i++) {
            out += "│ " + Cell(layout, line, i) + " ";
        }
        out += "│\n";
        if (line == 0) {
            out += Rule(layout, "├", "┼", "┤");
        }
    }
    return out + Rule(layout, "└", "┴", "┘");
}

std::string Plain(const Layout& layout) {
    std::string out;
    for (size_t line = 0; line < layout.lines.size(); line++) {
        std::string text;
        for (size_t i = 0; i < layout.widths.size(); i++) {
            text += (i == 0 ? "" : "  ") + Cell(layout, line, i);
        }
        text.erase(text.find_last_not_of(' ') + 1);
        out += text + "\n";
    }
    return out;
}

} // namespace

bool IsNumericType(const std::string& type) {
    static const char* const kNumeric[] = {"TINYINT",   "SMALLINT", "INTEGER", "BIGINT",   "HUGEINT", "UTINYINT",
                                           "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT", "FLOAT",   "DOUBLE"};
    return type.rfind("DECIMAL(", 0) == 0
               ? type.find('[') == std::string::npos
               : std::find(std::begin(kNumeric), std::end(kNumeric), type) != std::end(kNumeric);
}

size_t DisplayWidth(const std::string& text) {
    size_t width = 0;
    for (size_t at = 0; at < text.size();) {
        Character character = CharacterAt(text, at);
        width += character.width;
        at += character.bytes;
    }
    return width;
}

std::string Cut(const std::string& text, size_t width) {
    if (DisplayWidth(text) <= width) {
        return text;
    }
    std::string out;
    size_t used = 1; // the ellipsis
    for (size_t at = 0; at < text.size();) {
        Character character = CharacterAt(text, at);
        if (used + character.width > width) {
            break;
        }
        out += text.substr(at, character.bytes);
        used += character.width;
        at += character.bytes;
    }
    return out + "…";
}

std::string RenderTable(const Table& table, const TableStyle& style) {
    if (table.columns.empty()) {
        return "";
    }
    Layout layout = LayOut(table, style);
    std::string out = style.boxes ? Boxed(layout) : Plain(layout);
    if (style.row_count) {
        size_t shown = layout.widths.size();
        std::string cut =
            shown == table.columns.size() ? "" : fmt::format(", {} of {} columns", shown, table.columns.size());
        out += fmt::format("({} row{}{})\n", table.rows.size(), table.rows.size() == 1 ? "" : "s", cut);
    }
    return out;
}

} // namespace freshet
