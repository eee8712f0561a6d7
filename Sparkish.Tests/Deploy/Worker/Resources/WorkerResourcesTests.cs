using Sparkish.Deploy;
using Sparkish.Deploy.Worker.Resources;

namespace Sparkish.Tests.Deploy.Worker.Resources;

internal sealed class WorkerResourcesTests
{
    private TemporaryDirectory _directory = null!;

    [SetUp]
    public void MakeDirectory() => _directory = new TemporaryDirectory();

    [TearDown]
    public void RemoveDirectory() => _directory.Dispose();

    [Test]
    public async Task A_worker_without_resources_offers_none() => Assert.That(await FindAsync(), Is.Null);

    [Test]
    public async Task A_file_gives_the_addresses_of_this_component()
    {
        var found = await FindAsync(("resourcesFile", Listing("""
            [{"id": {"componentName": "spark.worker", "resourceName": "gpu"}, "addresses": ["0", "1", "2"]},
             {"id": {"componentName": "spark.worker", "resourceName": "fpga"}, "addresses": ["f"]},
             {"id": {"componentName": "spark.driver", "resourceName": "gpu"}, "addresses": ["9"]}]
            """)), ("resource.gpu.amount", "2"));

        Assert.That(found!.Select(Text), Is.EqualTo(new[] { "fpga: f", "gpu: 0 1" }));
    }

    [Test]
    [Platform("Unix")]
    public async Task A_script_gives_the_addresses_that_the_file_does_not_have()
    {
        var script = Script("""echo '{"name": "fpga", "addresses": ["f1", "f2"]}'""");
        var file = Listing("""[{"id": {"componentName": "spark.worker", "resourceName": "gpu"}, "addresses": ["0"]}]""");

        var found = await FindAsync(("resourcesFile", file), ("resource.gpu.amount", "1"), ("resource.fpga.amount", "2"), ("resource.fpga.discoveryScript", script));

        Assert.That(found!.Select(Text), Is.EqualTo(new[] { "fpga: f1 f2", "gpu: 0" }));
    }

    [TestCase("exit 3", "exited with status 3")]
    [TestCase("echo what went wrong >&2; exit 1", "what went wrong")]
    [TestCase("echo nothing", "it must print a line such as")]
    [TestCase("echo '{}'", "it must print a line such as")]
    [TestCase("echo '{\"name\": \"cpu\", \"addresses\": []}'", "'cpu' instead of 'gpu'")]
    [TestCase("echo '{\"name\": \"gpu\", \"addresses\": [0]}'", "it must print a line such as")]
    [TestCase("echo '{\"name\": \"gpu\", \"addresses\": [\"0\"]}'", "only 1 addresses of 'gpu' were found")]
    [TestCase("echo '{\"name\": \"gpu\", \"addresses\": [\"0\", \"0\"]}'", "has an address twice")]
    [TestCase("head -c 3000000 /dev/zero", "it must print a line such as")]
    [Platform("Unix")]
    public void A_script_that_fails_stops_the_start_of_the_worker(string script, string problem) =>
        Assert.That(() => FindAsync(("resource.gpu.amount", "2"), ("resource.gpu.discoveryScript", Script(script))),
            Throws.TypeOf<SparkException>().With.Message.Contains(problem));

    [Test]
    public void A_script_that_is_not_there_is_named() =>
        Assert.That(() => FindAsync(("resource.gpu.amount", "2"), ("resource.gpu.discoveryScript", _directory.File("missing"))),
            Throws.TypeOf<SparkException>().With.Message.Contains(_directory.File("missing")).And.Message.Contains("spark.worker.resource.gpu.discoveryScript"));

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("[1]")]
    [TestCase("[{\"id\": {\"componentName\": \"spark.worker\", \"resourceName\": \"gpu\"}}]")]
    [TestCase("[{\"id\": {\"componentName\": \"spark.worker\", \"resourceName\": null}, \"addresses\": []}]")]
    public void A_damaged_file_stops_the_start_of_the_worker(string text)
    {
        var file = Listing(text);

        Assert.That(() => FindAsync(("resourcesFile", file)), Throws.TypeOf<SparkException>().With.Message.Contains(file).And.Message.Contains("resourceName"));
    }

    [TestCase("resource.gpu.amount", "0", "must be a whole number")]
    [TestCase("resource.gpu.amount", "1.5", "must be a whole number")]
    [TestCase("resource.gpu.amount", "2", "no addresses are known")]
    [TestCase("resource.gpu.count", "2", "write spark.worker.resource.NAME.amount")]
    [TestCase("resource.amount", "2", "write spark.worker.resource.NAME.amount")]
    [TestCase("resourcesFile", "/nowhere/resources.json", "is not a file")]
    public void A_wrong_setting_is_named(string key, string value, string problem) =>
        Assert.That(() => FindAsync((key, value)), Throws.TypeOf<SparkException>().With.Message.Contains($"spark.worker.{key}").And.Message.Contains(problem));

    private static Task<ResourceInformation[]?> FindAsync(params (string Key, string Value)[] settings)
    {
        var conf = new SparkConf(loadDefaults: false);
        foreach (var (key, value) in settings) conf.Set($"spark.worker.{key}", value);
        return WorkerResources.FindAsync(conf, TimeProvider.System);
    }

    private static string Text(ResourceInformation resource) => $"{resource.Name}: {string.Join(' ', resource.Addresses)}";

    private string Listing(string json) => _directory.Write("resources.json", json);

    private string Script(string text)
    {
        var path = _directory.Write("discover", $"#!/bin/sh\n{text}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        return path;
    }
}
