namespace Sparkish.Assemblies;

/// <summary>
/// Finds the files of an application. It searches its <c>deps.json</c>, then the files that the host named, then its folder, or the single file that it was
/// published as. Files of frameworks are known and kept apart. An unlisted file counts only if its first bytes are those of an assembly or a native library,
/// and it is in the folder itself. Settings, keys and other files are there, too. Thread-safe.
/// </summary>
internal sealed class ApplicationLayout
{
    // Without a deps.json, names distinguish a self-contained program's own files from the framework's.
    private static readonly string[] OtherFrameworksPrefixes = ["Microsoft.AspNetCore.", "Microsoft.Extensions.", "Microsoft.JSInterop", "Microsoft.Net."];

    private static readonly string[] FrameworkPrefixes =
        ["System.", "Microsoft.Win32.", "Microsoft.VisualBasic", "Microsoft.CSharp", .. OtherFrameworksPrefixes];

    private const string RuntimePack = "runtimepack.Microsoft.NETCore.App.";

    private static readonly string[] FrameworkNamesAlone = ["System", "mscorlib", "netstandard", "WindowsBase"];

    private readonly HostProperties _host;
    private readonly string _frameworks;
    private readonly bool _isSelfContained;
    private readonly IReadOnlyList<DependencyAsset> _dependencies;
    private readonly HashSet<string> _frameworkNames;
    private readonly HashSet<string> _runtimeNames;
    private readonly Dictionary<string, ShippedFile> _assemblies = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ShippedFile> _partsOfOtherFrameworks = new(StringComparer.Ordinal);

    public ApplicationLayout(HostProperties host)
    {
        _host = host;

        // The runtime is in shared/Microsoft.NETCore.App/VERSION; other frameworks are beside it in shared.
        _frameworks = Path.GetFullPath(Path.Combine(host.RuntimeDirectory, "..", "..")).TrimEnd(Path.DirectorySeparatorChar) + Path.DirectorySeparatorChar;
        _isSelfContained = Path.GetFullPath(host.BaseDirectory + Path.DirectorySeparatorChar) == Path.GetFullPath(
            host.RuntimeDirectory + Path.DirectorySeparatorChar);
        _dependencies = [.. ReadDependencies(host)];
        _frameworkNames = FindFrameworkNames();
        _runtimeNames = FindRuntimeNames();
        foreach (var file in host.TrustedAssemblies) Add(new ShippedFile(file), IsFramework(file));
        foreach (var entry in host.Bundle?.Assemblies ?? []) AddBundled(host.Bundle!, entry);
    }

    /// <summary>The assemblies of the application, satellites excepted.</summary>
    public IEnumerable<ShippedFile> Assemblies => _assemblies.Values;

    /// <summary>Whether one of this process's frameworks has an assembly of this name.</summary>
    public bool IsFrameworkName(string assembly) => _frameworkNames.Contains(assembly);

    /// <summary>Whether the .NET runtime, which every node has, includes an assembly of this name; other frameworks may be on this machine only.</summary>
    public bool IsRuntimeName(string assembly) => _runtimeNames.Contains(assembly);

    /// <summary>Whether a file is the framework's.</summary>
    public bool IsFramework(string file) =>
        _isSelfContained ? IsFrameworkName(Path.GetFileNameWithoutExtension(file))
            && IsBelow(file, _host.RuntimeDirectory) : file.StartsWith(_frameworks, StringComparison.Ordinal);

    /// <summary>
    /// Returns the assembly of a name for a system: a package may have one for each. The runtime's are not served. Those of other frameworks are served to
    /// nodes of the same system, for which they were compiled.
    /// </summary>
    public ShippedFile? FindAssembly(string name, string rid)
    {
        if (IsRuntimeName(name)) return null;
        if (IsFrameworkName(name)) return rid == RuntimeIds.Current ? _partsOfOtherFrameworks.GetValueOrDefault(name) : null;
        var own = _assemblies.GetValueOrDefault(name);
        if (rid == RuntimeIds.Current && own is not null) return own;
        var perSystem = _dependencies.Where(
            asset => asset.Kind == DependencyKind.Assembly && asset.Rid is not null && Path.GetFileNameWithoutExtension(asset.FileName) == name);
        return BestOf([.. perSystem], rid) ?? own ?? InFolder([_host.BaseDirectory], name + ".dll");
    }

