using System.Text.Json;

namespace Sparkish.Assemblies;

/// <summary>Reads a <c>deps.json</c>, which the SDK writes beside a program: the files of its dependencies.</summary>
internal static class DependencyManifest
{
    /// <summary>Returns the files for the system of the manifest, and those that packages have per system.</summary>
    /// <exception cref="SparkException">The file is not valid; the message names it.</exception>
    public static IReadOnlyList<DependencyAsset> Read(Stream json, string name)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return [.. Read(document.RootElement)];
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new SparkException($"'{name}' cannot be read as a list of dependencies: {error.Message} Build or publish the application again.", error);
        }
    }

    private static IEnumerable<DependencyAsset> Read(JsonElement root)
    {
        var target = root.GetProperty("runtimeTarget").GetProperty("name").GetString()!;
        var slash = target.IndexOf('/', StringComparison.Ordinal);
        var rid = slash < 0 ? null : target[(slash + 1)..];
        var libraries = root.GetProperty("libraries");
        foreach (var library in root.GetProperty("targets").GetProperty(target).EnumerateObject())
        {
            var description = libraries.TryGetProperty(library.Name, out var found) ? found : default;
            var package = Text(description, "path");
            var isFramework = Text(description, "type") == "runtimepack";
            foreach (var asset in Assets(library.Value, library.Name, rid)) yield return asset with { PackagePath = package, IsFramework = isFramework };
        }
    }

    private static IEnumerable<DependencyAsset> Assets(JsonElement library, string name, string? rid)
    {
        foreach (var (path, properties) in Group(library, "runtime"))
            yield return new DependencyAsset(DependencyKind.Assembly, name, path) { LocalPath = Text(properties, "localPath") };
        foreach (var (path, properties) in Group(library, "native"))
            yield return new DependencyAsset(DependencyKind.Native, name, path) { Rid = rid, LocalPath = Text(properties, "localPath") };
        foreach (var (path, properties) in Group(library, "resources"))
            yield return new DependencyAsset(DependencyKind.Satellite, name, path)
            {
                Culture = Text(properties, "locale"),
                LocalPath = Text(properties, "localPath"),
            };
        foreach (var (path, properties) in Group(library, "runtimeTargets"))
        {
            var kind = Text(properties, "assetType") == "native" ? DependencyKind.Native : DependencyKind.Assembly;
            yield return new DependencyAsset(kind, name, path) { Rid = Text(properties, "rid"), LocalPath = Text(properties, "localPath") };
        }
    }

    private static IEnumerable<(string Path, JsonElement Properties)> Group(JsonElement library, string name) =>
        library.TryGetProperty(name, out var group)
            ? group.EnumerateObject().Where(static asset => !asset.Name.EndsWith("/_._", StringComparison.Ordinal))
                .Select(static asset => (asset.Name, asset.Value))
            : [];

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) ? value.GetString() : null;
}
