namespace Sparkish.Serialization.Types;

/// <summary>Types by their full names, or all of a namespace and those below it: the value of a key.</summary>
internal sealed class TypeList
{
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _namespaces = [];

    /// <summary>Reads the value of a key.</summary>
    /// <exception cref="SparkException">An entry is neither the name of a type nor a namespace.</exception>
    public TypeList(string key, string value)
    {
        foreach (var entry in value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var name = entry.EndsWith(".*", StringComparison.Ordinal) ? entry[..^2] : entry;
            if (!IsName(name))
            {
                throw new SparkException(
                    $"{key} holds '{entry}', which is not a valid entry: give full names of types such as 'System.Net.IPAddress', or namespaces that end in '.*'.");
            }

            if (name.Length < entry.Length) _namespaces.Add(name);
            else _names.Add(name);
        }
    }

    public bool IsEmpty => _names.Count + _namespaces.Count == 0;

    public bool Contains(Type type)
    {
        if (IsEmpty) return false;
        var definition = type.IsConstructedGenericType ? type.GetGenericTypeDefinition() : type;
        if (definition.FullName is { } name && _names.Contains(name)) return true;
        return definition.Namespace is { } space && _namespaces.Exists(listed =>
            space.StartsWith(listed, StringComparison.Ordinal) && (space.Length == listed.Length || space[listed.Length] == '.'));
    }

    private static bool IsName(string name) =>
        name.Split('.').All(part => part.Length > 0 && part.All(static c => char.IsLetterOrDigit(c) || c is '_' or '+' or '`' or '<' or '>'));
}
