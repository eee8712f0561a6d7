namespace Sparkish.Deploy.Recovery.ZooKeeper;

/// <summary>Paths of nodes: <c>/</c>, or names with a slash before each.</summary>
internal static class ZooKeeperPath
{
    public static bool IsValid(string path) =>
        path == "/"
            || (path.StartsWith('/') && path[1..].Split('/').All(name => name is not ("" or "." or "..") && !name.AsSpan().ContainsAnyInRange('\0', '\u001f')));

    public static string Check(string path) =>
        IsValid(path)
            ? path
            : throw new ArgumentException(
                $"'{path}' is not a valid path of a node: give '/', or names that each follow a slash, such as '/spark/journals'.", nameof(path));

    /// <summary>The path of a child.</summary>
    public static string Under(string parent, string name) => parent == "/" ? "/" + name : $"{parent}/{name}";

    /// <summary>A node and the nodes above it, from the top, without the root.</summary>
    public static IEnumerable<string> WithParents(string path)
    {
        for (var slash = path.IndexOf('/', 1); slash > 0; slash = path.IndexOf('/', slash + 1)) yield return path[..slash];
        if (path != "/") yield return path;
    }
}
