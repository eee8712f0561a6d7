using Sparkish.Assemblies;
using Sparkish.Tests.Packaging;
using Sparkish.Tests.Processes;

namespace Sparkish.Tests.Assemblies;

/// <summary>
/// An application of a user with packages of its own, one managed and one with native libraries, as each kind of program: its job names numbers by the
/// one and asks the other for its version, in a process of the cluster.
/// </summary>
internal sealed class Traveller
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private const string Humanizer = "2.14.1";
    private const string Sqlite = "2.0.6";

    private const string Program = """
        using System.Globalization;
        using System.Resources;
        using Humanizer;
        using Sparkish;

        var (factor, culture) = (int.Parse(args[1]), args[2]);
        await using var sc = new SparkContext(new SparkConf().SetMaster(args[0]).SetAppName("traveller").Set("spark.cores.max", "1"));
        var seen = sc.Parallelize(Enumerable.Range(1, 3), 1).Map(n => new Sight((n * factor).ToWords(), Sqlite.Version(), Greeting.In(culture), Environment.ProcessId)).Collect();
        Console.WriteLine($"{string.Join(", ", seen.Select(sight => sight.Words))}; {(seen.All(sight => sight.Sqlite == Sqlite.Version()) ? "same" : "other")} library; {seen[0].Greeting}");
        Console.WriteLine(seen.All(sight => sight.Process != Environment.ProcessId) ? "elsewhere" : "here");

        record Sight(string Words, string Sqlite, string Greeting, int Process);

        static class Greeting
        {
            public static string In(string culture) => culture is "none" ? culture
                : new ResourceManager("traveller.Greetings", typeof(Sight).Assembly).GetString("Hello", CultureInfo.GetCultureInfo(culture))!;
        }

        static class Sqlite
        {
            public static string Version()
            {
                SQLitePCL.Batteries_V2.Init();
                return SQLitePCL.raw.sqlite3_libversion().utf8_to_string();
            }
        }
        """;

    private readonly string _directory;
    private int _published;

    public Traveller(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(Path.Combine(directory, "app"));
        WriteGreeting("Greetings.resx", "Hello");
        WriteGreeting("Greetings.de.resx", "Guten Tag");
        File.WriteAllText(Path.Combine(directory, "app", "Program.cs"), Program);
        File.WriteAllText(Path.Combine(directory, "app", "traveller.csproj"),
            $"""
            <Project Sdk="Microsoft.NET.Sdk">
              <PropertyGroup>
                <OutputType>Exe</OutputType>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <PredefinedCulturesOnly>false</PredefinedCulturesOnly>
                <NuGetAudit>false</NuGetAudit>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Humanizer.Core" Version="{Humanizer}" />
                <PackageReference Include="SQLitePCLRaw.bundle_e_sqlite3" Version="{Sqlite}" />
                <Reference Include="{string.Join(';', SparkishFiles.All)}" />
              </ItemGroup>
            </Project>
            """);
    }

    public static string[] Expected { get; } = ["two, four, six; same library; Guten Tag", "elsewhere"];

    /// <summary>What a program of one file says: it has no resources.</summary>
    public static string[] ExpectedOfFile { get; } = ["two, four, six; same library; none", "elsewhere"];

    /// <summary>Runs <c>dotnet run</c>.</summary>
    public Task<IReadOnlyList<string>> RunProjectAsync(string master) => Dotnet("app", "run", "-c", "Release", "--", master, "2", "de");

    /// <summary>Publishes it for this system, and returns the program.</summary>
    public async Task<string> PublishAsync(params string[] options)
    {
        var folder = Path.Combine(_directory, $"out{++_published}");
        await Dotnet("app", ["publish", "--nologo", "-c", "Release", "-o", folder, "-r", RuntimeIds.Current, .. options]);
        return Path.Combine(folder, "traveller");
    }

    /// <summary>Runs a published program.</summary>
    public Task<IReadOnlyList<string>> RunPublishedAsync(string program, string master) =>
        TestProcess.RunAsync(program, [master, "2", "de"], Limit, _directory);

    /// <summary>Runs a published program that must fail, and returns what it writes to standard error.</summary>
    public async Task<string> RunFailingAsync(string program, string master)
    {
        await using var process = TestProcess.Start(program, [master, "2", "de"], _directory);
        Assert.That(await process.WaitForExitAsync(Limit), Is.Not.Zero, process.Transcript);
        return string.Join('\n', process.Errors);
    }

    /// <summary>Runs it as a program of one source file.</summary>
    public async Task<IReadOnlyList<string>> RunFileAsync(string master)
    {
        var directives = $"""
            #:package Humanizer.Core@{Humanizer}
            #:package SQLitePCLRaw.bundle_e_sqlite3@{Sqlite}
            #:property PublishAot=false
            #:property InvariantGlobalization=true
            #:property NuGetAudit=false
            """;
        Directory.CreateDirectory(Path.Combine(_directory, "file"));

        // The build that is tested, as it is: '#:project' would build it again while other tests use it.
        await File.WriteAllTextAsync(Path.Combine(_directory, "file", "Directory.Build.props"),
            $"""
            <Project>
              <ItemGroup>
                <Reference Include="{string.Join(';', SparkishFiles.All)}" />
              </ItemGroup>
            </Project>
            """);
        await File.WriteAllTextAsync(Path.Combine(_directory, "file", "traveller.cs"), $"{directives}\n{Program}");
        return await Dotnet("file", "run", "-c", "Release", "traveller.cs", "--", master, "2", "none");
    }

    private void WriteGreeting(string file, string text) => File.WriteAllText(Path.Combine(_directory, "app", file),
        $"""
        <root>
          <resheader name="resmimetype"><value>text/microsoft-resx</value></resheader>
          <resheader name="version"><value>2.0</value></resheader>
          <resheader name="reader"><value>System.Resources.ResXResourceReader</value></resheader>
          <resheader name="writer"><value>System.Resources.ResXResourceWriter</value></resheader>
          <data name="Hello"><value>{text}</value></data>
        </root>
        """);

    /// <summary>The last two lines: before them the SDK may have warned of something.</summary>
    private async Task<IReadOnlyList<string>> Dotnet(string folder, params string[] arguments) =>
        [.. (await TestProcess.RunAsync("dotnet", arguments, Limit, Path.Combine(_directory, folder), UserApp.CleanEnvironment())).TakeLast(2)];
}