    /// <summary>Returns the satellite of an assembly for a culture; the name ends in <c>.resources</c>.</summary>
    public ShippedFile? FindSatellite(string name, string culture)
    {
        var path = $"{culture}/{name}.dll";
        if (_host.Bundle is { } bundle && bundle.Assemblies.FirstOrDefault(entry => entry.Path.Equals(path, StringComparison.OrdinalIgnoreCase)) is { } bundled)
            return new ShippedFile(bundle, bundled);
        var listed = _dependencies.Where(asset => asset.Kind == DependencyKind.Satellite && !asset.IsFramework
            && string.Equals(asset.Culture, culture, StringComparison.OrdinalIgnoreCase) && Path.GetFileNameWithoutExtension(asset.FileName) == name);
        return listed.Select(Locate).FirstOrDefault(static file => file is not null)
            ?? InFolder(_host.ResourceDirectories.Where(directory => !directory.StartsWith(_frameworks, StringComparison.Ordinal))
                .Append(_host.BaseDirectory), path);
    }

    /// <summary>
    /// Returns a native library for a system, by the name that code uses, with or without prefix and suffix. Further libraries of the same package and system
    /// follow, which it may load from its own folder. Empty if there is no such library.
    /// </summary>
    /// <param name="library">The name.</param>
    /// <param name="rid">The system.</param>
    /// <param name="more">Folders to search besides the application's: those of assemblies that it loaded by itself.</param>
    public IReadOnlyList<ShippedFile> FindNative(string library, string rid, IEnumerable<string> more)
    {
        var names = RuntimeIds.FilesOf(library, rid);
        foreach (var fit in RuntimeIds.FallBacks(rid))
        {
            foreach (var name in names)
            {
                var listed = _dependencies.FirstOrDefault(
                    asset => asset.Kind == DependencyKind.Native && !asset.IsFramework && (asset.Rid ?? RuntimeIds.Current) == fit && asset.FileName == name);
                if (listed is not null && LocateNative(listed) is { } file) return [file, .. Beside(listed, fit)];
            }
        }

        return InFolders(names, rid, [_host.BaseDirectory, .. more]) is { } found ? [found] : [];
    }

    private static IEnumerable<DependencyAsset> ReadDependencies(HostProperties host)
    {
        if (host.Bundle is { DependencyList: { } list } bundle)
        {
            using var stream = bundle.Open(list);
            foreach (var asset in DependencyManifest.Read(stream, list.Path)) yield return asset;
        }

        foreach (var file in host.DependencyFiles.Where(File.Exists))
        {
            using var stream = File.OpenRead(file);
            var isFramework = !IsBelow(file, host.BaseDirectory) && IsBelow(file, Path.Combine(host.RuntimeDirectory, "..", ".."));
            foreach (var asset in DependencyManifest.Read(stream, file)) yield return isFramework ? asset with { IsFramework = true } : asset;
        }
    }

    private HashSet<string> FindFrameworkNames()
    {
        if (!_isSelfContained) return [.. _host.TrustedAssemblies.Where(IsFramework).Select(static file => Path.GetFileNameWithoutExtension(file))];
        var listed = _dependencies.Where(static asset => asset is { IsFramework: true, Kind: DependencyKind.Assembly })
            .Select(static asset => Path.GetFileNameWithoutExtension(asset.FileName));
        var names = listed.ToHashSet(StringComparer.Ordinal);
        if (names.Count > 0) return names;
        var present = _host.TrustedAssemblies.Select(static file => Path.GetFileNameWithoutExtension(file))
            .Concat(_host.Bundle?.Assemblies.Select(static entry => Path.GetFileNameWithoutExtension(entry.FileName)) ?? []);
        return [.. present.Where(static name => FrameworkNamesAlone.Contains(name, StringComparer.Ordinal)
            || Array.Exists(FrameworkPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))];
    }

