using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;

namespace Sparkish.Rpc.Local;

/// <summary>
/// Finds <c>async void</c> methods: nothing observes their completion, and without a synchronization context their exceptions terminate the process.
/// </summary>
internal static class AsyncVoid
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, string> Found = [];
    private static readonly ConditionalWeakTable<Type, object> Possible = [];
    private static readonly ConditionalWeakTable<Assembly, object> Using = [];

    /// <summary>The name of an <c>async void</c> method in an endpoint's type, its lambdas or its base types; null if there is none.</summary>
    public static string? FindIn(Type endpoint) => Found.GetValue(endpoint, static type => Search(type) ?? "") is { Length: > 0 } name ? name : null;

    /// <summary>
    /// Whether handlers of a type may start <c>async void</c> methods: its assemblies contain some, or it receives delegates, which may come from anywhere.
    /// </summary>
    public static bool IsPossibleIn(Type endpoint) =>
        (bool)Possible.GetValue(endpoint, static type => Bases(type).Any(part => IsUsedIn(part.Assembly) || part.GetFields(Declared).Any(IsDelegate)));

    private static IEnumerable<Type> Bases(Type? type)
    {
        for (; type is not null && type != typeof(RpcEndpoint); type = type.BaseType) yield return type;
    }

    private static string? Search(Type endpoint)
    {
        foreach (var type in Bases(endpoint))
        {
            var closures = type.GetNestedTypes(BindingFlags.NonPublic).Where(nested => nested.IsDefined(typeof(CompilerGeneratedAttribute)));
            var found = closures.Prepend(type).SelectMany(holder => holder.GetMethods(Declared)).FirstOrDefault(IsAsyncVoid);
            if (found is not null) return found.Name;
        }

        return null;
    }

    private static bool IsAsyncVoid(MethodInfo method) => method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute));

    private static bool IsDelegate(FieldInfo field) => typeof(Delegate).IsAssignableFrom(field.FieldType);

    /// <summary>Each such method needs a builder that the compiler names in the assembly's metadata.</summary>
    private static unsafe bool IsUsedIn(Assembly assembly) => (bool)Using.GetValue(assembly, static assembly =>
    {
        if (!assembly.TryGetRawMetadata(out var blob, out var length)) return true; // unknown, as for an assembly created at run time
        var metadata = new MetadataReader(blob, length);
        return metadata.TypeReferences.Any(handle => metadata.StringComparer.Equals(metadata.GetTypeReference(handle).Name, nameof(AsyncVoidMethodBuilder)));
    });
}
