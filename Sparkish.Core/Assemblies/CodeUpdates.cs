using System.Collections.Concurrent;
using System.Reflection;

namespace Sparkish.Assemblies;

/// <summary>
/// The assemblies that a hot reload has changed. It keeps their module version ids, so nothing else distinguishes the new code from the file's.
/// </summary>
internal sealed class CodeUpdates
{
    private readonly ConcurrentDictionary<Assembly, string> _changed = new();

    /// <summary>Notes a hot reload.</summary>
    /// <param name="types">The changed types; null if the runtime does not know them.</param>
    public void Add(Type[]? types)
    {
        foreach (var type in types ?? []) _changed.TryAdd(type.Assembly, type.FullName ?? type.Name);
        if (types is null or [] && Assembly.GetEntryAssembly() is { } program) _changed.TryAdd(program, "code of the program");
    }

    public string? ReasonAgainst(Assembly assembly) => _changed.TryGetValue(assembly, out var type) ? Describe(type) : null;

    /// <summary>Returns the reason why no code may be sent; null if none was changed.</summary>
    public string? Reason() => _changed.Values.Select(Describe).FirstOrDefault();

    private static string Describe(string type) =>
        $"a hot reload changed {type}, but executors run the code that the program was started with; start the application again";
}