    private HashSet<string> FindRuntimeNames()
    {
        if (!_isSelfContained)
            return [.. _host.TrustedAssemblies.Where(file => IsBelow(file, _host.RuntimeDirectory))
                .Select(static file => Path.GetFileNameWithoutExtension(file))];
        var listed = _dependencies.Where(static asset => asset is { IsFramework: true, Kind: DependencyKind.Assembly }).ToArray();
        return listed.Length == 0
            ? [.. _frameworkNames.Where(static name => !Array.Exists(OtherFrameworksPrefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal)))]
            : [.. listed.Where(static asset => asset.Library.StartsWith(RuntimePack, StringComparison.Ordinal))
                .Select(static asset => Path.GetFileNameWithoutExtension(asset.FileName))];
    }

    private void AddBundled(SingleFileBundle bundle, BundleEntry entry)
    {
        var file = new ShippedFile(bundle, entry);
        if (!entry.Path.Contains('/', StringComparison.Ordinal)) Add(file, IsFrameworkName(file.AssemblyName));
    }

    private void Add(ShippedFile file, bool isFramework)
    {
        if (!isFramework) _assemblies.TryAdd(file.AssemblyName, file);
        else if (!IsRuntimeName(file.AssemblyName)) _partsOfOtherFrameworks.TryAdd(file.AssemblyName, file);
    }

    /// <summary>Returns the first existing file for the compatible systems, the best first.</summary>
    private ShippedFile? BestOf(IReadOnlyList<DependencyAsset> assets, string rid) =>
        RuntimeIds.FallBacks(rid).SelectMany(fit => assets.Where(asset => asset.Rid == fit)).Select(Locate).FirstOrDefault(static file => file is not null);

    private IEnumerable<ShippedFile> Beside(DependencyAsset asset, string fit) =>
        _dependencies.Where(
            other => other != asset && other.Kind == DependencyKind.Native && other.Library == asset.Library && (other.Rid ?? RuntimeIds.Current) == fit)
            .Select(LocateNative).OfType<ShippedFile>();

    // A package may contain data under this heading, but no link that leads out of its folder.
    private ShippedFile? LocateNative(DependencyAsset asset) =>
        Locate(asset) is { } file && (file.Folder is not { } folder || Links.IsBelow(file.Path, folder) || BinaryFormat.IsBinary(file.Path)) ? file : null;

    private ShippedFile? Locate(DependencyAsset asset)
    {
        if (_host.Bundle is { } bundle && bundle.Entries.FirstOrDefault(entry => asset.LocalPaths.Contains(entry.Path, StringComparer.Ordinal)) is { } bundled)
            return new ShippedFile(bundle, bundled);
        var local = asset.LocalPaths.Select(path => Path.Combine(_host.BaseDirectory, path));
        var packaged = asset.PackagePath is { } package ? _host.PackageDirectories.Select(directory => Path.Combine(directory, package, asset.Path)) : [];
        return local.Concat(packaged).FirstOrDefault(File.Exists) is { } file ? new ShippedFile(file) : null;
    }

    private ShippedFile? InFolders(IReadOnlyList<string> names, string rid, IReadOnlyList<string> folders)
    {
        var own = rid == RuntimeIds.Current
            ? folders.Concat(_host.NativeDirectories.Where(directory => !directory.StartsWith(_frameworks, StringComparison.Ordinal)))
            : [];
        var perSystem = RuntimeIds.FallBacks(rid).SelectMany(fit => folders.Select(folder => Path.Combine(folder, "runtimes", fit, "native")));
        var places = perSystem.Concat(own).ToArray();
        return names.Select(name => InFolder(places, name)).FirstOrDefault(file => file is not null && !IsRuntimes(file.Name));
    }

    /// <summary>Whether a native library in a self-contained program's folder is the runtime's own, which every node has.</summary>
    private bool IsRuntimes(string name) =>
        _isSelfContained && _dependencies.Any(asset => asset is { IsFramework: true, Kind: DependencyKind.Native } && asset.FileName == name);

    private static ShippedFile? InFolder(IEnumerable<string> folders, string path) =>
        folders.Select(folder => (File: Path.Combine(folder, path), Folder: folder)).FirstOrDefault(static place =>
            File.Exists(place.File) && Links.IsBelow(place.File, place.Folder) && BinaryFormat.IsBinary(place.File)) is { File: { } file }
                ? new ShippedFile(file) : null;

    private static bool IsBelow(string file, string directory) =>
        Path.GetFullPath(file).StartsWith(Path.GetFullPath(directory + Path.DirectorySeparatorChar), StringComparison.Ordinal);
}
