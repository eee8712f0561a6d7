using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Architecture;

/// <summary>Fixtures run side by side: one that changes or measures what belongs to the whole process says that it runs alone.</summary>
internal sealed class ParallelFixturesTests
{
    private static readonly Regex OfTheProcess = new(
        @"\b(Console\.Set(In|Out|Error)\(|Environment\.SetEnvironmentVariable\(|Environment\.CurrentDirectory =|Directory\.SetCurrentDirectory\(|"
        + @"ThreadPool\.Set(Min|Max)Threads\(|CultureInfo\.DefaultThreadCurrent\w+ =|AppContext\.SetSwitch\(|GC\.GetTotalMemory\(|Calls\.During\(|Counted\.Made\b)|/proc/self",
        RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(10));

    private static readonly Regex Test = new(@"^\s*\[(Test|TestCase|TestCaseSource|FsCheck\.NUnit\.Property)\b",
        RegexOptions.ExplicitCapture | RegexOptions.Multiline, TimeSpan.FromSeconds(10));

    [Test]
    public void A_fixture_that_changes_or_measures_the_process_runs_alone()
    {
        var shared = Sources().Where(source => source.Name != $"{nameof(ParallelFixturesTests)}.cs" && OfTheProcess.IsMatch(source.Text)
            && Test.IsMatch(source.Text) && !source.Text.Contains("\n[NonParallelizable]", StringComparison.Ordinal)).Select(source => source.Name);

        Assert.That(shared, Is.Empty, "Mark the fixture [NonParallelizable].");
    }

    [Test]
    public void A_fixture_that_runs_beside_others_has_no_static_state()
    {
        var state = from type in typeof(ParallelFixturesTests).Assembly.GetTypes()
                    where IsTest(type) && !type.IsDefined(typeof(NonParallelizableAttribute), inherit: true)
                    from part in type.GetNestedTypes(BindingFlags.Public | BindingFlags.NonPublic).Prepend(type)
                    where !part.IsDefined(typeof(CompilerGeneratedAttribute))
                    from field in part.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                    where !field.IsInitOnly && !field.IsLiteral && !field.IsDefined(typeof(CompilerGeneratedAttribute))
                    select $"{part}.{field.Name}";

        Assert.That(state, Is.Empty, "Parallel fixtures of one type, and fixtures that inherit it, would share this.");
    }

    [Test]
    public void A_test_with_many_machines_or_a_run_of_faults_is_long()
    {
        var usual = Sources().Where(source => Test.IsMatch(source.Text)
            && (source.Text.Contains("NamespaceNetwork.CreateAsync(", StringComparison.Ordinal) || source.Text.Contains("[\"faults\"", StringComparison.Ordinal))
            && !source.Text.Contains("\n[Long]", StringComparison.Ordinal) && source.Name != $"{nameof(ParallelFixturesTests)}.cs").Select(source => source.Name);

        Assert.That(usual, Is.Empty, "Mark the fixture [Long].");
    }

    private static bool IsTest(Type type) =>
        type.GetMethods().Any(method => method.IsDefined(typeof(TestAttribute)) || method.IsDefined(typeof(TestCaseAttribute)));

    private static IEnumerable<(string Name, string Text)> Sources() =>
        Directory.EnumerateFiles(Path.Combine(RepositoryRoot.Find(), "Sparkish.Tests"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"))
            .Select(file => (Path.GetFileName(file), File.ReadAllText(file)));
}
