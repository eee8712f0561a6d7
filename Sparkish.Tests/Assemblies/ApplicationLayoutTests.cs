using Sparkish.Assemblies;

namespace Sparkish.Tests.Assemblies;

/// <summary>Folders of applications as the SDK lays them out.</summary>
internal sealed class ApplicationLayoutTests
{
    private const string Dependencies = """
        {
          "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0" },
          "targets": {
            ".NETCoreApp,Version=v10.0": {
              "app/1.0.0": { "runtime": { "app.dll": {} }, "resources": { "de/app.resources.dll": { "locale": "de" } } },
              "Zip/1.2.3": {
                "runtime": { "lib/net10.0/Zip.dll": {}, "lib/net10.0/_._": {} },
                "resources": { "lib/net10.0/fr/Zip.resources.dll": { "locale": "fr" } },
                "runtimeTargets": {
                  "runtimes/linux/native/libzip.so": { "rid": "linux", "assetType": "native" },
                  "runtimes/linux/native/libzipcore.so": { "rid": "linux", "assetType": "native" },
                  "runtimes/linux-musl-x64/native/libzip.so": { "rid": "linux-musl-x64", "assetType": "native" },
                  "runtimes/win-x64/native/zip.dll": { "rid": "win-x64", "assetType": "native" },
                  "runtimes/win/lib/net10.0/Ports.dll": { "rid": "win", "assetType": "runtime" },
                  "runtimes/unix/lib/net10.0/Ports.dll": { "rid": "unix", "assetType": "runtime" }
                }
              }
            }
          },
          "libraries": {
            "app/1.0.0": { "type": "project" },
            "Zip/1.2.3": { "type": "package", "path": "zip/1.2.3" }
          }
        }
        """;

    [TestCase("zip", "linux-x64", "runtimes/linux/native/libzip.so", "runtimes/linux/native/libzipcore.so")]
    [TestCase("libzip.so", "linux-arm64", "runtimes/linux/native/libzip.so", "runtimes/linux/native/libzipcore.so")]
    [TestCase("zip", "linux-musl-x64", "runtimes/linux-musl-x64/native/libzip.so")]
    [TestCase("zip", "win-x64", "runtimes/win-x64/native/zip.dll")]
    [TestCase("zip", "osx-arm64")]
    [TestCase("nothing", "linux-x64")]
    public void A_native_library_is_found_for_the_system_that_asks_with_those_that_come_with_it(string library, string rid, params string[] expected)
    {
        using var app = new AppFolder(Dependencies);
        foreach (var file in new[] { "linux/native/libzip.so", "linux/native/libzipcore.so", "linux-musl-x64/native/libzip.so", "win-x64/native/zip.dll" })
            app.Add($"runtimes/{file}");

        var found = app.Layout().FindNative(library, rid, []);

        Assert.That(found.Select(file => file.Path), Is.EqualTo(expected.Select(app.PathOf)));
    }

    [Test]
    public void What_the_folder_has_not_is_found_in_a_folder_of_packages()
    {
        using var app = new AppFolder(Dependencies);
        var library = app.Add("packages/zip/1.2.3/runtimes/linux/native/libzip.so");

        var found = app.Layout(host => host with { PackageDirectories = [app.PathOf("packages")] }).FindNative("zip", "linux-x64", []);

        Assert.That(found.Select(file => file.Path), Is.EqualTo(new[] { library }));
    }

