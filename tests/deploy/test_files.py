"""The files of deploy/: valid by the schemas of those who read them, safe in what they ask for, and what they start is what the
program understands. No cluster and no container runtime is needed."""
import re
import subprocess
import unittest

from tests.harness import deploy_checks
from tests.harness.deploy_checks import CHART, DEPLOY, MANIFEST, render
from tests.harness.lake import Lake
from tests.harness.postgres import new_guarded_database
from tests.harness.program import ROOT

VERSIONS = ("1.25", "1.37")  # of Kubernetes: the oldest that the chart allows, and the newest known here
VARIANTS = {
    "as it is": {},
    "data on S3": {"lake": {"data": "s3://bucket/lake/", "existingClaim": "",
                            "configuration": {"secrets": {"bucket": {"type": "s3", "key_id": "${KEY_ID}", "secret": "${KEY}"}}},
                            "secretEnvironment": [{"name": "KEY_ID", "secret": "bucket", "key": "id"},
                                                  {"name": "KEY", "secret": "bucket", "key": "secret"}]}},
    "least": {"autoscaling": {"enabled": False}, "disruptionBudget": {"enabled": False}, "maintenance": {"enabled": False},
              "serviceAccount": {"create": False}},
    "most": {"image": {"tag": "1", "pullSecrets": [{"name": "registry"}]}, "autoscaling": {"metricLabels": {"lake": "shop"}},
             "worker": {"nodeSelector": {"disk": "fast"}, "tolerations": [{"key": "lake", "operator": "Exists"}],
                        "affinity": {"podAntiAffinity": {}}, "extraArguments": ["--retry-after", "5 seconds"]},
             "maintenance": {"arguments": ["--dry-run"]}, "serviceAccount": {"annotations": {"role": "lake"}}},
}
WRONG = [{"worker": {"replicas": 0}}, {"worker": {"replica": 2}}, {"lake": {"data": "relative"}}, {"autoscaling": {"maxReplicas": "8"}},
         {"lake": {"configuration": {"lake": {}}}}, {"lake": {"postgres": {"existingSecret": ""}}}, {"unknown": {}}]


def load(text):
    import yaml
    return [document for document in yaml.safe_load_all(text) if document]


def documents(values=None, release="freshet"):
    return [document for text in render(values, release).values() for document in load(text)]


def of_kind(kind, resources):
    return [resource for resource in resources if resource["kind"] == kind]


def pods(resources):
    """Pod templates of all that start pods."""
    found = [resource["spec"]["template"]["spec"] for resource in of_kind("Deployment", resources)]
    return found + [resource["spec"]["jobTemplate"]["spec"]["template"]["spec"] for resource in of_kind("CronJob", resources)]


def containers(pod):
    return pod["containers"] + pod.get("initContainers", [])


@unittest.skipUnless(deploy_checks.fetched(), "tools/bootstrap --tests fetches the checkers")
class Checked(unittest.TestCase):
    pass


