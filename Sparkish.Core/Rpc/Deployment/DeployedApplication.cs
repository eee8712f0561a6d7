using System.Collections.Concurrent;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Sparkish.Assemblies;
using Sparkish.Rpc.Files;
using Sparkish.Serialization.Types;

namespace Sparkish.Rpc.Deployment;

/// <summary>
/// The fetched assemblies of one deploying process, in their own load context, which is unloaded after its last use. The context resolves announced assemblies
/// only, so reading a message never fetches. Except for look-ups, only the endpoint deployer calls it.
/// </summary>
internal sealed class DeployedApplication
{
    private readonly RpcEnv _env;
    private readonly RpcAddress _deployer;
    private readonly string _directory;
    private readonly Dictionary<string, (DeployedAssembly Assembly, Task<string> File)> _fetches = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, AnnouncedFile> _files = new(StringComparer.Ordinal);
    private readonly ApplicationLoadContext _context;

    public DeployedApplication(RpcEnv env, RpcAddress deployer, string directory)
    {
        _env = env;
        _deployer = deployer;
        _directory = directory;
        var loadable = new LoadableFiles(directory, seals: false);
        _context = new ApplicationLoadContext(
            $"deployed from {deployer}", new DeployedAssets(_files, OthersOf(env, deployer, directory, loadable), loadable), isCollectible: true);
        Values = new RpcSerializationContext(env) { Types = new TypeBinder(Resolve) };
    }

    /// <summary>Reads values of the application's types.</summary>
    public RpcSerializationContext Values { get; }

    /// <summary>Fetches the assemblies that are not here yet.</summary>
    /// <exception cref="SparkException">An assembly is here already in another version.</exception>
    public Task FetchAsync(IReadOnlyList<DeployedAssembly> assemblies)
    {
        foreach (var assembly in assemblies) Check(assembly);
        foreach (var assembly in assemblies)
        {
            if (_fetches.TryGetValue(assembly.Name, out var fetch) && !fetch.File.IsFaulted) continue;
            _fetches[assembly.Name] = (assembly, FetchAsync(assembly));
        }

        return Task.WhenAll(assemblies.Select(assembly => _fetches[assembly.Name].File));
    }

    /// <summary>Releases the assemblies; the runtime unloads them once none of their objects is left.</summary>
    public void Unload() => _context.Unload();

    private static ApplicationAssets OthersOf(RpcEnv env, RpcAddress deployer, string directory, LoadableFiles loadable)
    {
        var cache = new ContentCache(directory, (path, file, hash) => Blocking.Wait(env.FetchFileAsync($"{deployer.ToSparkUrl()}/{path}", file, hash)));
        return new ApplicationAssets(
            path => env.OpenBulk(deployer, path), $"deployer {deployer}", cache, loadable, env.LoggerFactory.CreateLogger<DeployedApplication>());
    }

    private void Check(DeployedAssembly assembly)
    {
        if (ApplicationFiles.IsOnEveryNode(assembly.Name)) throw new SparkException($"Assembly {assembly.Name} is the node's own and cannot be deployed.");
        if (!FileNames.IsPlain(assembly.Name + ".dll")) throw new SparkException("An assembly arrived with a name that is not a file name.");
        if (!FileVersion.IsHash(assembly.Hash)) throw new SparkException($"Assembly {assembly.Name} arrived with the hash '{assembly.Hash}', which is not a SHA-256.");
        if (_fetches.TryGetValue(assembly.Name, out var fetch) && !fetch.File.IsFaulted && fetch.Assembly != assembly)
        {
            throw new SparkException(
                $"Assembly {assembly.Name} is already loaded from {_deployer} in version {fetch.Assembly.Version}, so version {assembly.Version} cannot be: deploy one build per process.");
        }
    }

    private async Task<string> FetchAsync(DeployedAssembly assembly)
    {
        var file = Path.Combine(_directory, assembly.Hash + ".dll");
        if (!await _env.RunBlockingAsync(() => IsThere(file, assembly.Hash)).ConfigureAwait(false))
        {
            var url = $"{_deployer.ToSparkUrl()}/{AssemblySource.PathOf(assembly.Name)}";
            await _env.FetchFileAsync(url, file, assembly.Hash).ConfigureAwait(false);
        }

        var found = await _env.RunBlockingAsync(() => ModuleVersion.Of(file)).ConfigureAwait(false);
        if (found != assembly.Version)
            throw new SparkException(
                $"Assembly {assembly.Name} of {_deployer} is version {assembly.Version} in that process but {found} in its file: start that process again.");
        _files[assembly.Name] = new AnnouncedFile(file, assembly.Hash);
        return file;
    }

    // No other user may write there, so a file cannot change between its hashing and its loading.
    private static bool IsThere(string file, string hash)
    {
        PrivateFiles.ClaimDirectory(Path.GetDirectoryName(file)!);
        return ContentCache.IsWhole(file, hash);
    }

    private Assembly? Resolve(AssemblyName name) =>
        name.Name is { } simple && (_files.ContainsKey(simple) || ApplicationFiles.IsOfNode(simple)) ? _context.LoadByName(name) : null;
}
