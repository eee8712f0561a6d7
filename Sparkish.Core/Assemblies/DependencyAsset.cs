namespace Sparkish.Assemblies;

/// <summary>A file that an application's <c>deps.json</c> names.</summary>
/// <param name="Kind">The kind of the file.</param>
/// <param name="Library">The library that contains it, such as <c>Humanizer.Core/2.14.1</c>.</param>
/// <param name="Path">Its path within the library's package, with slashes.</param>
internal sealed record DependencyAsset(DependencyKind Kind, string Library, string Path)
{
    /// <summary>The system that it is for; null if it is for all.</summary>
    public string? Rid { get; init; }

    /// <summary>The culture of a satellite assembly.</summary>
    public string? Culture { get; init; }

    /// <summary>Its path below the application's folder, if the file gives one.</summary>
    public string? LocalPath { get; init; }

    /// <summary>The library's path below a folder of packages; null if it is not in a package.</summary>
    public string? PackagePath { get; init; }

    /// <summary>Whether it belongs to the framework, which a self-contained application includes.</summary>
    public bool IsFramework { get; init; }

    /// <summary>The name of the file.</summary>
    public string FileName => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The possible paths below the application's folder: as published for one system, and as in its package.</summary>
    public IEnumerable<string> LocalPaths
    {
        get
        {
            if (LocalPath is not null) yield return LocalPath;
            yield return Culture is null ? FileName : $"{Culture}/{FileName}";
            yield return Path;
        }
    }
}

/// <summary>The kind of a dependency's file.</summary>
internal enum DependencyKind
{
    Assembly,
    Satellite,
    Native,
}
