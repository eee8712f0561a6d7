namespace Sparkish.Architecture;

/// <summary>
/// The assemblies of the project from the ground up. An assembly may reference those of lower floors; those of one floor do not know each other.
/// </summary>
internal static class Floors
{
    private static readonly string[][] FromTheGround =
    [
        ["Sparkish.Core"],
        ["Sparkish.Akka", "Sparkish.Hosting", "Sparkish.Scheduler", "Sparkish.TestKit"],
        ["Sparkish.Akka.Hosting", "Sparkish.Deploy", "Sparkish.TestKit.Akka.NUnit", "Sparkish.TestKit.NUnit"],
        ["Sparkish.Akka.Persistence", "Sparkish.Rest"],
        ["Sparkish.Deploy.Hosting"],
        ["sparkish", "Sparkish.Examples", "Sparkish.Examples.Akka", "Sparkish.Benchmarks"],
    ];

    public static IReadOnlyList<string> Assemblies { get; } = [.. FromTheGround.SelectMany(floor => floor)];

    /// <summary>The floor of an assembly, 0 for the lowest; -1 for assemblies of others.</summary>
    public static int Of(string assembly) => Array.FindIndex(FromTheGround, floor => floor.Contains(assembly, StringComparer.Ordinal));

    /// <summary>Opens an assembly that was built together with this program.</summary>
    public static AssemblyTypeReferences Open(string assembly) => new(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
}