class Kubernetes(Checked):
    def setUp(self):
        try:
            import helm_python  # noqa: F401
        except ImportError:
            self.skipTest("Helm can't be had as a library on this architecture")

    def test_every_resource_is_valid(self):
        import kubernetes_validate
        for name, values in VARIANTS.items():
            for resource in documents(values, "other-release"):
                for version in VERSIONS:
                    with self.subTest(f"{name}, {resource['kind']}, {version}"):
                        kubernetes_validate.validate(resource, version, strict=True)

    def test_helm_finds_nothing_to_say(self):
        import helm_python as helm
        for values in VARIANTS.values():
            report = helm.lint(str(CHART), values, strict=True, quiet=True)
            serious = [message for message in report["messages"] if message["severity"] >= 2]
            self.assertEqual((serious, report["errors"]), ([], []))

    def test_values_that_make_no_sense_are_refused(self):
        import helm_python as helm
        for values in WRONG:
            with self.subTest(str(values)), self.assertRaises(helm.HelmValuesError):
                render(values)

    def test_data_that_would_be_lost_is_refused(self):
        import helm_python as helm
        for lake in ({"data": "/lake/data/", "existingClaim": ""}, {"data": "s3://bucket/", "existingClaim": "claim"}):
            with self.assertRaisesRegex(helm.HelmRenderError, "existingClaim"):
                render({"lake": lake})

    def test_the_plain_manifests_are_what_the_chart_makes(self):
        self.assertEqual(MANIFEST.read_text(encoding="utf-8"), deploy_checks.manifest(), "run tools/render_manifests")

    def test_pods_are_unprivileged_bounded_and_probed(self):
        for values in VARIANTS.values():
            for pod in pods(documents(values)):
                self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                self.assertGreater(pod["securityContext"]["runAsUser"], 0)
                self.assertFalse(pod["automountServiceAccountToken"])
                for container in containers(pod):
                    security = container["securityContext"]
                    self.assertFalse(security["allowPrivilegeEscalation"])
                    self.assertTrue(security["readOnlyRootFilesystem"])
                    self.assertEqual(security["capabilities"], {"drop": ["ALL"]})
                    self.assertLessEqual({"cpu", "memory"}, container["resources"]["limits"].keys())
                    self.assertLessEqual({"cpu", "memory"}, container["resources"]["requests"].keys())
        worker = of_kind("Deployment", documents())[0]["spec"]["template"]["spec"]
        probes = {probe: worker["containers"][0][probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        self.assertEqual(probes, {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"})
        self.assertGreater(worker["terminationGracePeriodSeconds"], 30, "more than --grace")

    def test_secrets_are_named_and_never_held(self):
        for values in VARIANTS.values():
            resources = documents(values)
            self.assertEqual(of_kind("Secret", resources), [])
            for pod in pods(resources):
                for container in containers(pod):
                    for variable in container["env"]:
                        self.assertIn("secretKeyRef", variable["valueFrom"], variable["name"])

    def test_selectors_find_the_workers_only(self):
        resources = documents()
        labels = of_kind("Deployment", resources)[0]["spec"]["template"]["metadata"]["labels"]
        maintenance = of_kind("CronJob", resources)[0]["spec"]["jobTemplate"]["spec"]["template"]["metadata"]["labels"]
        for selector in (of_kind("Deployment", resources)[0]["spec"]["selector"]["matchLabels"],
                         of_kind("Service", resources)[0]["spec"]["selector"],
                         of_kind("PodDisruptionBudget", resources)[0]["spec"]["selector"]["matchLabels"]):
            self.assertLessEqual(selector.items(), labels.items())
            self.assertFalse(selector.items() <= maintenance.items())

    def test_scaling_follows_the_pending_refreshes(self):
        import yaml
        scaler = of_kind("HorizontalPodAutoscaler", documents())[0]["spec"]
        metric = scaler["metrics"][0]["external"]["metric"]["name"]
        self.assertEqual(metric, "freshet_pending_refreshes")
        rule = yaml.safe_load((DEPLOY / "prometheus" / "adapter.yml").read_text())["rules"]["external"][0]
        self.assertEqual(rule["name"]["as"], metric)
        self.assertIn(metric, rule["seriesQuery"])
        self.assertNotIn("replicas", of_kind("Deployment", documents())[0]["spec"], "it would undo what was scaled")
        self.assertEqual(of_kind("Deployment", documents(VARIANTS["least"]))[0]["spec"]["replicas"], 2)


class Compose(Checked):
    def setUp(self):
        self.file = load((DEPLOY / "compose" / "compose.yml").read_text())[0]

    def test_it_is_valid(self):
        import jsonschema
        jsonschema.validate(self.file, deploy_checks.compose_schema())

    def test_what_it_names_is_there(self):
        folder = DEPLOY / "compose"
        for name, service in self.file["services"].items():
            for dependency in service.get("depends_on", {}):
                self.assertIn(dependency, self.file["services"])
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith("."):
                    self.assertTrue((folder / source).exists(), f"{name}: {source}")
                else:
                    self.assertIn(source, self.file["volumes"])
            if "build" in service:
                self.assertTrue((folder / service["build"]["context"] / service["build"]["dockerfile"]).exists())

    def test_passwords_come_from_outside(self):
        for service in self.file["services"].values():
            for name, value in service.get("environment", {}).items():
                if "PASSWORD" in name:
                    self.assertRegex(value, r"^\$\{\w+:\?")


class Image(Checked):
    def test_the_linter_finds_nothing(self):
        done = subprocess.run([deploy_checks.hadolint(), "--no-color", str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)

    def test_it_runs_as_nobody_special(self):
        text = (DEPLOY / "Dockerfile").read_text()
        self.assertEqual(re.findall(r"^USER (\S+)", text, re.M), ["10001:10001"])
        self.assertLess(text.index("USER"), text.index("ENTRYPOINT"))


class Alerts(unittest.TestCase):
    def test_rules_fire_when_they_should(self):
        promtool = deploy_checks.promtool()
        if not promtool:
            self.skipTest("promtool is not there: tools/bootstrap --tests fetches it where Debian's archive can be reached")
        for command in (["check", "rules", "alerts.yml"], ["check", "config", "prometheus.yml"], ["test", "rules", "alerts_test.yml"]):
            done = subprocess.run([promtool, *command], cwd=DEPLOY / "prometheus", capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_they_stand_on_metrics_that_there_are(self):
        source = (ROOT / "src" / "observe" / "worker_metrics.cpp").read_text()
        for file in ("prometheus/alerts.yml", "prometheus/alerts_test.yml", "prometheus/adapter.yml"):
            for name in re.findall(r"\bfreshet_[a-z_]+", (DEPLOY / file).read_text()):
                self.assertIn(f'"{name}"', source, file)


class Started(Checked):
    """What the files make the program do, done."""

    def setUp(self):
        self.lake = Lake()
        self.addCleanup(self.lake.remove)
        self.host, self.port, self.database, self.password = new_guarded_database()

    def run_with(self, configuration, commands, environment):
        self.lake.configure(configuration)
        for command in commands:
            arguments = ["0.0.0.0:0" if argument == "0.0.0.0:9464" else argument for argument in command]
            if command[0] == "worker":
                arguments.append("--once")
            outcome = self.lake.command(*arguments, env=dict(environment, PGPASSWORD=self.password))
            self.assertEqual(outcome.code, 0, f"{arguments}: {outcome.out}{outcome.err}")
            self.assertNotIn(self.password, outcome.out + outcome.err)

    def test_compose(self):
        file = load((DEPLOY / "compose" / "compose.yml").read_text())[0]
        commands = [file["services"][name]["command"] for name in ("create_lake", "worker")]
        self.run_with((DEPLOY / "compose" / "freshet.yml").read_text(), commands,
                      {"PGHOST": self.host, "PGPORT": self.port, "PGDATABASE": self.database, "PGUSER": "postgres",
                       "FRESHET_DATA": str(self.lake.folder / "data"), "FRESHET_ENGINE_TEMP_DIRECTORY": str(self.lake.folder / "tmp")})

    def test_chart(self):
        resources = documents({"lake": {"postgres": {"host": self.host, "port": int(self.port), "database": self.database, "user": "postgres"},
                                        "data": str(self.lake.folder / "data"), "configuration": {"attach": {}}}})
        pod = of_kind("Deployment", resources)[0]["spec"]["template"]["spec"]
        commands = [container["args"] for container in pod["initContainers"] + pod["containers"]]
        commands += [pods(resources)[1]["containers"][0]["args"]]
        self.run_with(of_kind("ConfigMap", resources)[0]["data"]["freshet.yml"], commands,
                      {"FRESHET_ENGINE_TEMP_DIRECTORY": str(self.lake.folder / "tmp")})


if __name__ == "__main__":
    unittest.main()
