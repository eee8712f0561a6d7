using System.Reflection;
using System.Runtime.Serialization;
using Sparkish.Serialization.Types;

namespace Sparkish.Serialization.Graphs;

/// <summary>
/// Finds classes whose written fields are not their whole state: some fields are excluded, and code that only old serializers call rebuilds them. Without it
/// the state would be lost.
/// </summary>
internal static class RebuiltState
{
    private const BindingFlags Declared = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Type[] Callbacks =
        [typeof(OnSerializingAttribute), typeof(OnSerializedAttribute), typeof(OnDeserializingAttribute), typeof(OnDeserializedAttribute)];

    /// <summary>The reason why objects of a type cannot be sent, without a full stop; null if they can.</summary>
    public static string? Refusal(Type type)
    {
        if (FrameworkAssemblies.Contains(type.Assembly) || type.IsAssignableTo(typeof(Exception))) return null;
        var levels = new List<Type>();
        for (var level = type; level is not null && !FrameworkAssemblies.Contains(level.Assembly); level = level.BaseType) levels.Add(level);
        if (levels.SelectMany(static level => level.GetFields(Declared)).FirstOrDefault(FieldSlot.IsIgnored) is not { } ignored) return null;
        return RebuilderOf(type, levels) is { } rebuilder
            ? $"{type} cannot be sent: {FieldSlot.NameOf(ignored)} is excluded from serialization, and {rebuilder}, which would rebuild it, is never called; "
                + "register a surrogate for the type, or give it a codec"
            : null;
    }

    // Interfaces of the framework's bases say nothing about the fields of the application's classes.
    private static string? RebuilderOf(Type type, List<Type> levels)
    {
        var ofFramework = levels[^1].BaseType?.GetInterfaces() ?? [];
        var contract = Array.Find([typeof(ISerializable), typeof(IDeserializationCallback)], candidate =>
            candidate.IsAssignableFrom(type) && !ofFramework.Contains(candidate));
        if (contract is not null) return contract.Name;
        return levels.SelectMany(static level => level.GetMethods(Declared)).FirstOrDefault(static method => Array.Exists(Callbacks, method.IsDefined))?.Name;
    }
}
