using System.Collections.Concurrent;
using Sparkish.Assemblies;
using Sparkish.Rpc.Bulk;

namespace Sparkish.Rpc.Files;

/// <summary>
/// Serves files of this node to other nodes: single files under <c>/files</c>, assemblies under <c>/assemblies</c>, native libraries of the application under
/// <c>/natives</c>, and directories under their own names. Files must not change while they are served. All members may be called from any thread.
/// </summary>
public sealed class RpcEnvFileServer
{
    private const string FilesPrefix = "files";

    private readonly BulkServer _bulk;
    private readonly Func<string> _baseUrl;
    private readonly FileVersions _versions = new();
    private readonly ConcurrentDictionary<string, string> _files = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, string> _assemblies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ServedDirectory> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _prefixes = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();
    private volatile bool _servesApplication;

    /// <summary>Creates the file server of an env, on top of the env's streams.</summary>
    /// <param name="bulk">The streams that the env serves.</param>
    /// <param name="baseUrl">
    /// Returns <c>spark://host:port</c>, the address under which other envs open streams of this one; throws if the env does not listen.
    /// </param>
    public RpcEnvFileServer(BulkServer bulk, Func<string> baseUrl)
    {
        ArgumentNullException.ThrowIfNull(bulk);
        ArgumentNullException.ThrowIfNull(baseUrl);
        _bulk = bulk;
        _baseUrl = baseUrl;
    }

    /// <summary>Serves a file under its own name; the same file again is harmless.</summary>
    /// <returns>Its URL, <c>spark://host:port/files/NAME</c>.</returns>
    /// <exception cref="ArgumentException">Another file of this name is served, or there is no such file.</exception>
    /// <exception cref="SparkException">The env does not listen, so no peer could fetch the file.</exception>
    public string AddFile(string path) => Add(_files, FilesPrefix, Path.GetFileName(path), path, "File", FilesUnderNames);

    /// <summary>Serves an assembly under its file's name; the same file again is harmless.</summary>
    /// <returns>Its URL, <c>spark://host:port/assemblies/NAME</c>.</returns>
    /// <exception cref="ArgumentException">Another assembly of this name is served, or there is no such file.</exception>
    /// <exception cref="SparkException">The env does not listen, so no peer could fetch the assembly.</exception>
    public string AddAssembly(string path) => Add(_assemblies, AssemblySource.Prefix, Path.GetFileName(path), path, "Assembly", Assemblies);

    /// <summary>
    /// Serves the files below a directory under a name of one segment, such as <c>/classes</c>. Links that lead out of the directory are not followed.
    /// </summary>
    /// <returns>Its URL, <c>spark://host:port/classes</c>; a file's relative path follows, its segments percent-encoded.</returns>
    /// <exception cref="ArgumentException">The name is in use or reserved, or the directory does not exist.</exception>
    /// <exception cref="SparkException">The env does not listen, so no peer could fetch the files.</exception>
    public string AddDirectory(string baseUri, string path) => AddDirectory(baseUri, path, keepFirst: false);

    /// <summary>Does the same as <see cref="AddDirectory(string, string)"/>, unless the name is in use: then its current directory is kept.</summary>
    /// <returns>The URL.</returns>
    /// <inheritdoc cref="AddDirectory(string, string)"/>
    public string AddDirectoryIfAbsent(string baseUri, string path) => AddDirectory(baseUri, path, keepFirst: true);

    /// <summary>Stops serving a file; open streams continue. Returns false if the file was not served.</summary>
    public bool RemoveFile(string name) => _files.TryRemove(name, out _);

    /// <summary>Stops serving an assembly; open streams continue. Returns false if the assembly was not served.</summary>
    public bool RemoveAssembly(string name) => _assemblies.TryRemove(name, out _);

    /// <summary>
    /// Serves the assemblies and native libraries of this process's application by their names, to nodes that run parts of it. Twice is harmless.
    /// </summary>
    internal void ServeApplication()
    {
        Serve(AssemblySource.Prefix, Assemblies);
        Serve(AssemblySource.NativePrefix, () => new AssetSource(_versions, AssemblySource.FindNative));
        _servesApplication = true;
    }

    /// <summary>The present version of a file of this node.</summary>
    internal FileVersion VersionOf(string file) => _versions.Of(file);

    private string Add(ConcurrentDictionary<string, string> files, string prefix, string name, string path, string kind, Func<IBulkSource> source)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var full = Path.GetFullPath(path);
        if (!FileKind.IsRegular(full)) throw new ArgumentException($"{kind} '{path}' cannot be served: it does not exist or is not a regular file.", nameof(path));
        var url = $"{_baseUrl()}/{prefix}/{Uri.EscapeDataString(name)}";
        var old = files.GetOrAdd(name, full);
        if (old != full)
            throw new ArgumentException($"{kind} {name} was already registered with a different path (old path = {old}, new path = {full}).", nameof(path));
        Serve(prefix, source);
        return url;
    }

    private void Serve(string prefix, Func<IBulkSource> source)
    {
        lock (_lock)
        {
            if (_prefixes.Add(prefix)) _bulk.Register(prefix, source());
        }
    }

    private FileSource FilesUnderNames() => new(_versions, encoded =>
        _files.GetValueOrDefault(Uri.UnescapeDataString(encoded)) ?? throw new BulkNotFoundException($"'/{FilesPrefix}/{encoded}' is not served here."));

    private AssetSource Assemblies() => new(_versions, FindAssembly);

    private AssetLookup FindAssembly(string encoded)
    {
        if (_assemblies.TryGetValue(Uri.UnescapeDataString(encoded), out var added)) return AssetLookup.Found(added);
        var found = _servesApplication ? AssemblySource.FindAssembly(encoded) : AssetLookup.Absent("This node serves no application.");
        return found.Files.Count > 0 || found.IsRefused
            ? found
            : AssetLookup.Absent($"'/{AssemblySource.Prefix}/{encoded}' is not served here: {found.Reason}");
    }

    private string AddDirectory(string baseUri, string path, bool keepFirst)
    {
        ArgumentNullException.ThrowIfNull(baseUri);
        ArgumentException.ThrowIfNullOrEmpty(path);
        var name = baseUri.Trim('/');
        if (name is FilesPrefix or AssemblySource.Prefix) throw new ArgumentException("Directory cannot be /files nor /assemblies.", nameof(baseUri));
        if (name is AssemblySource.NativePrefix)
            throw new ArgumentException("Directory cannot be /natives: the application's native libraries are served there.", nameof(baseUri));
        if (name.Length == 0 || name.AsSpan().IndexOfAny('/', '\\', '?') >= 0)
            throw new ArgumentException($"'{baseUri}' is not a valid name of a served directory: write it as one segment, such as '/classes'.", nameof(baseUri));
        if (!Directory.Exists(path)) throw new ArgumentException($"Directory '{path}' cannot be served: it does not exist.", nameof(path));
        var url = $"{_baseUrl()}/{Uri.EscapeDataString(name)}";
        lock (_lock)
        {
            if (_directories.ContainsKey(name)) return keepFirst ? url : throw new ArgumentException($"URI '/{name}' already registered.", nameof(baseUri));
            var directory = new ServedDirectory(path);
            _bulk.Register(Uri.EscapeDataString(name), new FileSource(_versions, directory.Find));
            _directories.Add(name, directory);
        }

        return url;
    }
}
