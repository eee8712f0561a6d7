using System.Reflection;
using System.Runtime.Versioning;
using System.Text;
using Sparkish.Akka;

namespace Sparkish.Tests.Akka.Clusters;

/// <summary>How the command <c>sparkish</c>, which has no part of Akka, finds the package.</summary>
internal sealed class PluginDirectoryTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(1);

    [TestCase("master", "--port", "0")]
    [TestCase("worker", "spark://127.0.0.1:1")]
    public async Task Without_the_package_a_node_says_what_to_add(string command, params string[] arguments)
    {
        using var work = new TemporaryDirectory();

        var error = await FailureOfAsync([command, .. arguments, .. command is "worker" ? ["--work-dir", work.Path] : Array.Empty<string>()]);

        Assert.That(error, Does.StartWith("sparkish: spark.rpc.factory is 'akka', but assembly Sparkish.Akka cannot be loaded")
            .And.Contain("set spark.plugins.directory"));
    }

    [Test]
    public async Task A_driver_whose_application_lacks_the_package_says_what_to_add()
    {
        var error = await FailureOfAsync("submit", "--master", "spark://127.0.0.1:1", TestedEnv.Examples, "wordcount");

        Assert.That(error, Does.Contain("assembly Sparkish.Akka cannot be loaded").And.Contain("Reference its package"));
    }

    [Test]
    public async Task A_directory_without_the_package_is_named()
    {
        using var directory = new TemporaryDirectory();

        var error = await FailureOfAsync("master", "--port", "0", "--conf", $"spark.plugins.directory={directory.Path}");

        Assert.That(error, Does.Contain($"nor in spark.plugins.directory ('{directory.Path}')"));
    }

    [Test]
    public async Task A_directory_that_is_not_there_is_named()
    {
        var error = await FailureOfAsync("master", "--port", "0", "--conf", "spark.plugins.directory=/nowhere");

        Assert.That(error, Does.Contain("spark.plugins.directory is '/nowhere'").And.Contain("no such directory"));
    }

    [TestCase("Akka", "Sparkish.Akka")]
    [TestCase("Google.Protobuf", "Akka.Remote")]
    public async Task A_package_without_what_it_needs_is_an_error_that_names_the_missing_assembly(string missing, string referrer)
    {
        using var directory = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")) Copy(Path.GetFileName(file), directory);
        File.Delete(directory.File($"{missing}.dll"));

        var error = await FailureOfAsync("master", "--port", "0", "--conf", $"spark.plugins.directory={directory.Path}");

        Assert.That(error, Does.Contain($"assembly {missing}, which {referrer} needs, is not there"));
    }

    [TestCase("Akka.dll")]
    [TestCase("libnative.so")]
    [TestCase("runtimes/unix/native/libnative.so")]
    [TestCase("runtimes/unix")]
    [Platform("Unix")]
    [UnsupportedOSPlatform("windows")]
    public async Task A_directory_in_which_every_user_can_change_what_is_loaded_is_refused(string path)
    {
        using var directory = new TemporaryDirectory();
        Copy("Sparkish.Akka.dll", directory);
        Copy("Akka.dll", directory);
        Directory.CreateDirectory(directory.File("runtimes/unix/native"));
        await File.WriteAllTextAsync(directory.File("libnative.so"), "");
        await File.WriteAllTextAsync(directory.File("runtimes/unix/native/libnative.so"), "");
        var file = directory.File(path);
        File.SetUnixFileMode(file, File.GetUnixFileMode(file) | UnixFileMode.OtherWrite);

        var error = await FailureOfAsync("master", "--port", "0", "--conf", $"spark.plugins.directory={directory.Path}");

        Assert.That(error, Does.Contain($"every user of this machine can change '{file}'"));
    }

    [Test]
    public async Task A_package_of_another_version_is_refused_and_both_versions_are_named()
    {
        using var directory = new TemporaryDirectory();
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll")) Copy(Path.GetFileName(file), directory);
        var version = typeof(AkkaRpcEnvFactory).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        var content = await File.ReadAllBytesAsync(directory.File("Sparkish.Akka.dll"));
        content[content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(version))] = (byte)'9';
        await File.WriteAllBytesAsync(directory.File("Sparkish.Akka.dll"), content);

        var error = await FailureOfAsync("master", "--port", "0", "--conf", $"spark.plugins.directory={directory.Path}");

        Assert.That(error, Does.Contain($"version 9{version[1..]}").And.Contain(version));
    }

    private static void Copy(string file, TemporaryDirectory directory) => File.Copy(Path.Combine(AppContext.BaseDirectory, file), directory.File(file));

    private static async Task<string> FailureOfAsync(params string[] arguments)
    {
        await using var process = TestedEnv.Start(OnlyFactory, arguments[0], arguments[1..]);
        var status = await process.WaitForExitAsync(Limit);
        Assert.That((status, process.Errors.Count), Is.EqualTo((1, 1)), process.Transcript);
        return process.Errors[0];
    }

    private static Dictionary<string, string> OnlyFactory => new(StringComparer.Ordinal) { ["spark.rpc.factory"] = "akka" };
}
