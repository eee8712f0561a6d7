using Sparkish.Deploy.Worker;
using Sparkish.Executor;

namespace Sparkish.Tests.Deploy.Worker;

internal sealed class ExecutorCommandLineTests
{
    internal static readonly ExecutorArguments Arguments =
        new("spark://CoarseGrainedScheduler@h:1", "3", "127.0.0.1", 2, "app-1", "spark://Worker@h:2", "/srv/app 1/3")
        {
            AssemblyCacheDirectory = "/srv/assemblies",
            Settings = new Dictionary<string, string>(StringComparer.Ordinal) { ["spark.rpc.askTimeout"] = "5s", ["spark.network.x"] = "a=b c" },
            Resources = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal) { ["gpu"] = ["0", "1=x,y"], ["fpga"] = ["f 1"] },
        };

    [Test]
    public void What_is_written_is_read_back()
    {
        var withoutWorker = Arguments with { WorkerUrl = null };

        Assert.That(WithoutTables(Again(Arguments)), Is.EqualTo(WithoutTables(Arguments)));
        Assert.That(WithoutTables(Again(withoutWorker)), Is.EqualTo(WithoutTables(withoutWorker)));
        Assert.That(Again(Arguments).Settings, Is.EquivalentTo(Arguments.Settings));
        Assert.That(Again(Arguments).Resources, Is.EquivalentTo(Arguments.Resources));
    }

    private static ExecutorArguments WithoutTables(ExecutorArguments arguments) =>
        arguments with { Settings = Arguments.Settings, Credentials = Arguments.Credentials, Resources = Arguments.Resources };

    private static ExecutorArguments Again(ExecutorArguments arguments) => ExecutorCommandLine.Parse([.. ExecutorCommandLine.Format(arguments)]);

    [Test]
    public void What_is_missing_or_unknown_is_named()
    {
        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => ExecutorCommandLine.Parse(["--cores", "1"]), Throws.TypeOf<SparkException>().With.Message.StartsWith("--driver-url is missing."));
            Assert.That(() => ExecutorCommandLine.Parse(["--speed", "1"]), Throws.TypeOf<SparkException>().With.Message.StartsWith("'--speed' is not an argument"));
            Assert.That(() => ExecutorCommandLine.Parse(["--cores"]), Throws.TypeOf<SparkException>().With.Message.StartsWith("--cores needs a value."));
            Assert.That(() => ExecutorCommandLine.Parse(["--cores", "0"]), Throws.TypeOf<SparkException>().With.Message.StartsWith("--cores is '0'"));
        }
    }
}