    [Test]
    public void Without_a_list_of_dependencies_the_folder_itself_is_looked_at()
    {
        using var app = new AppFolder(null);
        var beside = app.Add("libzip.so");
        var perSystem = app.Add($"runtimes/{RuntimeIds.FallBacks(RuntimeIds.Current)[1]}/native/libother.so");
        var plugin = app.Add("plugins/libplugin.so");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.Layout().FindNative("zip", RuntimeIds.Current, [])[0].Path, Is.EqualTo(beside));
            Assert.That(app.Layout().FindNative("other", RuntimeIds.Current, [])[0].Path, Is.EqualTo(perSystem));
            Assert.That(app.Layout().FindNative("plugin", RuntimeIds.Current, [app.PathOf("plugins")])[0].Path, Is.EqualTo(plugin));
            Assert.That(app.Layout().FindNative("zip", "plan9-x64", []), Is.Empty, "this system's library does not serve another");
        }
    }

    [Test]
    public void Satellites_are_found_by_their_cultures()
    {
        using var app = new AppFolder(Dependencies);
        var (german, french, plain) = (app.Add("de/app.resources.dll"), app.Add("fr/Zip.resources.dll"), app.Add("it/app.resources.dll"));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.Layout().FindSatellite("app.resources", "de")?.Path, Is.EqualTo(german));
            Assert.That(app.Layout().FindSatellite("Zip.resources", "fr")?.Path, Is.EqualTo(french));
            Assert.That(app.Layout().FindSatellite("app.resources", "it")?.Path, Is.EqualTo(plain), "which no list names");
            Assert.That(app.Layout().FindSatellite("app.resources", "fr"), Is.Null);
        }
    }

    [Test]
    public void An_assembly_that_differs_by_system_is_found_for_the_one_that_asks()
    {
        using var app = new AppFolder(Dependencies);
        var (windows, unix) = (app.Add("runtimes/win/lib/net10.0/Ports.dll"), app.Add("runtimes/unix/lib/net10.0/Ports.dll"));
        var zip = app.Add("Zip.dll");
        var layout = app.Layout(host => host with { TrustedAssemblies = [zip] });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(layout.FindAssembly("Ports", "win-x64")?.Path, Is.EqualTo(windows));
            Assert.That(layout.FindAssembly("Ports", "linux-x64")?.Path, Is.EqualTo(unix));
            Assert.That(layout.FindAssembly("Zip", "win-x64")?.Path, Is.EqualTo(zip));
            Assert.That(layout.FindAssembly("Nothing", "win-x64"), Is.Null);
        }
    }

    [Test]
    public void The_shared_framework_is_told_from_the_application_by_where_it_lies()
    {
        using var app = new AppFolder(Dependencies);
        var (own, runtime) = (app.Add("System.Text.Json.dll"), "/dotnet/shared/Microsoft.NETCore.App/10.0.0/System.Runtime.dll");

        var layout = app.Layout(
            host => host with { TrustedAssemblies = [own, runtime, "/dotnet/shared/Microsoft.AspNetCore.App/10.0.0/Microsoft.AspNetCore.dll"] });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(layout.Assemblies.Select(file => file.Path), Is.EqualTo(new[] { own }), "which the application brings in a version of its own");
            Assert.That(layout.IsFramework(runtime), Is.True);
            Assert.That(layout.IsFrameworkName("Microsoft.AspNetCore"), Is.True);
            Assert.That(layout.IsFrameworkName("System.Text.Json"), Is.False);
            Assert.That(layout.IsFramework("/dotnet/sharedother/x.dll"), Is.False);
        }
    }

    [Test]
    public void Parts_of_a_framework_that_nodes_may_lack_are_given_to_nodes_of_the_same_system()
    {
        const string Http = "/dotnet/shared/Microsoft.AspNetCore.App/10.0.0/Microsoft.AspNetCore.Http.dll";
        using var app = new AppFolder(Dependencies);

        var layout = app.Layout(host => host with { TrustedAssemblies = ["/dotnet/shared/Microsoft.NETCore.App/10.0.0/System.Runtime.dll", Http] });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(layout.FindAssembly("Microsoft.AspNetCore.Http", RuntimeIds.Current)?.Path, Is.EqualTo(Http));
            Assert.That(layout.FindAssembly("Microsoft.AspNetCore.Http", "none-x64"), Is.Null, "its code is compiled for one system");
            Assert.That(layout.FindAssembly("System.Runtime", RuntimeIds.Current), Is.Null);
            Assert.That(layout.Assemblies, Is.Empty);
            Assert.That(layout.IsRuntimeName("System.Runtime"), Is.True);
            Assert.That(layout.IsRuntimeName("Microsoft.AspNetCore.Http"), Is.False);
        }
    }

    [Test]
    public void A_self_contained_application_gives_the_parts_of_ASPNET_Core_and_keeps_those_of_the_runtime()
    {
        const string List = """
            {
              "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0/linux-x64" },
              "targets": { ".NETCoreApp,Version=v10.0/linux-x64": {
                "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.0": { "runtime": { "System.Runtime.dll": {} } },
                "runtimepack.Microsoft.AspNetCore.App.Runtime.linux-x64/10.0.0": { "runtime": { "Microsoft.AspNetCore.Http.dll": {} } },
                "app/1.0.0": { "runtime": { "app.dll": {} } } } },
              "libraries": { "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.0": { "type": "runtimepack" },
                "runtimepack.Microsoft.AspNetCore.App.Runtime.linux-x64/10.0.0": { "type": "runtimepack" }, "app/1.0.0": { "type": "project" } }
            }
            """;
        using var app = new AppFolder(List);
        var (own, runtime, http) = (app.Add("app.dll"), app.Add("System.Runtime.dll"), app.Add("Microsoft.AspNetCore.Http.dll"));

        var layout = app.Layout(host => host with { RuntimeDirectory = host.BaseDirectory, TrustedAssemblies = [own, runtime, http] });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(layout.Assemblies.Select(file => file.Path), Is.EqualTo(new[] { own }));
            Assert.That(layout.FindAssembly("Microsoft.AspNetCore.Http", RuntimeIds.Current)?.Path, Is.EqualTo(http));
            Assert.That(layout.FindAssembly("System.Runtime", RuntimeIds.Current), Is.Null);
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void A_self_contained_application_is_told_from_the_framework_that_lies_beside_it(bool isListed)
    {
        const string List = """
            {
              "runtimeTarget": { "name": ".NETCoreApp,Version=v10.0/linux-x64" },
              "targets": { ".NETCoreApp,Version=v10.0/linux-x64": {
                "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.0": { "runtime": { "System.Runtime.dll": {} }, "native": { "libcoreclr.so": {} } },
                "app/1.0.0": { "runtime": { "app.dll": {} }, "native": { "libapp.so": {} } } } },
              "libraries": { "runtimepack.Microsoft.NETCore.App.Runtime.linux-x64/10.0.0": { "type": "runtimepack" }, "app/1.0.0": { "type": "project" } }
            }
            """;
        using var app = new AppFolder(isListed ? List : null);
        var (own, runtime) = (app.Add("app.dll"), app.Add("System.Runtime.dll"));
        app.Add("libcoreclr.so");

        var layout = app.Layout(host => host with { RuntimeDirectory = host.BaseDirectory, TrustedAssemblies = [own, runtime] });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(layout.Assemblies.Select(file => file.Path), Is.EqualTo(new[] { own }));
            Assert.That(layout.IsFramework(runtime), Is.True);
            Assert.That(layout.IsFramework(own), Is.False);
            Assert.That(layout.FindAssembly("System.Runtime", RuntimeIds.Current), Is.Null);
            if (isListed) Assert.That(layout.FindNative("coreclr", "linux-x64", []), Is.Empty);
        }
    }

    [TestCase("appsettings.json", "{ \"ConnectionStrings\": {} }")]
    [TestCase("app.deps.json", "{}")]
    [TestCase(".env", "PASSWORD=secret")]
    [TestCase("server.key", "-----BEGIN PRIVATE KEY-----")]
    [TestCase("libsettings.so", "PASSWORD=secret")]
    [TestCase("store.pfx", "0\u0082\u0001")]
    [TestCase("notes", "MZ is how a program begins, and this is not a program, though it has more than sixty-four characters to look at.")]
    [TestCase("empty.so", "")]
    public void What_lies_beside_an_application_is_no_file_of_it(string name, string text)
    {
        using var app = new AppFolder(null);
        app.Add(name, text);
        app.Add($"runtimes/{RuntimeIds.Current}/native/{name}", text);
        app.Add($"{name}.dll", text);
        app.Add($"de/{name}.dll", text);
        var layout = app.Layout(host => host with { NativeDirectories = [host.BaseDirectory] });

        using (Assert.EnterMultipleScope())
        {
            Assert.That(layout.FindNative(name, RuntimeIds.Current, [app.PathOf("")]), Is.Empty);
            Assert.That(layout.FindNative(Path.GetFileNameWithoutExtension(name), RuntimeIds.Current, []), Is.Empty);
            Assert.That(layout.FindAssembly(name, RuntimeIds.Current), Is.Null);
            Assert.That(layout.FindSatellite(name, "de"), Is.Null);
        }
    }

    [Test]
    public void No_link_leads_out_of_an_applications_folder()
    {
        using var elsewhere = new AppFolder(null);
        using var app = new AppFolder(Dependencies);
        var secret = elsewhere.Add("secret", "PASSWORD=secret");
        var library = elsewhere.Add("libelsewhere.so");
        app.Link("libelsewhere.so", library);
        app.Link("Plugin.dll", library);
        app.Link("runtimes/linux/native/libzip.so", secret);
        app.Link("de/Zip.resources.dll", library);
        app.Link("fr", elsewhere.PathOf("fr"));
        elsewhere.Add("fr/Zip.resources.dll");
        app.Add("libversioned.so.1");
        var inside = app.Link("libversioned.so", "libversioned.so.1");

        using (Assert.EnterMultipleScope())
        {
            Assert.That(app.Layout().FindNative("elsewhere", RuntimeIds.Current, []), Is.Empty);
            Assert.That(app.Layout().FindAssembly("Plugin", RuntimeIds.Current), Is.Null);
            Assert.That(app.Layout().FindNative("zip", "linux-x64", []), Is.Empty, "though it is listed");
            Assert.That(app.Layout().FindSatellite("Zip.resources", "de"), Is.Null);
            Assert.That(app.Layout().FindNative("versioned", RuntimeIds.Current, []).Select(file => file.Path), Is.EqualTo(new[] { inside }));
        }
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("{}")]
    public void A_list_that_is_none_is_an_error_that_names_it(string text)
    {
        using var app = new AppFolder(text);

        Assert.That(() => app.Layout(), Throws.InstanceOf<SparkException>().With.Message.Contains("app.deps.json").And.Message.Contains("Build or publish"));
    }

    [Test]
    public void A_program_that_is_no_bundle_is_an_error_that_says_what_to_do()
    {
        Assert.That(() => SingleFileBundle.Open(typeof(ApplicationLayoutTests).Assembly.Location),
            Throws.InstanceOf<SparkException>().With.Message.Contains("it holds no files").And.Message.Contains("without PublishSingleFile"));
    }

    private sealed class AppFolder : IDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly string[] _lists = [];

        public AppFolder(string? dependencies)
        {
            if (dependencies is not null) _lists = [_directory.Write("app.deps.json", dependencies)];
        }

        public string PathOf(string path) => Path.Combine(_directory.Path, path);

        /// <summary>Adds a file that begins as a native library does, or with a text.</summary>
        public string Add(string path, string? text = null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
            return _directory.Write(path, text ?? "\u007FELF" + new string(' ', 64));
        }

        public string Link(string path, string target)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(PathOf(path))!);
            File.CreateSymbolicLink(PathOf(path), target);
            return PathOf(path);
        }

        public ApplicationLayout Layout(Func<HostProperties, HostProperties>? change = null)
        {
            var host = new HostProperties(_directory.Path, "/dotnet/shared/Microsoft.NETCore.App/10.0.0/") { DependencyFiles = _lists };
            return new ApplicationLayout(change is null ? host : change(host));
        }

        public void Dispose() => _directory.Dispose();
    }
}
