using System.Reflection;
using System.Runtime.CompilerServices;

namespace Sparkish.Rpc.Local;

/// <summary>Finds <c>async void</c> methods: nobody sees their end, and without a synchronization context their exceptions end the process.</summary>
internal static class AsyncVoid
{
    private const BindingFlags Declared =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly ConditionalWeakTable<Type, string> Known = [];

    /// <summary>The name of such a method in a type of endpoints, its lambdas or its bases; null if there is none.</summary>
    public static string? FindIn(Type endpoint) => Known.GetValue(endpoint, static type => Search(type) ?? "") is { Length: > 0 } name ? name : null;

    private static string? Search(Type? type)
    {
        for (; type is not null && type != typeof(RpcEndpoint); type = type.BaseType)
        {
            var closures = type.GetNestedTypes(BindingFlags.NonPublic).Where(nested => nested.IsDefined(typeof(CompilerGeneratedAttribute)));
            var found = closures.Prepend(type).SelectMany(holder => holder.GetMethods(Declared)).FirstOrDefault(IsAsyncVoid);
            if (found is not null) return found.Name;
        }

        return null;
    }

    private static bool IsAsyncVoid(MethodInfo method) => method.ReturnType == typeof(void) && method.IsDefined(typeof(AsyncStateMachineAttribute));
}
