using System.Collections.Concurrent;
using System.Reflection;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Assemblies;
using Sparkish.Rpc.Deployment;

namespace Sparkish.Tests.Assemblies;

internal sealed class DeployedAssetsTests
{
    private static readonly string HashOfLibrary = Convert.ToHexStringLower(SHA256.HashData("library"u8));
    private static readonly byte[] Found = new AssetAnswer(AssetStatus.Found, [new AssetFile("libzip.so", HashOfLibrary)], "").ToBytes();

    [Test]
    public void An_assembly_is_found_where_it_was_announced_and_a_native_library_where_it_is_called()
    {
        using var directory = new TemporaryDirectory();
        var asked = new List<string>();
        var kept = directory.Write("kept.dll", "library");
        var loadable = new LoadableFiles(directory.Path, seals: false);
        var announced = new ConcurrentDictionary<string, AnnouncedFile>(StringComparer.Ordinal) { ["Announced"] = new(kept, HashOfLibrary) };
        var assets = new DeployedAssets(announced, Others(directory.Path, asked, loadable), loadable);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllText(assets.FindAssembly(new AssemblyName("Announced"))!), Is.EqualTo("library"));
            Assert.That(assets.FindAssembly(new AssemblyName("Other")), Is.Null);
            Assert.That(asked, Is.Empty, "to read a message never fetches");
            Assert.That(Path.GetFileName(assets.FindNative("zip")), Is.EqualTo("libzip.so"));
            Assert.That(Path.GetFileName(assets.FindNative("zip")), Is.EqualTo("libzip.so"), "again");
            Assert.That(asked, Is.EqualTo(new[] { $"natives/{RuntimeIds.Current}/zip?asset", $"natives/{RuntimeIds.Current}/libzip.so" }), "once");
            Assert.That(assets.FindNative("/usr/lib/libzip.so"), Is.Null, "a path is nothing to ask for");
        }
    }

    [Test]
    public void An_announced_file_that_was_changed_is_not_loaded()
    {
        using var directory = new TemporaryDirectory();
        var loadable = new LoadableFiles(directory.Path, seals: false);
        var kept = directory.Write("kept.dll", "evil");
        var announced = new ConcurrentDictionary<string, AnnouncedFile>(StringComparer.Ordinal) { ["Changed"] = new(kept, HashOfLibrary) };
        var assets = new DeployedAssets(announced, Others(directory.Path, [], loadable), loadable);

        Assert.That(() => assets.FindAssembly(new AssemblyName("Changed")),
            Throws.TypeOf<SparkException>().With.Message.Contains("Assembly Changed").And.Message.Contains("was changed since it was fetched"));
    }

    private static ApplicationAssets Others(string directory, List<string> asked, LoadableFiles loadable)
    {
        var cache = new ContentCache(directory, (path, file, _) =>
        {
            asked.Add(path);
            File.WriteAllText(file, "library");
        });
        return new ApplicationAssets(Open, "deployer", cache, loadable, NullLogger.Instance);

        MemoryStream Open(string path)
        {
            asked.Add(path);
            return new MemoryStream(Found);
        }
    }
}
