using System.Text.Json;
using Sparkish.Architecture;

namespace Sparkish.Tests.Architecture;

/// <summary>Daemons and executors run on the .NET runtime alone: a machine needs no ASP.NET Core for them.</summary>
internal sealed class PlainRuntimeTests
{
    private const string Runtime = "Microsoft.NETCore.App";

    private static readonly string[] Programs = ["sparkish", "Sparkish.Examples", "Sparkish.Tests.Node"];

    private static readonly string[] Libraries =
    [
        "Sparkish.Akka", "Sparkish.Akka.Hosting", "Sparkish.Akka.Persistence", "Sparkish.Core", "Sparkish.Hosting", "Sparkish.Scheduler", "Sparkish.Deploy",
        "Sparkish.TestKit", "Sparkish.TestKit.Akka.NUnit", "Sparkish.TestKit.NUnit", "sparkish",
    ];

    [TestCaseSource(nameof(Programs))]
    public void A_program_asks_its_host_for_the_runtime_alone(string program)
    {
        using var config = JsonDocument.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, program + ".runtimeconfig.json")));

        var options = config.RootElement.GetProperty("runtimeOptions");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(options.GetProperty("framework").GetProperty("name").GetString(), Is.EqualTo(Runtime));
            Assert.That(options.TryGetProperty("frameworks", out _), Is.False, "a list of several frameworks");
        }
    }

    [TestCaseSource(nameof(Libraries))]
    public void What_an_assembly_refers_to_is_of_the_runtime_or_lies_beside_it(string assembly)
    {
        using var references = new AssemblyTypeReferences(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        var runtime = Path.GetDirectoryName(typeof(object).Assembly.Location)!;

        var elsewhere = references.ReferencedAssemblies.Where(name =>
            !File.Exists(Path.Combine(runtime, name + ".dll")) && !File.Exists(Path.Combine(AppContext.BaseDirectory, name + ".dll")));

        Assert.That(elsewhere, Is.Empty);
    }
}
