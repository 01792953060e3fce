#include "cli/graph_svg.hpp"

#include "cli/graph_text.hpp"
#include "cli/table_text.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <map>

namespace freshet {

namespace {

constexpr double kLetter = 7.3, kPadding = 12, kHeight = 44, kRowGap = 18, kLayerGap = 70, kMargin = 16;

struct Box {
    const GraphNode* node = nullptr;
    size_t layer = 0;
    double x = 0, y = 0, width = 0;
    double Middle() const { return y + kHeight / 2; }
};

std::string Xml(const std::string& text) {
    std::string out;
    for (char c : text) {
        out += c == '&'   ? "&amp;"
               : c == '<' ? "&lt;"
               : c == '>' ? "&gt;"
               : c == '"' ? "&quot;"
                          : std::string(1, static_cast<unsigned char>(c) < 0x20 ? ' ' : c);
    }
    return out;
}

const char* Fill(const GraphNode& node) {
    return !node.dynamic                         ? "#f1f3f5"
           : node.state == "ACTIVE"              ? "#d3f9d8"
           : node.state == "FAILED"              ? "#ffc9c9"
           : node.state.starts_with("SUSPENDED") ? "#ffec99"
                                                 : "#e7f5ff";
}

/// Boxes in layers; within a layer by the mean height of what they read, so that few lines cross.
class Picture {
public:
    explicit Picture(const GraphReport& graph) : graph_(graph) {
        for (const auto& node : graph.nodes) { // in dependency order
            Box& box = boxes_[node.table];
            box.node = &node;
            double letters =
                static_cast<double>(std::max(DisplayWidth(node.table.Text()), DisplayWidth(NodeNote(node))));
            box.width = letters * kLetter + 2 * kPadding;
            for (const auto& edge : graph.edges) {
                if (edge.to == node.table) {
                    box.layer = std::max(box.layer, boxes_[edge.from].layer + 1);
                }
            }
            layers_.resize(std::max(layers_.size(), box.layer + 1));
            layers_[box.layer].push_back(&box);
        }
        Place();
    }

    std::string Render() const {
        std::string out = fmt::format("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
                                      "viewBox=\"0 0 {0:.0f} {1:.0f}\" "
                                      "font-family=\"monospace\" font-size=\"12\">\n",
                                      width_, height_);
        for (const auto& edge : graph_.edges) {
            out += Line(boxes_.at(edge.from), boxes_.at(edge.to));
        }
        for (const auto& node : graph_.nodes) {
            out += Rectangle(boxes_.at(node.table));
        }
        return out + "</svg>\n";
    }

private:
    void Place() {
        double x = kMargin;
        for (auto& layer : layers_) {
            std::map<const Box*, double> wanted;
            for (const Box* box : layer) {
                wanted[box] = MeanOfInputs(*box);
            }
            std::stable_sort(layer.begin(), layer.end(),
                             [&](const Box* a, const Box* b) { return wanted[a] < wanted[b]; });
            double y = kMargin, widest = 0;
            for (Box* box : layer) {
                box->x = x;
                box->y = y;
                y += kHeight + kRowGap;
                widest = std::max(widest, box->width);
            }
            height_ = std::max(height_, y - kRowGap + kMargin);
            width_ = x + widest + kMargin;
            x += widest + kLayerGap;
        }
    }

    double MeanOfInputs(const Box& box) const {
        double sum = 0, count = 0;
        for (const auto& edge : graph_.edges) {
            if (edge.to == box.node->table) {
                sum += boxes_.at(edge.from).Middle();
                count++;
            }
        }
        return count > 0 ? sum / count : 0;
    }

    static std::string Line(const Box& from, const Box& to) {
        double begin = from.x + from.width, middle = (begin + to.x) / 2;
        return fmt::format("  <path d=\"M{:.1f},{:.1f} C{:.1f},{:.1f} {:.1f},{:.1f} {:.1f},{:.1f}\" fill=\"none\" "
                           "stroke=\"#868e96\"/>\n",
                           begin, from.Middle(), middle, from.Middle(), middle, to.Middle(), to.x, to.Middle());
    }

    static std::string Rectangle(const Box& box) {
        std::string note = NodeNote(*box.node);
        double first = box.Middle() + (note.empty() ? 4 : -3);
        std::string out = fmt::format("  <rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"6\" "
                                      "fill=\"{}\" stroke=\"#868e96\"/>\n",
                                      box.x, box.y, box.width, kHeight, Fill(*box.node));
        out += fmt::format("  <text x=\"{:.1f}\" y=\"{:.1f}\">{}</text>\n", box.x + kPadding, first,
                           Xml(box.node->table.Text()));
        if (!note.empty()) {
            out += fmt::format("  <text x=\"{:.1f}\" y=\"{:.1f}\" fill=\"#495057\">{}</text>\n", box.x + kPadding,
                               first + 16, Xml(note));
        }
        return out;
    }

    const GraphReport& graph_;
    std::map<TableName, Box> boxes_;
    std::vector<std::vector<Box*>> layers_;
    double width_ = 2 * kMargin, height_ = 2 * kMargin;
};

} // namespace

std::string GraphAsSvg(const GraphReport& graph) {
    return Picture(graph).Render();
}

} // namespace freshet
