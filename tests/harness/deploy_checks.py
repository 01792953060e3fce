"""What tools/bootstrap --tests fetched to check deploy/ with: Helm, JSON schemas, linters."""
import json
import os
import pathlib
import re
import shutil
import sys

from tests.harness.program import ROOT

CACHE = pathlib.Path(os.environ.get("FRESHET_CACHE") or ROOT / ".cache").resolve()
PACKAGES = CACHE / "deploy_checks"
DEPLOY = ROOT / "deploy"
CHART = DEPLOY / "helm" / "freshet"
MANIFEST = DEPLOY / "kubernetes" / "freshet.yaml"

sys.path.insert(0, str(PACKAGES))


def fetched():
    return (PACKAGES / "complete").exists()


def promtool():
    """Path of the program, or None."""
    own = CACHE / "promtool"
    return str(own) if own.exists() else shutil.which("promtool")


def hadolint():
    return str(PACKAGES / "bin" / "hadolint")


def compose_schema():
    return json.loads((PACKAGES / "check_jsonschema" / "builtin_schemas" / "vendor" / "compose-spec.json").read_text())


def render(values=None, release="freshet", namespace="freshet"):
    """The chart's manifests as Helm makes them, by template name."""
    import helm_python as helm
    chart = helm.Chart.load(str(CHART))
    chart.validate_schema(chart.merge_values(values or {}))
    manifests = chart.render(values or {}, name=release, namespace=namespace, is_install=True)
    return {name.split("/")[-1]: text.strip() for name, text in sorted(manifests.items())
            if name.endswith(".yaml") and text.strip()}


def manifest():
    """The file in deploy/kubernetes: the chart with its own values."""
    head = ("# Made from deploy/helm/freshet with its own values by tools/render_manifests: for those who don't use Helm.\n"
            "#     kubectl create namespace freshet\n"
            "#     kubectl --namespace freshet create secret generic freshet-postgres --from-literal=password=...\n"
            "#     kubectl --namespace freshet apply --filename deploy/kubernetes/freshet.yaml\n")
    of_helm = re.compile(r"^ *(app\.kubernetes\.io/managed-by|helm\.sh/chart): .*\n", re.M)
    return head + of_helm.sub("", "".join(f"---\n# {name}\n{text}\n" for name, text in render().items()))
