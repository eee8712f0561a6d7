namespace Sparkish.Tests.Assemblies;

/// <summary>Programs of all kinds run on a cluster whose machines have never seen them nor the packages that they reference.</summary>
internal sealed class TravellingTests
{
    private readonly TemporaryDirectory _directory = new();
    private Traveller? _traveller;
    private BareCluster? _cluster;

    [OneTimeSetUp]
    public async Task StartCluster()
    {
        _traveller = new Traveller(_directory.Path);
        _cluster = await BareCluster.StartAsync(cores: 1);
    }

    [OneTimeTearDown]
    public async Task StopCluster()
    {
        if (_cluster is not null) await _cluster.DisposeAsync();
        _directory.Dispose();
    }

    [Test, Order(1), Long]
    public async Task The_packages_of_a_program_and_their_native_libraries_reach_machines_that_have_never_seen_them()
    {
        string[] packages = ["Humanizer.dll", "SQLitePCLRaw.core.dll", "libe_sqlite3.so", "traveller.resources.dll"];

        var output = await _traveller!.RunProjectAsync(_cluster!.Url);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(output, Is.EqualTo(Traveller.Expected), _cluster.Transcript);
            Assert.That(Directory.GetFiles(_cluster.Program, "*", SearchOption.AllDirectories).Select(Path.GetFileName).Intersect(packages), Is.Empty);
            Assert.That(_cluster.CachedFiles, Is.SupersetOf(packages));
            Assert.That(_cluster.CachedFiles.Where(
                file => file.StartsWith("Sparkish.", StringComparison.Ordinal) || file.StartsWith("System.", StringComparison.Ordinal)), Is.Empty);
        }
    }

    [Long]
    [TestCase("a folder", "--self-contained", "false")]
    [TestCase("a folder with the runtime", "--self-contained", "true")]
    [TestCase("one compressed file with the runtime", "--self-contained", "true", "-p:PublishSingleFile=true",
        "-p:EnableCompressionInSingleFile=true", "-p:IncludeNativeLibrariesForSelfExtract=true")]
    public async Task What_was_published_runs(string kind, params string[] options)
    {
        var program = await _traveller!.PublishAsync(options);

        var output = await _traveller.RunPublishedAsync(program, _cluster!.Url);

        Assert.That(output, Is.EqualTo(Traveller.Expected), $"as {kind}\n{_cluster.Transcript}");
    }

    [Test, Long]
    public async Task What_was_published_as_one_file_runs_on_every_kind_of_master()
    {
        var program = await _traveller!.PublishAsync("--self-contained", "false", "-p:PublishSingleFile=true");

        foreach (var (master, where) in new[] { (_cluster!.Url, "elsewhere"), ("local-cluster[1,1,1024]", "here"), ("local[1]", "here") })
        {
            var output = await _traveller.RunPublishedAsync(program, master);
            Assert.That(output, Is.EqualTo(new[] { Traveller.Expected[0], where }), $"on {master}\n{_cluster.Transcript}");
        }
    }

    [Test, Long]
    public async Task A_trimmed_program_is_told_the_property_to_set_on_every_kind_of_master()
    {
        var program = await _traveller!.PublishAsync("--self-contained", "true", "-p:PublishTrimmed=true", "-p:SuppressTrimAnalysisWarnings=true");

        foreach (var master in new[] { "local[1]", "local-cluster[1,1,1024]", _cluster!.Url })
            Assert.That(await _traveller.RunFailingAsync(program, master),
                Does.Contain($"Cannot use master {master}: ").And.Contain("<PublishTrimmed>false</PublishTrimmed>"));
    }

    [Test]
    public async Task A_program_of_one_source_file_runs()
    {
        var output = await _traveller!.RunFileAsync(_cluster!.Url);

        Assert.That(output, Is.EqualTo(Traveller.ExpectedOfFile), _cluster.Transcript);
    }
}
