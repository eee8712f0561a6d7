using System.IO.Compression;
using System.Reflection.Metadata;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Sparkish.Tests.Packaging;

/// <summary>Opens every package that <c>dotnet pack</c> makes, as a user's package manager and debugger do.</summary>
internal sealed partial class PackageContentsTests
{
    // The kind of custom debug information that holds the Source Link map (Portable PDB format).
    private static readonly Guid SourceLink = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private static readonly Dictionary<string, string[]> Dependencies = new(StringComparer.Ordinal)
    {
        ["Sparkish.Akka"] = ["Akka.Cluster", "Akka.Remote", "Sparkish.Core"],
        ["Sparkish.Akka.Hosting"] = ["Akka.Hosting", "Sparkish.Akka", "Sparkish.Hosting"],
        ["Sparkish.Akka.Persistence"] = ["Akka.Persistence", "Sparkish.Deploy"],
        ["Sparkish.Core"] = ["Microsoft.Extensions.Logging.Abstractions"],
        ["Sparkish.Scheduler"] = ["K4os.Compression.LZ4.Streams", "Microsoft.Extensions.Logging.Console", "SharpZipLib", "Sparkish.Core", "ZstdSharp.Port"],
        ["Sparkish.Deploy"] = ["DotNext.Net.Cluster", "Npgsql", "Sparkish.Scheduler"],
        ["Sparkish.Deploy.Hosting"] = ["Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Hosting.Abstractions", "Sparkish.Rest"],
        ["Sparkish.Hosting"] = ["Microsoft.Extensions.Hosting.Abstractions", "Sparkish.Core"],
        ["Sparkish.Rest"] = ["Microsoft.IdentityModel.JsonWebTokens", "Sparkish.Deploy"],
        ["Sparkish.TestKit"] = ["Sparkish.Core"],
        ["Sparkish.TestKit.Akka.NUnit"] = ["Akka.TestKit", "NUnit", "Sparkish.Akka", "Sparkish.TestKit"],
        ["Sparkish.TestKit.NUnit"] = ["NUnit", "Sparkish.TestKit"],
        ["Sparkish.Cli"] = [],
    };

    private string _directory = "";

    [OneTimeSetUp]
    public async Task PackEverything() => _directory = await RepositoryBuild.PackagesAsync();

    [Test]
    public void Every_packed_package_is_known_to_this_test() => Assert.That(
        Directory.EnumerateFiles(_directory, "*.nupkg").Select(NameOf), Is.EquivalentTo(Dependencies.Keys));

    [TestCaseSource(nameof(Packages))]
    public void A_package_has_a_README_of_its_own_without_relative_links(string package)
    {
        using var archive = Open(package, "nupkg");
        var readme = Text(archive, "README.md");
        Assert.Multiple(() =>
        {
            Assert.That(readme, Does.StartWith($"# {package}\n"));
            Assert.That(Links().Matches(readme).Select(link => link.Groups["target"].Value), Is.All.StartsWith("https://"));
        });
    }

    [TestCaseSource(nameof(Packages))]
    public void A_package_names_its_licence_icon_repository_and_dependencies(string package)
    {
        using var archive = Open(package, "nupkg");
        var metadata = XDocument.Parse(Text(archive, $"{package}.nuspec")).Root!.Elements().Single(element => element.Name.LocalName is "metadata");
        Assert.Multiple(() =>
        {
            Assert.That(Value("license"), Is.EqualTo("Apache-2.0"));
            Assert.That(archive.GetEntry(Value("icon")!), Is.Not.Null);
            Assert.That(Value("description"), Is.Not.Empty);
            Assert.That(metadata.Elements().Single(element => element.Name.LocalName is "repository").Attribute("url")!.Value, Does.StartWith("https://"));
            Assert.That(metadata.Descendants().Where(element => element.Name.LocalName is "dependency").Select(element => element.Attribute("id")!.Value),
                Is.EquivalentTo(Dependencies[package]));
        });

        string? Value(string name) => metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value;
    }

    [TestCaseSource(nameof(Libraries))]
    public void A_library_brings_documentation_and_symbols_with_a_map_to_its_sources(string package)
    {
        using var archive = Open(package, "nupkg");
        using var symbols = Open(package, "snupkg");
        Assert.Multiple(() =>
        {
            Assert.That(archive.GetEntry($"lib/net10.0/{package}.xml"), Is.Not.Null);
            Assert.That(SourceMap(symbols.GetEntry($"lib/net10.0/{package}.pdb")!), Does.Contain("https://raw.githubusercontent.com/"));
        });
    }

    private static string[] Packages() => [.. Dependencies.Keys];

    private static string[] Libraries() => [.. Dependencies.Keys.Except(["Sparkish.Cli"])];

    // Name.1.2.3.nupkg: the version begins at the first part that is a number.
    private static string NameOf(string path) => Version().Replace(Path.GetFileNameWithoutExtension(path), "");

    private ZipArchive Open(string package, string extension) =>
        ZipFile.OpenRead(Directory.EnumerateFiles(_directory, $"{package}.*.{extension}").Single(path => NameOf(path) == package));

    private static string Text(ZipArchive archive, string name)
    {
        using var reader = new StreamReader(archive.GetEntry(name)!.Open(), Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n");
    }

    private static string SourceMap(ZipArchiveEntry pdb)
    {
        using var stream = new MemoryStream();
        using (var packed = pdb.Open()) packed.CopyTo(stream);
        stream.Position = 0;
        using var provider = MetadataReaderProvider.FromPortablePdbStream(stream);
        var reader = provider.GetMetadataReader();
        return reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation)
            .Where(information => reader.GetGuid(information.Kind) == SourceLink)
            .Select(information => Encoding.UTF8.GetString(reader.GetBlobBytes(information.Value)))
            .SingleOrDefault() ?? "";
    }

    [GeneratedRegex(@"\]\((?<target>[^)]+)\)", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Links();

    [GeneratedRegex(@"\.\d+\.\d+\.\d+.*$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();
}
