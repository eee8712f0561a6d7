using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Assemblies;
using Sparkish.Rpc.Deployment;

namespace Sparkish.Tests.Assemblies;

internal sealed class DeployedAssetsTests
{
    private static readonly byte[] Found = new AssetAnswer(AssetStatus.Found, [new AssetFile("libzip.so", new string('a', 64))], "").ToBytes();

    [Test]
    public void An_assembly_is_found_where_it_was_announced_and_a_native_library_where_it_is_called()
    {
        using var directory = new TemporaryDirectory();
        var asked = new List<string>();
        var announced = new ConcurrentDictionary<string, string>(StringComparer.Ordinal) { ["Announced"] = "/kept/Announced.dll" };
        var assets = new DeployedAssets(announced, Others(directory.Path, asked));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(assets.FindAssembly(new AssemblyName("Announced")), Is.EqualTo("/kept/Announced.dll"));
            Assert.That(assets.FindAssembly(new AssemblyName("Other")), Is.Null);
            Assert.That(asked, Is.Empty, "to read a message never fetches");
            Assert.That(Path.GetFileName(assets.FindNative("zip")), Is.EqualTo("libzip.so"));
            Assert.That(Path.GetFileName(assets.FindNative("zip")), Is.EqualTo("libzip.so"), "again");
            Assert.That(asked, Is.EqualTo(new[] { $"natives/{RuntimeIds.Current}/zip?asset", $"natives/{RuntimeIds.Current}/libzip.so" }), "once");
            Assert.That(assets.FindNative("/usr/lib/libzip.so"), Is.Null, "a path is nothing to ask for");
        }
    }

    private static ApplicationAssets Others(string directory, List<string> asked)
    {
        var cache = new ContentCache(directory, (path, file, _) =>
        {
            asked.Add(path);
            File.WriteAllText(file, "library");
        });
        return new ApplicationAssets(Open, "deployer", cache, NullLogger.Instance);

        MemoryStream Open(string path)
        {
            asked.Add(path);
            return new MemoryStream(Found);
        }
    }
}
