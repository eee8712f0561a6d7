namespace Sparkish.Tests.Architecture;

/// <summary>A floor knows only the floors below it, and the namespaces of one floor do not go in circles.</summary>
internal sealed class FloorsTests
{
    // From the ground up; programs on one floor do not know each other.
    private static readonly string[][] Floors =
    [
        ["Sparkish.Core"],
        ["Sparkish.Scheduler", "Sparkish.TestKit"],
        ["Sparkish.Deploy", "Sparkish.TestKit.NUnit"],
        ["sparkish", "Sparkish.Examples", "Sparkish.Benchmarks"],
    ];

    private static string[] Assemblies => [.. Floors.SelectMany(floor => floor)];

    [TestCaseSource(nameof(Assemblies))]
    public void A_floor_references_only_floors_below_it(string assembly)
    {
        using var references = Open(assembly);

        var upward = references.ReferencedAssemblies.Where(other => FloorOf(other) >= FloorOf(assembly));

        Assert.That(upward, Is.Empty, $"{assembly} references its own floor or one above it.");
    }

    [TestCaseSource(nameof(Assemblies))]
    public void The_namespaces_of_an_assembly_do_not_go_in_circles(string assembly)
    {
        using var references = Open(assembly);

        var cycle = new NamespaceGraph(references.Read().Where(r => IsPart(r.FromNamespace) && IsPart(r.ToNamespace))).ShortestCycle();

        Assert.That(cycle, Is.Empty, $"A cycle between namespaces of {assembly}:\n  {string.Join("\n  ", cycle)}");
    }

    [Test]
    public void The_reader_sees_what_types_mention_in_all_their_parts()
    {
        using var references = new AssemblyTypeReferences(typeof(FloorsTests).Assembly.Location);

        var mentioned = references.Read().Where(r => r.FromType is nameof(Mentioner)).Select(r => r.ToType).ToHashSet(StringComparer.Ordinal);

        Assert.That(mentioned, Is.SupersetOf(new[]
        {
            nameof(MentionedBase), nameof(IMentioned), nameof(MentionedAttribute), nameof(MentionedField), nameof(MentionedArgument),
            nameof(MentionedResult), nameof(MentionedInBody), nameof(MentionedInLambda), nameof(MentionedAsGeneric), nameof(MentionedConstraint),
        }));
    }

    // The namespace Sparkish is exempt: it is the face of the project, everyday types (SparkConf, SparkContext, Rdd) that by design use the parts and are
    // used by them. Other namespaces are not ours: types that compilers and generators add.
    private static bool IsPart(string name) => name.StartsWith("Sparkish.", StringComparison.Ordinal);

    private static int FloorOf(string assembly) => Array.FindIndex(Floors, floor => floor.Contains(assembly, StringComparer.Ordinal));

    private static AssemblyTypeReferences Open(string assembly) => new(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
}
