#include "cli/command.hpp"
#include "cli/commands.hpp"
#include "cli/graph_svg.hpp"
#include "cli/graph_text.hpp"
#include "cli/json_text.hpp"

namespace freshet {

namespace {

struct GraphOptions : CommandOptions {
    std::string format = "text";

    void Complete(Invocation& invocation) {
        if (invocation.Options().json) {
            format = "json";
        }
    }

    int Run(Invocation& invocation) const {
        GraphReport graph = invocation.OpenService().Graph();
        Output& out = invocation.Out();
        if (format == "json") {
            out.Line(GraphJson(graph));
        } else if (format == "dot") {
            out.Write(GraphAsDot(graph));
        } else if (format == "mermaid") {
            out.Write(GraphAsMermaid(graph));
        } else if (format == "svg") {
            out.Write(GraphAsSvg(graph));
        } else {
            out.Write(GraphAsText(graph));
        }
        return 0;
    }
};

} // namespace

void RegisterGraph(CommandTree& tree) {
    tree.Add<GraphOptions>("graph", "which table reads which", [](Arguments& arguments, GraphOptions& options) {
        arguments.Choice("--format", options.format, {"text", "dot", "mermaid", "svg", "json"}, "form of the graph");
    });
}

} // namespace freshet
