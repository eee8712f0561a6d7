using System.Reflection;
using Microsoft.Extensions.Logging.Abstractions;
using Sparkish.Assemblies;
using Sparkish.Rpc;
using Sparkish.Tests.Rpc;

namespace Sparkish.Tests.Assemblies;

/// <summary>What a node loads of an application whose driver is this process, over sockets.</summary>
internal sealed class ApplicationLoadContextTests
{
    private const string NativeSource = """
        public static class Native
        {
            [System.Runtime.InteropServices.DllImport("NAME")] private static extern int answer();
            public static int Call() => answer();
        }
        """;

    [Test]
    public async Task An_assembly_that_the_driver_loaded_by_itself_is_loaded_from_the_cache()
    {
        await using var node = new Node();
        var library = Assembly.LoadFrom(
            TestAssembly.Compile(node.Files, "LoadedByItself", "public static class C { public static string Say() => \"hello\"; }"));

        var loaded = node.Load("LoadedByItself");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(File.ReadAllBytes(loaded.Location), Is.EqualTo(File.ReadAllBytes(library.Location)), "code that opens its own file finds it");
            Assert.That(Directory.GetFiles(node.Cache, "LoadedByItself.dll", SearchOption.AllDirectories), Has.Length.EqualTo(1));
            Assert.That(loaded.ManifestModule.ModuleVersionId, Is.EqualTo(library.ManifestModule.ModuleVersionId));
            Assert.That(Call(loaded, "C", "Say"), Is.EqualTo("hello"));
        }
    }

    [Test]
    public async Task A_cached_file_that_is_swapped_after_it_was_hashed_is_not_run([Values] bool seals)
    {
        await using var node = new Node(seals);
        var honest = TestAssembly.Compile(node.Files, $"Swapped{seals}", "public static class C { public static string Say() => \"honest\"; }");
        var evil = TestAssembly.Compile(Path.Combine(node.Files, "evil"), $"Swapped{seals}", "public static class C { public static string Say() => \"evil!!\"; }");
        Assembly.LoadFrom(honest);

        var file = node.Find($"Swapped{seals}"); // what the load context asks for; the bytes have been hashed
        var kept = Directory.GetFiles(node.Cache, $"Swapped{seals}.dll", SearchOption.AllDirectories)
            .Single(path => Path.GetFileName(Path.GetDirectoryName(path)!).Length == 64);
        await File.WriteAllBytesAsync(kept, await File.ReadAllBytesAsync(evil));
        var loaded = node.LoadFrom(file);
        await File.WriteAllBytesAsync(kept, new byte[new FileInfo(kept).Length]); // pages that the runtime has not read yet would change

        Assert.That(Call(loaded, "C", "Say"), Is.EqualTo("honest"));
    }

    [Test]
    public async Task Embedded_debug_symbols_give_stack_traces_their_lines([Values] bool seals)
    {
        await using var node = new Node(seals);
        var name = $"WithSymbols{seals}";
        Assembly.LoadFrom(TestAssembly.Compile(
            node.Files, name, "public static class C\n{\n    public static void Say() => throw new System.InvalidOperationException();\n}"));

        var error = Assert.Throws<InvalidOperationException>(node.Load(name).GetType("C")!.GetMethod("Say")!.CreateDelegate<Action>().Invoke);

        Assert.That(error!.StackTrace, Does.Contain($"{name}.cs:line 3"));
    }

    [Test]
    [Platform("Linux")]
    public void A_sealed_file_cannot_be_changed_by_its_own_user()
    {
        using var file = SealedFile.TryCreate("a.dll", "hello"u8)!;

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => File.WriteAllText(file.Path, "world"), Throws.InstanceOf<UnauthorizedAccessException>());
            Assert.That(File.ReadAllText(file.Path), Is.EqualTo("hello"));
        }
    }

    [Test]
    public async Task A_file_that_was_built_anew_while_the_driver_ran_is_an_error_that_names_both_versions()
    {
        await using var node = new Node();
        var file = TestAssembly.Compile(node.Files, "BuiltAnew", "public static class C { public static int Version => 1; }");
        var running = Assembly.LoadFrom(file).ManifestModule.ModuleVersionId;
        File.Delete(file); // as a build does: the loaded file stays as it is
        TestAssembly.Compile(node.Files, "BuiltAnew", "public static class C { public static int Version => 2; }");

        Assert.That(() => node.Load("BuiltAnew"), Throws.InstanceOf<IOException>().With.Message.Contains($"version {running} in the driver's process")
            .And.Message.Contains($"{ModuleVersion.Of(file)} in its file").And.Message.Contains("Start the application again"));
    }

    [Test]
    public async Task An_assembly_without_a_file_is_an_error_that_says_what_to_do()
    {
        await using var node = new Node();
        Assembly.Load(await File.ReadAllBytesAsync(TestAssembly.Compile(node.Files, "FromMemory", "public class C { }")));

        Assert.That(() => node.Load("FromMemory"), Throws.InstanceOf<IOException>()
            .With.Message.Contains("FromMemory was created or loaded in the driver's memory").And.Message.Contains("load it from a file"));
    }

    [Test]
    public async Task A_missing_assembly_is_named_with_who_refers_to_it()
    {
        await using var node = new Node();
        var missing = TestAssembly.Compile(Path.Combine(node.Files, "elsewhere"), "Missing", "public static class M { public static int One => 1; }");
        Assembly.LoadFrom(TestAssembly.Compile(node.Files, "Referring", "public static class C { public static int Say() => M.One; }", references: missing));

        var error = Assert.Throws<FileNotFoundException>(() => Call(node.Load("Referring"), "C", "Say"));

        Assert.That(error!.InnerException?.Message, Does.Contain("Assembly Missing, which Referring refer to")
            .And.Contain(node.Driver).And.Contain("reference its package or project"));
    }

    [Test]
    public async Task An_assembly_that_nobody_has_is_an_error_that_names_it()
    {
        await using var node = new Node();

        Assert.That(() => node.Load("Ghost"), Throws.InstanceOf<IOException>().With.Message.Contains("Assembly Ghost, which was requested by name"));
    }

    [Test]
    public async Task A_native_library_that_nobody_has_is_an_error_that_tells_which_names_were_tried()
    {
        await using var node = new Node();
        Assembly.LoadFrom(TestAssembly.Compile(node.Files, "NativeMissing", NativeSource.Replace("NAME", "sparkish_none", StringComparison.Ordinal)));

        Assert.That(() => Call(node.Load("NativeMissing"), "Native", "Call"), Throws.InstanceOf<DllNotFoundException>()
            .With.Message.Contains("sparkish_none, which NativeMissing calls")
            .And.Message.Contains(string.Join(" or ", RuntimeIds.FilesOf("sparkish_none", RuntimeIds.Current))).And.Message.Contains(RuntimeIds.Current));
    }

    [Test]
    public async Task A_file_of_the_wrong_kind_is_an_error_that_names_it()
    {
        await using var node = new Node();
        Assembly.LoadFrom(TestAssembly.Compile(node.Files, "NativeWrong", NativeSource.Replace("NAME", "sparkish_wrong", StringComparison.Ordinal)));
        await File.WriteAllTextAsync(Path.Combine(node.Files, RuntimeIds.FilesOf("sparkish_wrong", RuntimeIds.Current)[0]), "\u007FELF" + new string(' ', 64));

        Assert.That(() => Call(node.Load("NativeWrong"), "Native", "Call"),
            Throws.InstanceOf<DllNotFoundException>().With.Message.Contains("sparkish_wrong of the application")
                .And.Message.Contains($"cannot be loaded on {RuntimeIds.Current}"));
    }

    [Test]
    public async Task A_driver_that_is_gone_is_named_in_the_error()
    {
        await using var node = new Node();
        await node.StopDriverAsync();

        Assert.That(() => node.Load("Anything"), Throws.InstanceOf<IOException>()
            .With.Message.Contains("Assembly Anything of the application could not be requested from the driver"));
    }

    [Test]
    public async Task The_framework_and_Sparkish_are_the_nodes_own()
    {
        await using var node = new Node();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(node.Load("Sparkish.Core"), Is.SameAs(typeof(RpcEnv).Assembly));
            Assert.That(node.Load("System.Runtime"), Is.SameAs(Assembly.Load("System.Runtime")));
            Assert.That(Directory.Exists(node.Cache), Is.False, "nothing was fetched");
        }
    }

    [Test]
    public async Task An_assembly_of_Sparkishs_signatures_is_the_nodes_own_even_if_the_application_has_a_newer_one()
    {
        await using var node = new Node();

        var loaded = node.Load("Microsoft.Extensions.Logging.Abstractions, Version=99.0.0.0");

        Assert.That(loaded, Is.SameAs(typeof(Microsoft.Extensions.Logging.ILogger).Assembly));
    }

    [TestCase("assemblies/..%2F..%2Fetc%2Fpasswd")]
    [TestCase("assemblies/%2Fetc%2Fpasswd")]
    [TestCase("assemblies/../../etc/passwd")]
    [TestCase("assemblies/linux-x64/..%2F..%2Fetc/passwd")]
    [TestCase("assemblies/linux-x64/neutral/..%2F..%2F..%2Fetc%2Fpasswd")]
    [TestCase("assemblies/linux-x64/neutral/Humanizer%00.dll")]
    [TestCase("natives/linux-x64/..%2F..%2F..%2Fetc%2Fpasswd")]
    [TestCase("natives/linux-x64/%2Fetc%2Fpasswd")]
    [TestCase("natives/..%2F..%2F..%2Fetc/passwd")]
    [TestCase("natives/linux-x64/../../../etc/passwd")]
    [TestCase("natives/linux-x64/passwd%00")]
    [TestCase("natives/passwd")]
    public async Task A_path_that_leads_elsewhere_is_refused(string path)
    {
        await using var node = new Node();

        using (Assert.EnterMultipleScope())
        {
            Assert.That(() => node.Read(path), Throws.InstanceOf<SparkException>().With.Message.Contains("is not the name of an application's file"));
            Assert.That(AssetAnswer.Parse(node.Read(path + AssetAnswer.Query)).Status, Is.EqualTo(AssetStatus.Absent));
        }
    }

    private static object? Call(Assembly assembly, string type, string method)
    {
        try
        {
            return assembly.GetType(type)!.GetMethod(method)!.Invoke(null, null);
        }
        catch (TargetInvocationException error)
        {
            throw error.InnerException!;
        }
    }

    /// <summary>A node with an empty cache, and this process's application at another env.</summary>
    private sealed class Node : IAsyncDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly RpcEnv _driver = Envs.New();
        private readonly RpcEnv _env = Envs.New();
        private readonly ApplicationLoadContext _context;
        private readonly ApplicationAssets _assets;

        public Node(bool seals = true)
        {
            _driver.FileServer.ServeApplication();
            var cache = new ContentCache(
                Cache, (path, file, hash) => _env.FetchFileAsync($"{_driver.Address.ToSparkUrl()}/{path}", file, hash).GetAwaiter().GetResult());
            _assets = new ApplicationAssets(
                path => _env.OpenBulk(_driver.Address, path), $"driver {Driver}", cache, new LoadableFiles(Cache, seals), NullLogger.Instance);
            _context = new ApplicationLoadContext("test", _assets, isCollectible: false);
        }

        public string Driver => _driver.Address.ToString();

        public string Files => _directory.File("files");

        public string Cache => _directory.File("cache");

        public Assembly Load(string name) => _context.LoadByName(new AssemblyName(name));

        public string Find(string name) => _assets.FindAssembly(new AssemblyName(name))!;

        public Assembly LoadFrom(string file) => _context.LoadFromAssemblyPath(file);

        public byte[] Read(string path)
        {
            using var stream = _env.OpenBulk(_driver.Address, path);
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }

        public async Task StopDriverAsync() => await _driver.DisposeAsync();

        public async ValueTask DisposeAsync()
        {
            await _env.DisposeAsync();
            await _driver.DisposeAsync();
            _directory.Dispose();
        }
    }
}
