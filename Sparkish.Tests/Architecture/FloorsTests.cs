using Sparkish.Architecture;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>A floor knows only the floors below it, and the folders of one assembly do not go in circles.</summary>
internal sealed class FloorsTests
{
    private static IReadOnlyList<string> Assemblies => Floors.Assemblies;

    [TestCaseSource(nameof(Assemblies))]
    public void A_floor_references_only_floors_below_it(string assembly)
    {
        using var references = Floors.Open(assembly);

        var upward = references.ReferencedAssemblies.Where(other => Floors.Of(other) >= Floors.Of(assembly));

        Assert.That(upward, Is.Empty, $"{assembly} references its own floor or one above it.");
    }

    [TestCaseSource(nameof(Assemblies))]
    public void The_folders_of_an_assembly_do_not_go_in_circles(string assembly)
    {
        using var references = Floors.Open(assembly);

        var cycle = new FolderGraph(references.Read()).ShortestCycle();

        Assert.That(cycle, Is.Empty, $"A cycle between folders of {assembly}:\n  {string.Join("\n  ", cycle)}");
    }

    [TestCaseSource(nameof(Assemblies))]
    public void Only_the_packages_for_it_reference_Akka(string assembly)
    {
        using var references = Floors.Open(assembly);

        var akka = references.ReferencedAssemblies.Where(other => other is "Akka" || other.StartsWith("Akka.", StringComparison.Ordinal));

        Assert.That(akka.Any(), Is.EqualTo(assembly.Split('.').Contains("Akka")));
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

    [Test]
    public void A_type_counts_for_the_folder_of_its_file_also_without_code()
    {
        using var references = new AssemblyTypeReferences(typeof(FloorsTests).Assembly.Location);

        var mention = references.Read().First(r => r is { FromType: nameof(Mentioner), ToType: nameof(IMentioned) });

        Assert.That(mention.ToFolder, Is.EqualTo("Architecture"));
    }

    [Test]
    public void All_packages_and_programs_stand_on_a_floor()
    {
        var projects = Directory.EnumerateFiles(RepositoryRoot.Find(), "Sparkish.*.csproj", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file)).Where(project => !project.StartsWith("Sparkish.Tests", StringComparison.Ordinal));

        // The peers' packages are too many to come with all tests.
        Assert.That(projects.Except(["Sparkish.Cli", "Sparkish.Architecture", "Sparkish.Benchmarks.Peers"], StringComparer.Ordinal), Is.SubsetOf(Floors.Assemblies));
    }

    [Test]
    public void The_page_shows_the_folders_as_they_are()
    {
        var page = File.ReadAllText(Path.Combine(RepositoryRoot.Find(), "docs", "architecture.md"));

        Assert.That(ArchitecturePage.Rewrite(page), Is.EqualTo(page), "Run: dotnet run -c Release --project Sparkish.Architecture");
    }
}
